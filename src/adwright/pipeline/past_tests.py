"""Past tests out of any table that a predict recipe describes, with the predictor's prior for each variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.decide.replay import PastTest
from adwright.errors import DataError, UsageError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.frames import as_polars
from adwright.predict.outcomes import read_counts
from adwright.predict.table import Table
from adwright.schema import F64, Rate


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
        frame: polars or pandas, with a group column, trials and successes of clicks. Rows of one content in a
            group are one variant; without a content column each row is one.
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
        own = rows[places]
        variant = np.unique(table.content[own], return_inverse=True)[1].reshape(-1)
        trials = np.bincount(variant, counts.trials[own])
        if len(trials) < 2:
            continue
        clicks = np.bincount(variant, counts.successes[own])
        tests.append(PastTest(str(names[own[0]]), trials.astype(np.int64), clicks.astype(np.int64)))
        if rate is not None:
            priors.append(_of_variants(rate.take(np.array(places)), variant, counts.trials[own]))
    if not tests:
        raise DataError("no test with two variants", argument="data", value=len(groups))
    return PastTests(tests, priors if rate is not None else None)


def _of_variants(rate: Rate, variant: npt.NDArray[np.intp], trials: F64) -> Rate:
    """One row a variant: the mean over its rows, weighted by trials; k and level are the content's own."""
    first = np.unique(variant, return_index=True)[1]
    weight = np.maximum(trials, 1e-9)
    mean = np.bincount(variant, weight * rate.mean) / np.bincount(variant, weight)
    return replace(rate.take(first), mean=mean)
