"""A table made ready for fitting or judging: its blocks, who shares a content or a level, its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.features import strings
from adwright.predict.frames import check_columns, sortable_time
from adwright.predict.outcomes import Counts, read_counts
from adwright.predict.prepared import prepare
from adwright.predict.recipe import PredictRecipe
from adwright.predict.rows import Index, Rows
from adwright.schema import F64, Bools
from adwright.stats.blocks import split_blocks

_TIME_BINS = 20
"""Where there is no group column, rows of one of so many stretches of time share a level."""

_TIME = "\x00time"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A checked table.

    Args:
        frame: (n, ...) rows.
        recipe: What its columns mean.
        times: (n,) sortable times; None without a time column.
        content: (n,) content numbers; the row's own number without a content column.
        group: (n,) numbers of the groups; None without a group column.
        notes: What could not be read.
        effective: By rate, outcomes whose trials count as far as a success would have been seen.
    """

    frame: pl.DataFrame
    recipe: PredictRecipe
    times: pl.Series | None
    content: Index
    group: Index | None
    notes: tuple[str, ...] = ()
    effective: Mapping[str, Counts] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pl.DataFrame, recipe: PredictRecipe) -> Table:
        """The table, its columns checked; raises `DataError` for an absent one or an unreadable time."""
        columns = recipe.columns
        check_columns(frame, [*recipe.needed, columns.time, columns.content, columns.group, *columns.within])
        if not frame.height:
            raise DataError("the table has no rows", argument="data", value=frame.shape)
        prepared = prepare(frame, recipe)
        frame = prepared.frame
        content = np.arange(frame.height)
        if columns.content is not None:
            content = _numbered(strings(frame, columns.content))
        group = None if columns.group is None else _numbered(strings(frame, columns.group))
        times = sortable_time(frame, recipe)
        return cls(frame, recipe, times, content, group, notes=prepared.notes)

    def blocks(self, seed: int) -> npt.NDArray[np.str_]:
        """(n,) train, tune, calibrate or test."""
        split, columns = self.recipe.split, self.recipe.columns
        order = split.order or ("rows" if self.times is None else "time")
        place = pl.Series(_TIME, np.arange(self.frame.height))
        frame = pl.DataFrame([place if self.times is None else self.times.alias(_TIME)])
        if columns.group is not None:
            frame = frame.with_columns(self.frame[columns.group])
        found = split_blocks(
            frame,
            time=_TIME if order == "time" and self.times is not None else None,
            group=columns.group,
            shares=split.shares,
            order=order,
            seed=seed,
        )
        return found.to_numpy().astype(np.str_)

    def level(self, rows: Bools) -> Index | None:
        """(rows,) numbers of what shares a level: the group, else a stretch of time, else nothing."""
        if self.group is not None:
            return self.group[rows]
        if self.times is None:
            return None
        rank = self.times.filter(pl.Series(rows)).rank("ordinal").to_numpy().astype(np.int64) - 1
        return np.asarray(rank * _TIME_BINS // max(len(rank), 1))

    def rows(self, name: str, block: Bools, x: Any) -> tuple[Rows, npt.NDArray[np.intp]]:
        """The rows of a block that have outcomes of the rate `name`, and their places in the block.

        Args:
            name: click or conversion.
            block: (n,) which rows.
            x: (sum of block, p) their features.
        """
        counts = self.counts(name)
        place = np.flatnonzero(counts.known[block])
        level, siblings, days = self.level(block), self.pair_key(), self.days()
        rows = Rows(
            x=x[place],
            successes=counts.successes[block][place],
            trials=counts.trials[block][place],
            content=self.content[block][place],
            group=None if level is None else level[place],
            knows_content=not counts.labelled or self.recipe.columns.content is not None,
            frame=self.features(block)[place],
            siblings=None if siblings is None else siblings[block][place],
            time=None if days is None else days[block][place],
        )
        return rows, place

    def counts(self, name: str) -> Counts:
        """The outcomes of the rate `name`; raises as `read_counts`."""
        return self.effective[name] if name in self.effective else read_counts(self.frame, self.recipe, name)

    def days(self) -> F64 | None:
        """(n,) times as numbers, for the level to follow; None where blocks are not in order of time."""
        if self.times is None or self.recipe.split.order == "rows":
            return None
        times = self.times
        if not times.dtype.is_numeric():
            times = times.dt.epoch("us") / 86_400_000_000
        return times.cast(pl.Float64).to_numpy()

    def features(self, rows: Bools) -> pl.DataFrame:
        """(rows, ...) the columns that scoring needs."""
        return self.frame.select(list(self.recipe.inputs)).filter(rows)

    def pair_key(self) -> Index | None:
        """(n,) numbers of what two compared texts share: group and the columns of `within`."""
        if self.group is None:
            return None
        key = self.group
        for name in self.recipe.columns.within:
            other = _numbered(strings(self.frame, name))
            key = np.unique(key * (int(other.max()) + 1) + other, return_inverse=True)[1].reshape(-1)
        return key

    def text_key(self) -> Index:
        """(n,) numbers of the texts: rows with the same have nothing to compare."""
        key = np.zeros(self.frame.height, np.intp)
        for name in self.recipe.columns.text:
            other = _numbered([value or "" for value in strings(self.frame, name)])
            key = np.unique(key * (int(other.max()) + 1) + other, return_inverse=True)[1].reshape(-1)
        return key if self.recipe.columns.text else np.arange(self.frame.height)


def _numbered(values: list[str | None]) -> Index:
    """(n,) a number a distinct value; every null is a value of its own."""
    place: dict[object, int] = {}
    out = np.empty(len(values), np.intp)
    for row, value in enumerate(values):
        out[row] = place.setdefault(("null", row) if value is None else value, len(place))
    return out
