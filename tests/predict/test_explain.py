import numpy as np
import polars as pl
import pytest

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.explain import explain_row
from predict.synthetic_table import WORDS, click_recipe, draw_table

RNG = np.random.default_rng


def explain(row, roles, score, averages=None, n_orders=200):
    return explain_row(
        pl.DataFrame(row), roles, averages or {}, lambda f: {"click": score(f)}, n_orders=n_orders, rng=RNG(0)
    )


def share(found, part):
    return found.filter(part=part)["log_odds"][0]


def test_shares_of_a_sum_are_its_terms():
    """On an additive model Shapley values are the terms themselves, and so is each ablation."""

    def score(frame):
        cheap = frame["t"].str.contains("cheap").to_numpy() * -0.3
        return (
            cheap + (frame["a"] == "x").fill_null(value=False).to_numpy() * 0.5 + 0.1 * frame["z"].to_numpy()
        )

    found = explain(
        {"t": ["a cheap shirt"], "a": ["x"], "z": [7.0]},
        {"t": "text", "a": "categorical", "z": "numeric"},
        score,
        {"z": 2.0},
        n_orders=4,
    )
    assert share(found, "cheap") == pytest.approx(-0.3)
    assert share(found, "x") == pytest.approx(0.5)
    assert share(found, "7.0") == pytest.approx(0.5)
    assert found["log_odds"].to_numpy() == pytest.approx(found["alone"].to_numpy())
    assert found["error"].max() == pytest.approx(0, abs=1e-12)


def test_two_words_that_only_count_together_share_evenly():
    """v(both) = 1, else 0: Shapley gives each a half, while taking either out alone costs the whole."""

    def score(frame):
        return frame["t"].str.contains("not.*bad").to_numpy().astype(float)

    found = explain({"t": ["not so bad"]}, {"t": "text"}, score)
    for word in ("not", "bad"):
        row = found.filter(part=word)
        assert row["log_odds"][0] == pytest.approx(0.5, abs=4 * row["error"][0] + 1e-9)
        assert row["alone"][0] == 1.0
    assert share(found, "so") == 0.0


def test_shares_add_up_to_what_sets_the_row_apart_from_an_empty_one():
    frame, _ = draw_table(4, n_groups=100)
    predictor = Predictor.fit(frame, PredictRecipe.of(click_recipe()))
    found = predictor.explain(frame[:3], n_orders=3)
    full = predictor._log_odds(frame[:3].select("text"))["click"]
    empty = predictor._log_odds(pl.DataFrame({"text": [""]}))["click"]
    total = found.group_by("row", maintain_order=True).agg(pl.col("log_odds").sum())["log_odds"]
    assert total.to_numpy() == pytest.approx(full - empty, abs=1e-9)


def test_the_words_that_were_given_an_effect_stand_first_and_agree_with_their_ablation():
    frame, _ = draw_table(4, n_groups=200)
    predictor = Predictor.fit(frame, PredictRecipe.of(click_recipe()))
    found = predictor.explain(pl.DataFrame({"text": ["wonderful dorti mipra boring tekno"]}), n_orders=8)
    assert set(found["part"][:2]) == {"wonderful", "boring"}
    for word in ("wonderful", "boring"):
        row = found.filter(part=word)
        assert np.sign(row["log_odds"][0]) == np.sign(row["alone"][0]) == np.sign(WORDS[word])


def test_shares_agree_with_ablation_over_many_rows():
    """TF-IDF scales a word by the length of its text, so the two are not equal; they order parts alike."""
    from scipy import stats

    frame, _ = draw_table(4, n_groups=200)
    predictor = Predictor.fit(frame, PredictRecipe.of(click_recipe()))
    found = predictor.explain(frame[:25], n_orders=4)
    agreement = stats.spearmanr(found["log_odds"].to_numpy(), found["alone"].to_numpy()).statistic
    assert agreement > 0.9


def test_han_characters_are_parts_and_a_long_text_keeps_the_number_of_parts():
    found = explain(
        {"t": ["好用 bag"]}, {"t": "text"}, lambda f: f["t"].str.len_chars().to_numpy() * 1.0, n_orders=2
    )
    assert set(found["part"]) == {"好", "用", "bag"}
    long = explain({"t": ["word " * 5000]}, {"t": "text"}, lambda f: np.zeros(f.height), n_orders=2)
    assert long.height <= 64


@pytest.mark.parametrize("text", [None, ""])
def test_an_empty_text_is_explained_by_the_other_columns(text):
    row = {"t": pl.Series([text], dtype=pl.String), "a": ["x"]}
    found = explain(
        row,
        {"t": "text", "a": "categorical"},
        lambda f: (f["a"] == "x").fill_null(value=False).to_numpy() * 1.0,
    )
    assert found.height == 1
    assert found["log_odds"][0] == 1.0
