"""When tuning is due."""

import numpy as np
import polars as pl
import pytest

from adwright.learn.tuning import TuneConfig
from adwright.learn.tuning.watch import TuneScore, due, score_on_tune
from adwright.predict import PredictRecipe
from predict.synthetic_table import WORDS, click_recipe, draw_table


def score(explained: float, se: float = 0.01) -> TuneScore:
    return TuneScore(target="click", explained=explained, se=se, n=100)


def test_a_score_below_the_threshold_is_due_only_once_that_is_sure() -> None:
    config = TuneConfig(min_score=0.1)
    assert due(score(0.12), None, config) is None
    assert due(score(0.09), None, config) is None  # 0.09 + 1.64 x 0.01 is above 0.1
    found = due(score(0.08), None, config)
    assert found is not None
    assert found.bound == pytest.approx(0.08 + 1.645 * 0.01, abs=1e-4)
    assert "0.0800" in str(found)
    assert due(score(0.0999), None, TuneConfig(min_score=0.1, confidence=0.5)) is not None
    assert due(score(0.0, se=float("inf")), None, config) is None


def test_a_fall_has_to_be_both_large_and_sure() -> None:
    config = TuneConfig(max_fall=0.05)
    assert due(score(0.20), None, config) is None
    assert due(score(0.20), score(0.24), config) is None  # sure, not large
    assert due(score(0.20, 0.1), score(0.30), config) is None  # large, not sure
    found = due(score(0.20), score(0.30), config)
    assert found is not None
    assert found.bound == pytest.approx(0.1 - 1.645 * 0.01 * 2**0.5, abs=1e-4)
    assert "from 0.3000 to 0.2000" in str(found)
    assert due(score(0.30), score(0.20), config) is None
    other = TuneScore(target="conversion", explained=0.9, se=0.0, n=5)
    assert due(score(0.20), other, config) is None


def test_a_score_goes_into_a_card_and_comes_back() -> None:
    for held in (score(0.2), score(0.2, float("inf"))):
        assert TuneScore.from_json(held.to_json()) == held
    assert score(0.2, float("inf")).to_json()["se"] is None


RECIPE = PredictRecipe.of(
    click_recipe(model={"ridges": [10.0], "char_ngrams": [0, 0], "word_ngrams": [1, 1]})
)
WATCH = TuneConfig(min_score=0.2, max_fall=0.15)
N_SEEDS = 12


def scored(frame: pl.DataFrame, recipe: PredictRecipe = RECIPE) -> TuneScore:
    return score_on_tune(frame, recipe, WATCH, seed=0)


def table(seed: int, n_groups: int = 120, words: dict | None = None) -> pl.DataFrame:
    return draw_table(seed, n_groups=n_groups, per_group=4, words=words)[0]


@pytest.fixture(scope="module")
def healthy() -> list[tuple[TuneScore, TuneScore]]:
    """For each seed, the score of a shop's table, and that of the same shop with a quarter more tests."""
    pairs = []
    for seed in range(N_SEEDS):
        whole = table(seed, 150)
        first = whole.filter(pl.col("day") < 120)
        pairs.append((scored(first), scored(whole)))
    return pairs


def test_a_healthy_model_is_left_alone(healthy: list[tuple[TuneScore, TuneScore]]) -> None:
    fired = [due(now, before, WATCH) for before, now in healthy]
    assert sum(f is not None for f in fired) == 0, [str(f) for f in fired if f]


def test_settings_that_were_made_worse_are_found(healthy: list[tuple[TuneScore, TuneScore]]) -> None:
    worse = PredictRecipe.of(
        click_recipe(
            model={"ridges": [1e6], "char_ngrams": [0, 0], "word_ngrams": [0, 0], "min_char_texts": 2}
        )
    )
    for seed, (before, _) in enumerate(healthy):
        found = due(scored(table(seed, 150), worse), before, WATCH)
        assert found is not None, seed


def test_words_that_change_their_meaning_are_found(healthy: list[tuple[TuneScore, TuneScore]]) -> None:
    turned = {word: -effect for word, effect in WORDS.items()}
    fired = []
    for seed, (before, _) in enumerate(healthy):
        old = table(seed, 120).filter(pl.col("day") < 72)
        new = table(seed + 100, 120, words=turned).filter(pl.col("day") >= 72)
        later = new.with_columns(pl.col("test") + "b", pl.col("content") + "b")
        fired.append(due(scored(pl.concat([old, later])), before, WATCH) is not None)
    assert np.mean(fired) >= 0.9, fired
