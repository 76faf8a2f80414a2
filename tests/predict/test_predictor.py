from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.schema import Effect
from adwright.stats.rates import marginal
from predict.synthetic_table import WORDS, click_recipe, draw_table

RECIPE = PredictRecipe.of(click_recipe())
FRAME, MEAN = draw_table(0, n_groups=300)


@pytest.fixture(scope="module")
def fitted():
    return Predictor.fit(FRAME, RECIPE, seed=0)


def fit(frame, **changes):
    return Predictor.fit(frame, PredictRecipe.of(click_recipe(**changes)))


# --- the model of section 2, on data drawn from it ----------------------------------------------


def test_the_concentration_and_the_level_are_recovered(fitted):
    """270 contents in 45 groups on calibrate: 1 / k within a factor of 1.5, the level within 35 %
    (three standard errors of a standard deviation from 45 draws, 1 / sqrt(90) each, and some bias)."""
    effects = fitted.parts.rates["click"].effects
    assert 1 / 1.5 < effects.variance * 50 < 1.5
    assert effects.level_sd == pytest.approx(0.4, rel=0.35)


def test_the_words_effects_are_recovered(fitted):
    base = fitted.score(pl.DataFrame({"text": ["blara dorno"], "content": ["a"]})).click.mean[0]
    for word, effect in WORDS.items():
        if abs(effect) < 0.25:
            continue
        with_word = fitted.score(pl.DataFrame({"text": [f"{word} blara dorno"], "content": ["a"]}))
        assert np.sign(np.log(with_word.click.mean[0] / base)) == np.sign(effect)


def test_the_marginal_covers_on_fresh_data(fitted):
    """Counts of 1,800 fresh contents in 300 fresh groups; with a design effect of 6 the standard error is at
    most 1.8 %, and the fitted level has an error of its own: 6 %."""
    fresh, _ = draw_table(7, n_groups=300)
    scored = fitted.score_frame(fresh)
    covered = (fresh["y"] >= scored["k_low"]) & (fresh["y"] <= scored["k_high"])
    assert covered.mean() == pytest.approx(0.9, abs=0.06)


def test_the_content_effect_alone_covers_on_fresh_data(fitted):
    """Without a level in the draws, Gamma(k, k) alone must hold the latent contrast r: 90 % within its quantiles."""
    from scipy import stats

    k = float(np.median(fitted.score(FRAME[:500]).click.k))
    r = np.random.default_rng(3).gamma(50, 1 / 50, 20_000)
    low, high = stats.gamma.ppf([0.05, 0.95], k, scale=1 / k)
    assert np.mean((r > low) & (r < high)) == pytest.approx(0.9, abs=0.07)


def test_a_null_world_gives_predictions_that_hardly_differ():
    frame, _ = draw_table(5, words=dict.fromkeys(WORDS, 0.0))
    score = np.log(fit(frame).score(frame).click.mean)
    assert np.std(score) < 0.05


# --- blocks -------------------------------------------------------------------------------------


def test_nothing_of_the_test_block_is_seen(tmp_path):
    """Its outcomes are permuted and its texts replaced: every file of the model stays as it was."""
    frame, _ = draw_table(2, n_groups=60)
    test = frame["day"] >= frame["day"].quantile(0.87)
    rng = np.random.default_rng(0)
    shuffled = frame.with_columns(
        y=pl.when(test).then(pl.Series(rng.permutation(frame["y"].to_numpy()))).otherwise("y"),
        text=pl.when(test).then(pl.lit("leak leak")).otherwise("text"),
    )
    assert (frame["y"] != shuffled["y"]).any()
    for name, table in (("a", frame), ("b", shuffled)):
        fit(table).save(tmp_path / name)
    for file in ("values.json", "arrays.npz"):
        a, b = ((tmp_path / name / file) for name in "ab")
        if file.endswith("json"):
            assert a.read_bytes() == b.read_bytes()
        else:
            one, two = np.load(a), np.load(b)
            assert all(np.array_equal(one[key], two[key]) for key in one.files)


def test_evaluate_judges_the_test_block_of_its_own_table_and_all_of_another(fitted):
    own = fitted.evaluate(FRAME, n_boot=50)
    assert own["n_rows"] == fitted.card["n_rows"]["test"]
    assert own["split"].startswith("test block")
    fresh, _ = draw_table(8, n_groups=30)
    other = fitted.evaluate(fresh, n_boot=50)
    assert other["n_rows"] == fresh.height
    assert "other than the one fitted on" in other["split"]


def test_trained_through_is_the_last_time_before_the_test_block():
    start = datetime(2025, 1, 1, tzinfo=UTC)
    frame, _ = draw_table(2, n_groups=60)
    frame = frame.with_columns(day=pl.Series([start + timedelta(days=d) for d in frame["day"]]))
    predictor = fit(frame, columns={"time_format": "auto"})
    n_seen = sum(predictor.card["n_rows"][name] for name in ("train", "tune", "calibrate"))
    assert predictor.trained_through == frame["day"].sort()[n_seen - 1]
    assert predictor.score(frame).trained_through == predictor.trained_through


# --- scoring ------------------------------------------------------------------------------------


def test_score_gives_an_effect_with_one_entry_a_row_in_order(fitted):
    effect = fitted.score(FRAME)
    assert isinstance(effect, Effect)
    assert effect.content_ids == tuple(FRAME["content"])
    order = np.random.default_rng(0).permutation(FRAME.height)
    shuffled = fitted.score(FRAME[order.tolist()])
    assert np.array_equal(shuffled.click.mean, effect.click.mean[order])
    assert effect.in_domain.mean() > 0.97


def test_score_frame_adds_the_promised_columns_and_keeps_the_rows(fitted):
    part = FRAME[:300]
    scored = fitted.score_frame(part)
    assert scored.columns == [
        *FRAME.columns, "p", "p_low", "p_high", "alpha", "beta", "k_content", "k_low", "k_high", "in_domain",
    ]  # fmt: skip
    assert scored.select(FRAME.columns).equals(part)
    assert (scored["p_low"] < scored["p"]).all()
    assert (scored["p"] < scored["p_high"]).all()
    assert np.allclose(scored["alpha"] / (scored["alpha"] + scored["beta"]), scored["p"])
    assert "k_low" not in fitted.score_frame(part.drop("n", "y")).columns


def test_scoring_twice_or_after_loading_gives_the_same_bits(fitted, tmp_path):
    fitted.save(tmp_path / "click" / "3")
    loaded = Predictor.load(tmp_path / "click" / "3")
    assert loaded.version == "click@3"
    assert loaded.recipe == fitted.recipe
    assert loaded.card == fitted.card
    first = fitted.score_frame(FRAME[:300])
    assert first.equals(fitted.score_frame(FRAME[:300]))
    assert first.equals(loaded.score_frame(FRAME[:300]))


def test_the_same_seed_gives_the_same_model():
    frame, _ = draw_table(2, n_groups=40)
    a, b = fit(frame).score(frame).click.mean, fit(frame).score(frame).click.mean
    assert np.array_equal(a, b)


def test_a_strange_text_is_less_certain_and_a_foreign_one_much_less(fitted):
    texts = ["wonderful secret blara dorno", "wonderful zzyx qwop blara", "完全不同的文案"]
    frame = pl.DataFrame({"text": texts, "content": ["a", "b", "c"]})
    effect = fitted.score(frame)
    assert effect.in_domain.tolist()[2] is False
    assert effect.click.k[0] > effect.click.k[1] > effect.click.k[2]
    shown = marginal(effect.click)
    width = shown.p_high / shown.p_low
    assert width[0] < width[1] < width[2]


def test_chunks_change_nothing(fitted, monkeypatch):
    whole = fitted.score(FRAME[:200])
    monkeypatch.setattr("adwright.predict.predictor._CHUNK", 64)
    assert np.allclose(fitted.score(FRAME[:200]).click.mean, whole.click.mean, rtol=1e-12)


def test_pandas_gives_what_polars_gives(fitted):
    small = FRAME[:400]
    assert fitted.score_frame(small.to_pandas()).equals(fitted.score_frame(small))
    assert np.array_equal(fit(small.to_pandas()).score(small).click.mean, fit(small).score(small).click.mean)


# --- bad input ----------------------------------------------------------------------------------


def test_empty_null_and_huge_texts_are_scored(fitted):
    frame = pl.DataFrame(
        {
            "text": ["", None, "   ", "a" * 1_000_000, "secret " * 100_000, "\x00\u202e😀"],
            "content": list("abcdef"),
        }
    )
    effect = fitted.score(frame)
    assert np.isfinite(effect.click.mean).all()
    assert np.isfinite(effect.click.k).all()


def test_no_rows_score_to_no_rows(fitted):
    assert fitted.score_frame(FRAME.head(0)).height == 0


def test_an_absent_column_is_one_line_with_the_nearest(fitted):
    with pytest.raises(DataError, match=r"no column 'text'.*Did you mean 'texts'"):
        fitted.score(FRAME.rename({"text": "texts"}))
    with pytest.raises(DataError, match="no column 'test'"):
        fit(FRAME.drop("test"))


@pytest.mark.parametrize("n_rows", [0, 1, 30])
def test_too_few_rows_are_one_line(n_rows):
    with pytest.raises(DataError):
        fit(FRAME.head(n_rows))


def test_no_click_at_all_is_a_small_constant_with_a_warning():
    frame, _ = draw_table(2, n_groups=40)
    predictor = fit(frame.with_columns(y=0))
    mean = predictor.score(frame).click.mean
    assert np.ptp(mean) == 0
    assert 0 < mean[0] < 1e-4
    assert "the rate is a constant" in predictor.warnings[0]


def test_columns_that_never_change_are_no_trouble():
    frame, _ = draw_table(2, n_groups=40)
    frame = frame.with_columns(text=pl.lit("same"), c=pl.lit("x"), x=pl.lit(1.0), z=pl.lit(None, pl.Float64))
    predictor = fit(frame, columns={"categorical": ["c"], "numeric": ["x", "z"]})
    effect = predictor.score(frame.with_columns(c=pl.lit("new"), x=pl.lit(float("nan"))))
    assert np.isfinite(effect.click.mean).all()


def test_labels_without_content_leave_alpha_and_beta_null_with_a_warning():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"x": rng.standard_normal(400), "y": rng.integers(0, 2, 400)})
    recipe = PredictRecipe.of({"columns": {"numeric": ["x"]}, "targets": {"click": {"label": "y"}}})
    predictor = Predictor.fit(frame, recipe)
    scored = predictor.score_frame(frame)
    for column in ("alpha", "beta", "k_content", "p_low", "p_high"):
        assert scored[column].null_count() == 400
    assert scored["p"].null_count() == 0
    assert "cannot be known" in predictor.warnings[0]
    assert predictor.score(frame).content_ids[:2] == ("row_0", "row_1")


# --- conversion and value -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop():
    frame, _ = draw_table(11, n_groups=200, trials=6000)
    rng = np.random.default_rng(1)
    bait = frame["text"].str.contains("secret").to_numpy()
    orders = rng.binomial(frame["y"].to_numpy(), np.where(bait, 0.06, 0.12))
    value = orders * 5000 + np.round(np.sqrt(orders) * 1500 * rng.standard_normal(len(orders)))
    frame = frame.with_columns(orders=pl.Series(orders), value=pl.Series(value).cast(pl.Int64))
    recipe = click_recipe(
        targets={
            "conversion": {"trials": "y", "successes": "orders"},
            "order_value": {"sum_minor": "value", "count": "orders", "currency": "CNY"},
        }
    )
    return frame, Predictor.fit(frame, PredictRecipe.of(recipe))


def test_all_three_parts_are_learned(shop):
    frame, predictor = shop
    effect = predictor.score(frame)
    bait = frame["text"].str.contains("secret").to_numpy()
    assert effect.click.mean[bait].mean() > 1.1 * effect.click.mean[~bait].mean()
    assert effect.conversion.mean[bait].mean() < 0.75 * effect.conversion.mean[~bait].mean()
    assert effect.order_value.mean_minor.mean() == pytest.approx(5000, rel=0.05)
    assert effect.order_value.currency == "CNY"
    assert -1 <= effect.correlation <= 1


def test_the_second_rate_and_the_value_have_columns_of_their_own(shop):
    frame, predictor = shop
    scored = predictor.score_frame(frame[:100])
    assert {"p", "conversion_p", "conversion_k_low", "order_value_minor", "order_value_sd_minor"} <= set(
        scored.columns
    )


def test_all_parts_are_judged_and_survive_saving(shop, tmp_path):
    frame, predictor = shop
    found = predictor.evaluate(frame, n_boot=50)["targets"]
    assert set(found) == {"click", "conversion", "order_value", "purchase"}
    assert found["order_value"]["n_orders"] > 0
    predictor.save(tmp_path / "m")
    loaded = Predictor.load(tmp_path / "m")
    assert loaded.score_frame(frame[:100]).equals(predictor.score_frame(frame[:100]))


def test_a_channel_without_clicks_has_conversion_given_exposure(shop):
    frame, _ = shop
    recipe = click_recipe()
    recipe["targets"] = {"conversion": {"trials": "n", "successes": "orders"}}
    predictor = Predictor.fit(frame, PredictRecipe.of(recipe))
    effect = predictor.score(frame)
    assert effect.click is None
    assert effect.conversion.mean.mean() == pytest.approx(frame["orders"].sum() / frame["n"].sum(), rel=0.2)
    assert "p" in predictor.score_frame(frame[:100]).columns
