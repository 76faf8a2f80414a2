"""Starting from a model trained elsewhere."""

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.linear_source import LinearTerm
from adwright.predict.models import transfer
from adwright.predict.models.choice import warm_kinds
from adwright.predict.warm_start import linear_sources
from predict.synthetic_table import WORDS, click_recipe, draw_table

RECIPE = PredictRecipe.of(click_recipe(model={"char_ngrams": [0, 0]}))
ELSEWHERE = PredictRecipe.of(click_recipe(columns={"text": ["headline"]}, model={"char_ngrams": [0, 0]}))


def source_of(seed: int = 7, words: dict | None = None) -> Predictor:
    frame, _ = draw_table(seed, n_groups=300, words=words)
    return Predictor.fit(frame.rename({"text": "headline"}), ELSEWHERE)


@pytest.fixture(scope="module")
def good() -> Predictor:
    """Of another shop where words do the same; its text column has another name."""
    return source_of()


@pytest.fixture(scope="module")
def misleading() -> Predictor:
    """Of another shop where words do the opposite."""
    return source_of(words={word: -effect for word, effect in WORDS.items()})


def few(seed: int, n_groups: int = 20) -> pl.DataFrame:
    return draw_table(seed, n_groups=n_groups, per_group=4)[0]


def ordered(model: Predictor, seed: int) -> float:
    """How well it orders contents of new tests by their true rate."""
    frame, truth = draw_table(seed + 500, n_groups=150)
    return float(np.corrcoef(np.log(model.score(frame).click.mean), np.log(truth))[0, 1])


def test_with_few_tests_of_ones_own_a_shop_alike_helps(good: Predictor) -> None:
    gains = []
    for seed in range(5):
        cold, warm = Predictor.fit(few(seed), RECIPE), Predictor.fit(few(seed), RECIPE, source=good)
        gains.append(ordered(warm, seed) - ordered(cold, seed))
    assert min(gains) > -0.02
    assert np.mean(gains) > 0.1


def test_a_shop_that_is_no_guide_is_ignored(misleading: Predictor) -> None:
    losses = []
    for seed in range(5):
        frame = few(seed, 40)
        cold, warm = Predictor.fit(frame, RECIPE), Predictor.fit(frame, RECIPE, source=misleading)
        assert warm.card["metrics"]["click"]["strength_of_the_source"] == 0.0
        losses.append(ordered(cold, seed) - ordered(warm, seed))
    assert np.abs(losses).max() < 0.05


def test_ignoring_the_source_is_the_cold_fit(misleading: Predictor) -> None:
    frame = few(0, 40)
    cold, warm = Predictor.fit(frame, RECIPE), Predictor.fit(frame, RECIPE, source=misleading)
    own, chosen = cold.card["metrics"]["click"], warm.card["metrics"]["click"]
    assert chosen["ridges_chosen_on_tune"]["cold"] == own["ridge_chosen_on_tune"]
    assert chosen["share_of_the_warm_fit"] == 0.0
    np.testing.assert_allclose(warm.score(frame).click.mean, cold.score(frame).click.mean, rtol=2e-3)


def test_a_warm_model_is_saved_whole_and_needs_its_source_no_more(good: Predictor, tmp_path) -> None:
    frame = few(1)
    warm = Predictor.fit(frame, RECIPE, source=good)
    warm.save(tmp_path / "m")
    again = Predictor.load(tmp_path / "m")
    np.testing.assert_array_equal(again.score(frame).click.mean, warm.score(frame).click.mean)
    assert again.card["started_from"]["data_digest"] == good.card["data_digest"]
    assert again.parts.rates["click"].model.models["transfer"].strength[0] > 0
    assert again.explain(frame.head(1)).height > 0


def test_a_warm_model_may_itself_be_a_source(good: Predictor) -> None:
    middle = Predictor.fit(few(1), RECIPE, source=good)
    source = linear_sources(middle.parts, middle.recipe, RECIPE)["click"]
    assert len(source.terms) == 2
    assert source.terms[1].columns == {"headline": "text"}
    frame = few(2)
    score = middle.parts.rates["click"].score(middle.parts.features.transform(frame), frame.select("text"))[0]
    slope = middle.parts.rates["click"].slope
    said = source.score(frame)
    np.testing.assert_allclose(said - said.mean(), slope * (score - score.mean()), atol=1e-9)


def test_the_recipe_may_name_the_source(good: Predictor, tmp_path) -> None:
    good.save(tmp_path / "elsewhere")
    named = PredictRecipe.of(
        click_recipe(model={"char_ngrams": [0, 0], "warm_start": str(tmp_path / "elsewhere")})
    )
    frame = few(1)
    by_name, by_hand = Predictor.fit(frame, named), Predictor.fit(frame, RECIPE, source=good)
    np.testing.assert_array_equal(by_name.score(frame).click.mean, by_hand.score(frame).click.mean)


def test_columns_that_only_one_side_has_are_no_error(good: Predictor) -> None:
    frame = few(1).with_columns(colour=pl.Series(["red", "blue"] * 40))
    recipe = PredictRecipe.of(
        click_recipe(columns={"categorical": ["colour"]}, model={"char_ngrams": [0, 0]})
    )
    wide = Predictor.fit(frame, recipe, source=good)
    assert wide.score(frame).click.mean.shape == (80,)
    back = Predictor.fit(few(2), RECIPE, source=wide)
    assert np.isfinite(back.score(few(3)).click.mean).all()


def test_a_source_of_a_source_that_shares_no_column_says_nothing() -> None:
    """A model of words that was started from one of colours: here are words alone."""
    colours = few(4).with_columns(colour=pl.Series(["red", "blue"] * 40))
    by_colour = PredictRecipe.of(click_recipe(columns={"text": [], "categorical": ["colour"]}))
    both = PredictRecipe.of(click_recipe(columns={"categorical": ["colour"]}, model={"char_ngrams": [0, 0]}))
    first = Predictor.fit(colours, by_colour)
    second = Predictor.fit(few(5).with_columns(colour=pl.Series(["red", "blue"] * 40)), both, source=first)
    inner = second.parts.rates["click"].model.models["transfer"]
    features = LinearTerm(inner.source.terms[0].features, {}, inner.source.terms[0].beta)
    frame = few(6)
    assert features.score(frame).tolist() == [0.0] * frame.height


@pytest.mark.parametrize("slope", [-1.0, 1.0])
def test_a_source_and_a_cold_fit_that_are_both_liked_backwards_leave_the_cold_fit(
    good: Predictor, monkeypatch, slope: float
) -> None:
    monkeypatch.setattr(transfer, "logistic_slope", lambda *_, **__: (0.0, slope, 0.3))
    predictor = Predictor.fit(few(1), RECIPE, source=good)
    share = predictor.card["metrics"]["click"]["share_of_the_warm_fit"]
    assert share == (0.0 if slope < 0 else 0.5)
    assert np.isfinite(predictor.score(few(2)).click.mean).all()
    assert np.abs(predictor.parts.rates["click"].model.models["transfer"].beta[0]).max() > 0


def test_nothing_in_common_is_an_error_that_says_so(good: Predictor) -> None:
    frame = few(1).with_columns(colour=pl.Series(["red", "blue"] * 40))
    recipe = PredictRecipe.of(click_recipe(columns={"text": [], "categorical": ["colour"]}))
    with pytest.raises(DataError, match="shares no column"):
        Predictor.fit(frame, recipe, source=good)


def test_a_source_without_a_linear_part_is_an_error() -> None:
    frame, _ = draw_table(1, n_groups=150)
    trees = Predictor.fit(
        frame,
        PredictRecipe.of(click_recipe(model={"kind": ["gbdt"], "gbdt": {"n_rounds": 5, "n_members": 2}})),
    )
    with pytest.raises(DataError, match="no linear part"):
        Predictor.fit(few(1), RECIPE, source=trees)


def test_no_outcome_counts_twice() -> None:
    frame = few(1)
    with pytest.raises(DataError, match="was fitted on this table"):
        Predictor.fit(frame, RECIPE, source=Predictor.fit(frame, RECIPE))


def test_transfer_without_a_source_says_how_to_name_one() -> None:
    recipe = PredictRecipe.of(click_recipe(model={"kind": ["transfer"]}))
    with pytest.raises(DataError, match="--from MODEL"):
        Predictor.fit(few(1), recipe)


def test_other_models_keep_their_place_beside_it() -> None:
    assert warm_kinds(("logistic",)) == ("transfer",)
    assert warm_kinds(("encoder", "pairwise")) == ("encoder", "transfer")
