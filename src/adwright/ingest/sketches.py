"""Counts of a column that never grow: missing values, the values of a small column, distinct values.

Holds when: values are spread over the hash evenly. Does not cover: columns that are one giant text.
The distinct count is the k-minimum-values estimate (Bar-Yossef et al. 2002); its relative standard error
is about 1 / sqrt(k - 2), 3 % here, and it is exact below k.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.stats.stability import stability_index

KEPT_HASHES = 1024
SMALL_COLUMN = 50
"""A column of at most so many values in a chunk is compared value by value."""


@dataclass(frozen=True, slots=True)
class ColumnSketch:
    """What is remembered of one column of a part of the file."""

    n_rows: int
    n_missing: int
    values: Counter[str] | None
    hashes: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, column: pl.Series) -> ColumnSketch:
        """The sketch of a column."""
        present = column.drop_nulls()
        distinct = present.unique()
        values: Counter[str] | None = None
        if column.dtype == pl.String and distinct.len() <= SMALL_COLUMN:
            counted = present.value_counts()
            values = Counter(dict(zip(counted[column.name], counted["count"], strict=True)))
        hashes = np.sort(distinct.hash(seed=0).to_numpy())[:KEPT_HASHES]
        return cls(column.len(), column.len() - present.len(), values, hashes)

    def __add__(self, other: ColumnSketch) -> ColumnSketch:
        values = None
        if self.values is not None and other.values is not None:
            values = self.values + other.values
            values = values if len(values) <= SMALL_COLUMN else None
        hashes = np.union1d(self.hashes, other.hashes)[:KEPT_HASHES]
        return ColumnSketch(self.n_rows + other.n_rows, self.n_missing + other.n_missing, values, hashes)

    @property
    def missing_share(self) -> float:
        """The part of the rows without a value."""
        return self.n_missing / self.n_rows if self.n_rows else 0.0

    @property
    def n_distinct(self) -> int:
        """How many distinct values there are, exact below 1,024, else an estimate."""
        if len(self.hashes) < KEPT_HASHES:
            return len(self.hashes)
        return round((KEPT_HASHES - 1) / (float(self.hashes[-1]) / 2.0**64))


def population_stability(first: Counter[str], last: Counter[str]) -> float:
    """The population stability index between two counts: sum of (p - q) ln(p / q), each share + 1/2 a row.

    >>> round(population_stability(Counter(a=75, b=25), Counter(a=25, b=75)), 3)
    1.075
    """
    values = sorted(first.keys() | last.keys())
    return float(stability_index([first[v] for v in values], [last[v] for v in values]))
