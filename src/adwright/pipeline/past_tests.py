"""Past tests out of any table that a predict recipe describes, with the predictor's prior for each variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adwright.decide.replay import PastTest
from adwright.errors import DataError, UsageError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.frames import as_polars
from adwright.predict.outcomes import read_counts
from adwright.predict.table import Table
from adwright.schema import Rate


@dataclass(frozen=True, slots=True, eq=False)
class PastTests:
    """Whole tests, in order of time.

    Args:
        tests: n tests of two variants or more.
        priors: n predicted rates, one row a variant; None without a predictor.
    """

    tests: Sequence[PastTest]
    priors: Sequence[Rate] | None


def past_tests(frame: Any, recipe: PredictRecipe, predictor: Predictor | None) -> PastTests:
    """The tests of a table; with a predictor only those of which no row is within its training time.

    Args:
        frame: polars or pandas: a row a variant, with a group column, trials and successes of clicks.
        recipe: What its columns mean.
        predictor: For the priors; None for none.

    Raises:
        UsageError: the recipe has no group, or no clicks with trials.
        DataError: no test is left.
    """
    click = recipe.targets.click
    if recipe.columns.group is None or click is None or click.trials is None:
        raise UsageError(
            "a replay needs tests: a group column, and trials and successes of clicks",
            argument="recipe",
            value={"group": recipe.columns.group, "click": click},
        )
    polars = as_polars(frame)
    table = Table.of(polars, recipe)
    assert table.group is not None
    counts = read_counts(polars, recipe, "click")
    usable = np.asarray(counts.known).copy()
    if predictor is not None:
        if predictor.trained_through is None or table.times is None:
            raise UsageError(
                "without times nobody knows which tests the model has seen", argument="time", value=None
            )
        usable &= (table.times > predictor.trained_through).to_numpy()
    bad = np.unique(table.group[~usable])
    rows = np.flatnonzero(~np.isin(table.group, bad))
    if not len(rows):
        raise DataError("no test after the model's training data", argument="data", value=polars.height)
    rate = None if predictor is None else predictor.score(polars[rows]).click
    order = (
        np.arange(len(rows))
        if table.times is None
        else np.argsort(table.times.to_numpy()[rows], kind="stable")
    )
    groups: dict[int, list[int]] = {}
    for place in order:
        groups.setdefault(int(table.group[rows[place]]), []).append(int(place))
    tests, priors = [], []
    names = polars[recipe.columns.group].cast(str).to_list()
    for places in groups.values():
        if len(places) < 2:
            continue
        own = rows[places]
        tests.append(
            PastTest(
                str(names[own[0]]),
                counts.trials[own].astype(np.int64),
                counts.successes[own].astype(np.int64),
            )
        )
        if rate is not None:
            priors.append(rate.take(np.array(places)))
    if not tests:
        raise DataError("no test with two variants", argument="data", value=len(groups))
    return PastTests(tests, priors if rate is not None else None)
