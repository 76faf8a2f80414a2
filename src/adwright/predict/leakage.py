"""Does a feature know the future? What is found is a warning that names the column; nothing is left out for it.

A column is suspect where
- it is an outcome, or the time of one;
- it holds times later than those of its rows;
- alone, on rows that it was not fitted to, it tells successes from failures as no feature does: an AUC of 0.98 or
  more with one label a row; with counts, a misfit of less than half of what chance alone makes (Pearson's chi-square
  over rows, which is one where the true rates are known);
- whether it is missing does so: it is filled in after the fact.
And a content (without a group column, a text) of calibrate's that training has seen is nothing new to the model: its
spread between contents is then that of contents that it knows.

Holds when: there are some dozens of outcomes. Does not cover: a column that leaks a little, or only with others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import optimize

from adwright.predict.features import numbers, strings
from adwright.predict.outcomes import Counts
from adwright.predict.recipe import PredictRecipe
from adwright.predict.table import Table
from adwright.schema import F64, Bools
from adwright.stats.ranking import auc

SUSPECT_AUC = 0.98
SUSPECT_MISFIT = 0.5
MIN_EVENTS = 20
KNOWN_SHARE = 0.2
"""Share of calibrate's rows whose content or text training has seen, from which a warning says so."""

_LATE_SHARE = 0.01
_MAX_ROWS = 50_000


def find_leaks(table: Table, blocks: npt.NDArray[np.str_], *, seed: int) -> list[str]:
    """Warnings about columns that know the future and about blocks that share contents; no test row is looked at.

    Args:
        table: The data.
        blocks: (n,) block names.
        seed: Of the rows drawn where there are many.
    """
    rows = np.flatnonzero(blocks != "test")
    if len(rows) > _MAX_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MAX_ROWS, replace=False))
    frame, recipe = table.frame[rows], table.recipe
    found = [f"column '{name}' is an outcome and a feature" for name in _outcomes_as_features(recipe)]
    found += _late_columns(table, rows)
    named = {line.split("'")[1] for line in found}
    for name in recipe.rates:
        counts = table.counts(name).take(rows)
        for column, what in _telling(frame, recipe, counts):
            if column not in named:
                found.append(f"column '{column}' {what} of '{name}': does it know the outcome?")
                named.add(column)
    return [*found, *_shared(table, blocks)]


def _outcomes_as_features(recipe: PredictRecipe) -> list[str]:
    outcomes: set[str | None] = set()
    for target in recipe.rates.values():
        outcomes |= {target.label, target.successes}
        if target.delay is not None:
            outcomes |= {target.delay.succeeded}
    if (order := recipe.targets.order_value) is not None:
        outcomes |= {order.label, order.sum_minor, order.count}
    return [name for name in recipe.features if name in outcomes]


def _late_columns(table: Table, rows: npt.NDArray[np.intp]) -> Iterator[str]:
    """Feature columns of times that come after their row's."""
    if table.times is None or table.times.dtype.is_numeric():
        return
    at = table.times[rows]
    for name in table.recipe.features:
        held = _as_times(table.frame[name][rows])
        if held is None:
            continue
        late = float((held > at).fill_null(value=False).to_numpy().mean())
        if late >= _LATE_SHARE:
            yield f"column '{name}' holds times later than the row's own in {late:.0%} of the rows"


def _as_times(column: pl.Series) -> pl.Series | None:
    """The column as aware times; None where it is none."""
    try:
        if column.dtype == pl.String:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
        if not column.dtype.is_temporal() or column.dtype in (pl.Time, pl.Duration):
            return None
        if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
            return column.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
        return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    except (pl.exceptions.PolarsError, ValueError):
        return None


def _telling(frame: pl.DataFrame, recipe: PredictRecipe, counts: Counts) -> Iterator[tuple[str, str]]:
    """(column, what it does) for each feature that alone tells too much."""
    known = np.flatnonzero(counts.known)
    y, n = counts.successes[known], counts.trials[known]
    if min(y.sum(), (n - y).sum()) < MIN_EVENTS:
        return
    part = frame[known]
    for name, role in recipe.roles.items():
        if role in ("sequence", "image"):
            continue  # their numbers stand beside them
        missing = part[name].is_null().to_numpy()
        if role == "numeric":
            value = numbers(part, [name])[:, 0]
            missing = np.isnan(value)
            guesses = [_by_number(np.where(missing, np.nan, value), y, n)]
        else:
            guesses = [_by_category(strings(part, name), y, n)]
        if _tells(guesses[0], y, n, labelled=counts.labelled):
            yield name, "alone foretells nearly every outcome"
        elif 0 < missing.sum() < len(missing) and _tells(
            _by_category([str(v) for v in missing], y, n), y, n, labelled=counts.labelled
        ):
            yield name, "is missing as the outcome goes, and so foretells nearly every one"


def _tells(rate: F64, y: F64, n: F64, *, labelled: bool) -> bool:
    """Whether held-out rates are too good to be true; rows without one (NaN) are left out."""
    rows = np.isfinite(rate)
    if rows.mean() < 0.5 or min(y[rows].sum(), (n - y)[rows].sum()) < MIN_EVENTS:
        return False
    rate, y, n = np.clip(rate[rows], 1e-9, 1 - 1e-9), y[rows], n[rows]
    if labelled:
        return bool(auc(rate, y, trials=np.maximum(n, y))[0] >= SUSPECT_AUC)
    rich = n * rate * (1 - rate) > 1.0  # below, chance and knowledge look alike
    if rich.sum() < MIN_EVENTS:
        return False
    misfit = (y - n * rate) ** 2 / (n * rate * (1 - rate))
    return bool(np.mean(misfit[rich]) < SUSPECT_MISFIT)


def _halves(size: int) -> tuple[Bools, Bools]:
    even = np.arange(size) % 2 == 0
    return even, ~even


def _by_category(values: list[str | None], y: F64, n: F64) -> F64:
    """(n,) the rate of the row's value among the rows of the other half; NaN where it is not there."""
    index = np.unique([v or "" for v in values], return_inverse=True)[1].reshape(-1)
    out, size = np.full(len(y), np.nan), int(index.max()) + 1
    for here in _halves(len(y)):
        trials = np.bincount(index[~here], n[~here], size)
        hits = np.bincount(index[~here], y[~here], size)
        rate = np.divide(hits, trials, out=np.full(size, np.nan), where=trials > 0)
        out[here] = rate[index[here]]
    return out


def _by_number(value: F64, y: F64, n: F64) -> F64:
    """(n,) the rate that rises, or falls, with the value, as the other half has it; NaN where there is no value."""
    out = np.full(len(y), np.nan)
    held = np.isfinite(value)
    for here in _halves(len(y)):
        rest = held & ~here
        if rest.sum() < 2:
            continue
        order = np.flatnonzero(rest)[np.argsort(value[rest], kind="stable")]
        ways = [
            optimize.isotonic_regression(y[order] / n[order], weights=n[order], increasing=rising)
            for rising in (True, False)
        ]
        losses = [float(np.sum(n[order] * (y[order] / n[order] - way.x) ** 2)) for way in ways]
        fitted = ways[int(np.argmin(losses))].x
        where = here & held
        out[where] = np.interp(value[where], value[order], fitted)
    return out


def _shared(table: Table, blocks: npt.NDArray[np.str_]) -> Iterator[str]:
    """What training and calibrate have in common."""
    train, calibrate = blocks == "train", blocks == "calibrate"
    columns = table.recipe.columns
    keys = {}
    if columns.content is not None:
        keys[f"'{columns.content}'"] = table.content
    if columns.text and columns.group is None:
        keys["text"] = table.text_key()
    for name, key in keys.items():
        share = float(np.isin(key[calibrate], key[train]).mean())
        if share >= KNOWN_SHARE:
            yield (
                f"{share:.0%} of calibrate's rows have a {name} that stands in train too: "
                "the spread is that of contents the model has seen"
                + (
                    "; where new ones will be scored, name what they share as `group`"
                    if columns.group is None
                    else ""
                )
            )
