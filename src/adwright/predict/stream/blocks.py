"""Which block a row is in, told from the row alone: limits of time, or a hash.

In order of time the limits are quantiles of a sample of times; whole groups go where their latest row goes, so that
nothing in an earlier block is younger than what comes after, which takes 16 bytes a group. At random a row, or its
group, is hashed with the seed. A row without a group is one of its own. Nothing is shuffled, so a second pass gives
every row the same block.

Holds when: the sample of times is large (its quantiles err by some .1 %). Does not cover: exact shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.frames import sortable_time
from adwright.predict.hashing import as_text, stable_hash
from adwright.predict.recipe import PredictRecipe
from adwright.predict.stream.batches import ParquetBatches
from adwright.schema import F64

NAMES = ("train", "tune", "calibrate", "test")
TIMES_SAMPLED = 200_000

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class BlockRule:
    """Rows -> blocks.

    Args:
        recipe: Its split.
        seed: Of the hash.
        limits: (3,) upper limits of train, tune and calibrate: times, or shares of the hash's range.
        by_time: Whether the limits are times.
        groups: (g,) hashes of the groups, sorted; empty where none are needed.
        latest: (g,) times of their latest rows.
    """

    recipe: PredictRecipe
    seed: int
    limits: F64
    by_time: bool
    groups: Hashes
    latest: F64

    @classmethod
    def learn(cls, data: ParquetBatches, recipe: PredictRecipe, seed: int) -> BlockRule:
        """From one pass over the times and groups, where blocks go by time; from nothing else.

        Raises:
            DataError: a row without a time, where blocks go by time.
        """
        shares = np.cumsum(np.asarray(recipe.split.shares) / np.sum(recipe.split.shares))[:3]
        columns = recipe.columns
        by_time = columns.time is not None and recipe.split.order != "rows"
        none = np.zeros(0, np.uint64), np.zeros(0)
        if not by_time:
            return cls(recipe, seed, shares, False, *none)
        rng = np.random.default_rng(seed)
        sample, groups, latest = [], *none
        share = min(1.0, TIMES_SAMPLED / max(data.n_rows, 1))
        wanted = [str(columns.time), *([columns.group] if columns.group is not None else [])]
        for frame in data.frames(wanted):
            days = _days(frame, recipe)
            kept = days[rng.random(len(days)) < share]
            sample.append(kept)
            if columns.group is not None:
                keys = stable_hash(as_text(frame[columns.group]), "group")
                groups, latest = _latest(np.append(groups, keys), np.append(latest, days))
        times = np.concatenate(sample) if sample else np.zeros(0)
        if not len(times):
            raise DataError("no row has a time", argument=str(columns.time), value=None)
        return cls(recipe, seed, np.quantile(times, shares), True, groups, latest)

    def of(self, frame: pl.DataFrame, first_row: int) -> npt.NDArray[np.str_]:
        """(n,) block names.

        Args:
            frame: Consecutive rows.
            first_row: The number of the first of them in the table.
        """
        place = self._position(frame, first_row)
        return np.asarray(NAMES, np.str_)[
            np.searchsorted(self.limits, place, side="right" if not self.by_time else "left")
        ]

    def _position(self, frame: pl.DataFrame, first_row: int) -> F64:
        group = self.recipe.columns.group
        alone = np.ones(frame.height, np.bool_) if group is None else frame[group].is_null().to_numpy()
        if self.by_time:
            days = _days(frame, self.recipe)
            if group is None:
                return days
            keys = stable_hash(as_text(frame[group]), "group")
            return np.where(alone, days, self.latest[np.searchsorted(self.groups, keys)])
        number = pl.Series("row", np.arange(first_row, first_row + frame.height))
        keys = stable_hash(number.cast(pl.String), f"split {self.seed}")
        if group is not None:
            keys = np.where(alone, keys, stable_hash(as_text(frame[group]), f"split {self.seed}"))
        return np.asarray(keys >> np.uint64(11), np.float64) / 2**53


def _days(frame: pl.DataFrame, recipe: PredictRecipe) -> F64:
    times = sortable_time(frame, recipe)
    assert times is not None
    if times.dtype.is_temporal():
        times = times.dt.epoch("us")
    days = times.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    if n_missing := int(np.isnan(days).sum()):
        raise DataError(
            f"{n_missing} rows have no time",
            argument=str(recipe.columns.time),
            hint='Use split.order = "rows", or leave them out',
        )
    return days


def _latest(keys: Hashes, times: F64) -> tuple[Hashes, F64]:
    """Each key once, sorted, with the greatest of its times."""
    order = np.lexsort((times, keys))
    keys, times = keys[order], times[order]
    last = np.append(keys[1:] != keys[:-1], True)
    return keys[last], times[last]
