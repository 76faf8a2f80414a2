from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.leakage import find_leaks
from adwright.predict.table import Table
from predict.synthetic_table import click_recipe, draw_table

START = datetime(2025, 3, 1, tzinfo=UTC)


def labels(seed=0, n=3000):
    """One label a row, an honest number, an honest category, and columns that know the label."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    y = (rng.random(n) < 1 / (1 + np.exp(1.5 - 1.5 * x))).astype(int)
    return pl.DataFrame(
        {
            "x": x,
            "kind": [f"k{i}" for i in rng.integers(0, 30, n)],
            "basket": y * rng.uniform(1, 50, n),
            "stage": np.where(y == 1, rng.choice(["paid", "packed"], n), rng.choice(["open", "lost"], n)),
            "receipt": pl.Series(np.where(y == 1, rng.uniform(size=n), np.nan)).fill_nan(None),
            "at": [START + timedelta(hours=i) for i in range(n)],
            "y": y,
        }
    )


def leaks(frame, **columns):
    recipe = PredictRecipe.of(
        {"columns": {"time": "at", **columns}, "targets": {"click": {"label": "y"}}, "min_rows": 10}
    )
    table = Table.of(frame, recipe)
    return find_leaks(table, table.blocks(0), seed=0)


def test_honest_columns_are_not_accused():
    assert leaks(labels(), numeric=["x"], categorical=["kind"]) == []
    frame, _ = draw_table(0)
    table = Table.of(frame, PredictRecipe.of(click_recipe()))
    assert find_leaks(table, table.blocks(0), seed=0) == []


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"numeric": ["basket"]}, "column 'basket' alone foretells"),
        ({"categorical": ["stage"]}, "column 'stage' alone foretells"),
        ({"numeric": ["receipt"]}, "column 'receipt' is missing as the outcome goes"),
        ({"numeric": ["y"]}, "column 'y' is an outcome and a feature"),
    ],
)
def test_a_column_that_knows_the_outcome_is_named(columns, match):
    (said,) = leaks(labels(), **columns)
    assert match in said


def test_times_after_the_rows_own_are_named():
    frame = labels().with_columns(
        shown=pl.col("at") - pl.duration(hours=1),
        closed=(pl.col("at") + pl.duration(days=2)).dt.to_string("iso:strict"),
    )
    (said,) = leaks(frame, categorical=["shown", "closed"])
    assert "'closed' holds times later than the row's own in 100% of the rows" in said


@pytest.mark.parametrize("column", ["y", "rate"])
def test_counts_that_fit_better_than_chance_allows_are_named(column):
    """A feature that is the click rate itself, and the clicks under another name where trials are equal."""
    frame, _ = draw_table(1, n_groups=60)
    rng = np.random.default_rng(0)
    n = 3000
    y = rng.binomial(n, 0.02 * rng.gamma(20, 1 / 20, frame.height))
    frame = frame.with_columns(n=pl.lit(n), y=pl.Series(y), copy=pl.Series(y if column == "y" else y / n))
    recipe = PredictRecipe.of(click_recipe(columns={"numeric": ["copy"]}))
    table = Table.of(frame, recipe)
    (said,) = find_leaks(table, table.blocks(0), seed=0)
    assert "column 'copy' alone foretells" in said


def test_the_true_rate_is_not_accused():
    """Whoever knows the rates still errs by chance: chi-square over rows is one."""
    frame, mean = draw_table(1, n_groups=100, level_sd=0.0, k=1e9)
    frame = frame.with_columns(truth=pl.Series(mean))
    table = Table.of(frame, PredictRecipe.of(click_recipe(columns={"numeric": ["truth"]})))
    assert find_leaks(table, table.blocks(0), seed=0) == []


def test_outcomes_of_the_test_block_are_not_looked_at():
    """A column that knows the label in the test block alone."""
    frame = labels()
    late = np.arange(frame.height) > 0.86 * frame.height
    y = frame["y"].to_numpy()
    spread = np.where(late, y * 100.0, frame["x"].to_numpy())
    assert leaks(frame.with_columns(x=pl.Series(spread)), numeric=["x"]) == []


def test_contents_on_both_sides_of_a_block_are_said():
    frame, _ = draw_table(2, n_groups=60)
    again = pl.concat([frame, frame.with_columns(test=pl.col("test") + "b", day=pl.col("day") + 60)])
    table = Table.of(again, PredictRecipe.of(click_recipe()))
    found = find_leaks(table, table.blocks(0), seed=0)
    assert any("'content' that stands in train too" in line for line in found)
    assert not any("text" in line for line in found)
    alone = PredictRecipe.of(click_recipe(columns={"group": None, "content": None}))
    found = find_leaks(Table.of(again, alone), table.blocks(0), seed=0)
    assert any("text that stands in train too" in line and "`group`" in line for line in found)


def test_the_card_carries_the_warnings():
    recipe = PredictRecipe.of(
        {
            "columns": {"numeric": ["basket", "x"], "time": "at"},
            "targets": {"click": {"label": "y"}},
            "model": {"kind": ["logistic"], "n_members": 2},
        }
    )
    model = Predictor.fit(labels(), recipe)
    assert any("'basket'" in line for line in model.warnings)
    assert not any("'x'" in line for line in model.warnings)
