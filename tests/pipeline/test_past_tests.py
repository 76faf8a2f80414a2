from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.pipeline.past_tests import past_tests
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.recipe import Columns, RateTarget, Split, Targets


def table(n_tests: int = 80) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for test in range(n_tests):
        for variant in range(3):
            good = rng.random() < 0.5
            clicks = rng.binomial(2000, 0.02 * (1.4 if good else 1.0))
            text = f"{'free gift' if good else 'buy now'} {variant} {rng.integers(50)}"
            rows.append((text, test, 201301 + test % 52 + 100 * (test // 52), 2000, int(clicks)))
    return pl.DataFrame(rows, schema=["headline", "test", "week", "n", "y"], orient="row")


RECIPE = PredictRecipe(
    columns=Columns(text=("headline",), time="week", time_format="yearweek", group="test"),
    targets=Targets(click=RateTarget(trials="n", successes="y")),
    split=Split(order="time", shares=(0.5, 0.15, 0.2, 0.15)),
)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.fit(table(), RECIPE)


def test_only_whole_tests_after_the_training_data_are_replayed(predictor: Predictor) -> None:
    frame = table()
    found = past_tests(frame, RECIPE, predictor)
    assert found.priors is not None
    assert len(found.tests) == len(found.priors) == 12
    assert {t.id for t in found.tests} <= {str(i) for i in range(60, 80)}
    for test, rate in zip(found.tests, found.priors, strict=True):
        own = frame.filter(pl.col("test") == int(test.id))
        assert test.clicks.tolist() == own["y"].to_list()
        np.testing.assert_allclose(rate.mean, predictor.score(own).click.mean)  # type: ignore[union-attr]


def test_without_a_model_all_tests_are_there_in_order_of_time() -> None:
    found = past_tests(table(), RECIPE, None)
    assert len(found.tests) == 80
    assert found.priors is None
    assert [t.id for t in found.tests[:3]] == ["0", "1", "2"]


def test_a_table_of_the_training_time_alone_is_refused(predictor: Predictor) -> None:
    with pytest.raises(DataError, match="no test after"):
        past_tests(table().filter(pl.col("test") < 40), RECIPE, predictor)


def test_a_recipe_without_tests_is_refused() -> None:
    with pytest.raises(UsageError, match="group"):
        past_tests(
            table(),
            PredictRecipe(columns=Columns(text=("headline",)), targets=RECIPE.targets),
            None,
        )


def test_rows_of_one_content_are_one_variant() -> None:
    frame = table(20).with_columns(ad=pl.col("headline").str.slice(0, 8))
    recipe = PredictRecipe(
        columns=Columns(text=("headline",), time="week", time_format="yearweek", group="test", content="ad"),
        targets=RECIPE.targets,
    )
    found = past_tests(frame, recipe, None)
    for test in found.tests:
        own = frame.filter(pl.col("test") == int(test.id)).group_by("ad").agg(pl.col("n", "y").sum())
        assert sorted(test.impressions.tolist()) == sorted(own["n"].to_list())
        assert test.clicks.sum() == own["y"].sum()
