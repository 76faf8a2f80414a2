"""Behaviour sequences as the fusion network reads them: buckets and ages, padded to the longest of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

N_AGES = 12
"""Classes of age: 0 for an unknown one, then half an hour and less, and so on by factors of 3."""

_FIRST_DAYS, _FACTOR = 1 / 48, 3.0

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """n sequences: (n, l) `bucket`, -1 where there is no event, and (n, l) class of `age`."""

    bucket: Ids
    age: Ids

    def take(self, rows: Ids) -> Events:
        """The same for some of the rows, no longer than the longest of them."""
        bucket = self.bucket[rows]
        longest = int((bucket >= 0).sum(axis=1).max(initial=0))
        return Events(bucket[:, :longest], self.age[rows][:, :longest])


def event_values(column: pl.Series) -> pl.Series:
    """Every event's value of a sequence column that has been read, one after the other."""
    return _flat(column).struct.field("value").alias("value")


def read_events(column: pl.Series, bucket: Callable[[pl.Series], Ids]) -> Events:
    """The sequences of a column that has been read, their newest event first.

    Args:
        column: (n,) lists of (value, age in days), the newest last.
        bucket: Values -> buckets.
    """
    size = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = _flat(column)
    shape = (len(size), int(size.max(initial=0)))
    found, age = np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    row = np.repeat(np.arange(len(size)), size)
    from_end = np.repeat(np.cumsum(size), size) - 1 - np.arange(int(size.sum()))
    found[row, from_end] = bucket(flat.struct.field("value"))
    age[row, from_end] = _age_class(
        flat.struct.field("age").cast(pl.Float64).fill_null(float("nan")).to_numpy()
    )
    return Events(found, age)


def _flat(column: pl.Series) -> pl.Series:
    return column.filter(column.list.len() > 0).explode()


def _age_class(days: npt.NDArray[np.float64]) -> Ids:
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.floor(np.log(np.maximum(days, 1e-9) / _FIRST_DAYS) / np.log(_FACTOR)) + 2
    return np.where(np.isfinite(days), np.clip(np.nan_to_num(step), 1, N_AGES - 1), 0).astype(np.int64)
