"""How long conversions take, learned together with how many there will be.

The delay of a conversion is Weibull (shape 1 is exponential), of which a row shows only what came while it was
watched. With F its distribution function, e the time watched and d the delay seen,

    L = prod over conversions  p f(d)  x  prod over the others  (1 - p F(e))

Without the second factor fresh clicks pass for failures, and without the first the delay is not known. p is a
penalised logistic regression on the features; shape and scale maximise L given p, in turn.

Source: Chapelle 2014, Modeling Delayed Feedback in Display Advertising, KDD, eq. 8 to 13 (exponential there).
Holds when: the delay is the same for all rows, and some rows were watched for most of it.
Does not cover: a share of conversions that nobody has waited for: its size is then a guess, and a warning says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import optimize

from adwright.errors import DataError
from adwright.predict.frames import check_columns
from adwright.predict.observation.observation_config import DelayColumns
from adwright.predict.rows import Index
from adwright.schema import F64, Bools

_MAX_ROWS = 100_000  # enough for a shape and a scale
RIPE = 0.8
"""Share of the delays that are over, from which a row counts as ripe."""


@dataclass(frozen=True, slots=True)
class WeibullDelay:
    """F(e) = 1 - exp(-(e / scale)^shape); the unit is that of the times, days for datetimes."""

    shape: float
    scale: float

    def over(self, watched: F64) -> F64:
        """(n,) probability that a delay is over after so long."""
        return np.asarray(-np.expm1(-((np.maximum(watched, 0.0) / self.scale) ** self.shape)))

    def log_density(self, delay: F64) -> F64:
        """(n,) of the delays; one of 0 counts as a thousandth of the scale."""
        ratio = np.maximum(delay / self.scale, 1e-3)
        return np.asarray(
            np.log(self.shape / self.scale) + (self.shape - 1) * np.log(ratio) - ratio**self.shape
        )

    def refitted(self, mean: F64, hit: F64, watched: F64, delay: F64) -> WeibullDelay:
        """The most likely shape and scale given the rates; arguments as `read_delays` gives them."""
        late, n_late = _some(np.flatnonzero(hit == 0))
        some, n_seen = _some(np.flatnonzero(hit > 0))
        over, rate, seen = watched[late], mean[late], delay[some]

        def loss(theta: F64) -> float:
            held = WeibullDelay(float(np.exp(theta[0])), float(np.exp(theta[1])))
            prior = float(theta[0] / 0.7) ** 2 / 2  # a shape within a factor of two of the exponential's
            known = n_seen * held.log_density(seen).sum()
            return prior - float(known + n_late * np.log1p(-rate * held.over(over)).sum())

        start = np.log([self.shape, self.scale])
        best = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
        shape, scale = np.exp(np.clip(best.x, [-2.0, start[1] - 5.0], [2.0, start[1] + 5.0]))
        return WeibullDelay(float(shape), float(scale))


def _some(rows: Index) -> tuple[Index, int]:
    """At most some `_MAX_ROWS` of the rows, and how many each of them stands for."""
    every = max(1, len(rows) // _MAX_ROWS)
    return rows[::every], every


@dataclass(frozen=True, slots=True, eq=False)
class Delays:
    """Of n rows: (n,) time watched, (n,) delay seen (0 where there was no success)."""

    watched: F64
    delay: F64


def read_delays(frame: pl.DataFrame, columns: DelayColumns, hit: F64, known: F64) -> Delays:
    """The times of the rows; those without an outcome are watched for no time.

    Args:
        frame: (n, ...) rows.
        columns: Which are the times.
        hit: (n,) 1 where there was a success.
        known: (n,) 1 where there is an outcome.

    Raises:
        DataError: an absent column, a time that cannot be read, a success without a time or before its beginning.
    """
    began = _times(frame, columns.began)
    succeeded = _times(frame, columns.succeeded)
    if columns.until is None:
        until = np.full(frame.height, np.nanmax(np.r_[began, succeeded, -np.inf]))
    else:
        until = _times(frame, columns.until)
    here, won = known > 0, (known > 0) & (hit > 0)
    _refuse(here & np.isnan(began), frame, columns.began, "a time in every row with an outcome")
    _refuse(won & np.isnan(succeeded), frame, columns.succeeded, "a time in every row with a success")
    _refuse(won & (succeeded < began), frame, columns.succeeded, f"not before {columns.began}")
    _refuse(won & (succeeded > until), frame, columns.succeeded, "not later than one has looked")
    early = here & ~won & (succeeded <= until)
    _refuse(early, frame, columns.succeeded, "null, or later than one has looked, where there is no success")
    _refuse(here & ~(until >= began), frame, columns.until or columns.began, f"not before {columns.began}")
    watched = np.where(here, until - np.where(here, began, 0.0), 0.0)
    return Delays(watched, np.where(won, succeeded - began, 0.0))


def _times(frame: pl.DataFrame, name: str) -> F64:
    """(n,) times in days, or in the unit of a column of numbers; NaN for null."""
    check_columns(frame, [name])
    column = frame[name]
    try:
        if column.dtype == pl.String:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
        if column.dtype.is_temporal():
            column = column.cast(pl.Datetime("us")).dt.epoch("us") / 86_400_000_000
        return column.cast(pl.Float64).to_numpy().astype(np.float64)
    except (pl.exceptions.PolarsError, ValueError, OverflowError) as error:
        bad = next((v for v in column.to_list() if v is not None), None)
        raise DataError(
            f"cannot read column '{name}' as times",
            argument=name,
            value=bad,
            allowed="ISO texts, datetimes or numbers",
        ) from error


def _refuse(bad: Bools, frame: pl.DataFrame, name: str, allowed: str) -> None:
    if np.any(bad):
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"row {row} of column '{name}'", argument=name, value=str(frame[name][row]), allowed=allowed
        )
