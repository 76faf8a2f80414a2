"""Outcomes out of a table: counts of successes and trials a row, and order values, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.frames import check_columns
from adwright.predict.recipe import PredictRecipe, RateTarget
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """One rate's outcomes.

    Args:
        successes: (n,) counts; 0 where not known.
        trials: (n,) counts, or what they are worth; 0 where there is no outcome, so that the row counts for nothing.
        labelled: True where the table has one label a row.
    """

    successes: F64
    trials: F64
    labelled: bool

    def take(self, index: npt.NDArray[Any]) -> Counts:
        """The same for a subset of the rows."""
        return Counts(self.successes[index], self.trials[index], self.labelled)

    @property
    def known(self) -> Bools:
        """(n,) rows with at least one trial."""
        return np.asarray(self.trials > 0)


@dataclass(frozen=True, slots=True, eq=False)
class OrderTotals:
    """Order values: (n,) sums in minor units and (n,) numbers of orders, 0 where there were none."""

    sum_minor: F64
    count: F64


def read_counts(frame: pl.DataFrame, recipe: PredictRecipe, name: str) -> Counts:
    """The outcomes of the rate target `name`.

    With one label a row and a click target, a conversion counts only where there was a click.

    Raises:
        DataError: an absent column, a label other than 0, 1, true, false or null, a count that is negative
            or not whole, more successes than trials.
    """
    target = recipe.rates[name]
    if target.label is not None:
        counts = _from_labels(frame, target.label)
        click = recipe.targets.click
        if name == "conversion" and click is not None and click.label is not None:
            clicked = _from_labels(frame, click.label).successes > 0
            return Counts(counts.successes * clicked, counts.trials * clicked, labelled=True)
        return counts
    return _from_counts(frame, target)


def read_orders(frame: pl.DataFrame, recipe: PredictRecipe) -> OrderTotals:
    """The order values; raises `DataError` for an absent column, a text, or a negative number of orders."""
    target = recipe.targets.order_value
    if target is None:
        raise DataError("the recipe has no order value", argument="targets.order_value", value=None)
    if target.label is not None:
        value = _numbers(frame, target.label) * target.minor_per_unit
        had_order = np.isfinite(value) & (value != 0)
        return OrderTotals(np.where(had_order, value, 0.0), had_order.astype(np.float64))
    total = _numbers(frame, target.sum_minor) * target.minor_per_unit
    count = _numbers(frame, target.count)
    _reject(count < 0, target.count, count, "0 or more orders")
    known = np.isfinite(total) & (np.nan_to_num(count) > 0)
    return OrderTotals(np.where(known, total, 0.0), np.where(known, count, 0.0))


def read_trials(frame: pl.DataFrame, target: RateTarget) -> F64 | None:
    """The trials column alone, to scale intervals to; None where the target has labels or it is absent."""
    if target.trials is None or target.trials not in frame.columns:
        return None
    trials = _numbers(frame, target.trials)
    _reject(trials < 0, target.trials, trials, "0 or more trials")
    return np.floor(trials)


def _from_labels(frame: pl.DataFrame, column: str) -> Counts:
    label = _numbers(frame, column)
    _reject(~np.isin(label, (0.0, 1.0)) & ~np.isnan(label), column, label, "0, 1, true, false or null")
    known = np.isfinite(label)
    return Counts(np.where(known, label, 0.0), known.astype(np.float64), labelled=True)


def _from_counts(frame: pl.DataFrame, target: RateTarget) -> Counts:
    trials, successes = _numbers(frame, target.trials), _numbers(frame, target.successes)
    for name, values in ((target.trials, trials), (target.successes, successes)):
        _reject(
            (values < 0) | (values != np.floor(values)) & np.isfinite(values), name, values, "whole counts"
        )
    known = np.isfinite(trials) & np.isfinite(successes) & (trials > 0)
    _reject(known & (successes > trials), target.successes, successes, f"at most {target.trials}")
    return Counts(np.where(known, successes, 0.0), np.where(known, trials, 0.0), labelled=False)


def _numbers(frame: pl.DataFrame, column: str | None) -> F64:
    """The column as float64 with NaN for null; raises `DataError` for what is no number."""
    check_columns(frame, [column])
    values = frame[str(column)]
    try:
        numbers = values.cast(pl.Float64, strict=True)
    except (pl.exceptions.PolarsError, TypeError) as error:
        loose = values.cast(pl.Float64, strict=False) if values.dtype == pl.String else None
        bad = values[0] if loose is None else values.filter(loose.is_null() & values.is_not_null())[0]
        raise DataError(
            f"column '{column}' holds what is no number", argument=str(column), value=bad
        ) from error
    array = numbers.to_numpy().astype(np.float64)
    if np.any(np.isinf(array)):
        raise DataError(f"column '{column}' holds an infinite number", argument=str(column), value="inf")
    return array


def _reject(bad: Bools, column: str | None, values: F64, allowed: str) -> None:
    if np.any(bad):
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"row {row} of column '{column}'", argument=str(column), value=float(values[row]), allowed=allowed
        )
