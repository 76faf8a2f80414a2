"""The training rows of a large table: a sample that fits into memory, and all of them, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.exposures import Exposures, read_exposures
from adwright.predict.hashing import as_text, stable_hash
from adwright.predict.observation.observation import Observation
from adwright.predict.recipe import PredictRecipe
from adwright.predict.rows import Rows
from adwright.predict.stream.batches import ParquetBatches
from adwright.predict.stream.blocks import NAMES, BlockRule
from adwright.predict.table import Table

SAMPLE_ROWS = {"train": 200_000, "tune": 50_000, "calibrate": 100_000, "test": 0}
"""Rows of each block that are held in memory; what a block has beyond is drawn from at random."""

_BITS = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A sample of every block.

    Args:
        frame: (n, ...) rows in the table's order.
        blocks: (n,) their blocks.
        n_rows: By block, of the whole table.
        n_values: Different values of the categorical columns, estimated by linear counting.
    """

    frame: pl.DataFrame
    blocks: npt.NDArray[np.str_]
    n_rows: dict[str, int]
    n_values: int


@dataclass(slots=True)
class DistinctCount:
    """How many different values there are, by linear counting (Whang et al. 1990, ACM TODS 15) in 2 MB."""

    _bits: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(_BITS // 8, np.uint8))

    def add(self, hashes: npt.NDArray[np.uint64]) -> None:
        """Takes the values' hashes in."""
        place = np.unique((hashes % np.uint64(_BITS)).astype(np.int64))
        np.bitwise_or.at(self._bits, place >> 3, (1 << (place & 7)).astype(np.uint8))

    @property
    def value(self) -> int:
        """The estimate; its standard error is under 0.1 % up to ten million."""
        empty = _BITS - int(np.bitwise_count(self._bits).sum())
        return round(-_BITS * math.log(max(empty, 1) / _BITS))


def wanted_columns(recipe: PredictRecipe) -> list[str]:
    """Every column of the table that a fit reads."""
    columns, names = recipe.columns, list(recipe.needed)
    names += [str(held.times) for held in columns.sequence.values() if held.times is not None]
    names += [name for name in (columns.time, columns.content, columns.group) if name is not None]
    names += columns.within
    for target in recipe.rates.values():
        names += [name for name in (target.label, target.trials, target.successes) if name is not None]
        if target.delay is not None:
            names += [target.delay.began, target.delay.succeeded]
            names += [target.delay.until] if target.delay.until is not None else []
    if recipe.position is not None:
        names.append(recipe.position.column)
    if (order := recipe.targets.order_value) is not None:
        names += [name for name in (order.label, order.sum_minor, order.count) if name is not None]
    return list(dict.fromkeys(names))


def draw_sample(
    data: ParquetBatches,
    rule: BlockRule,
    *,
    rows: dict[str, int],
    seed: int,
    progress: Callable[[str], None],
    more: Sequence[str] = (),
) -> Sample:
    """The sample, in one pass: each row gets a random number, and a block keeps the rows with the smallest.

    Args:
        data: The table.
        rule: Its blocks.
        rows: By block, how many at most.
        seed: Of the draw.
        progress: Takes a line now and then.
        more: Columns to be kept beside those that a fit reads.

    Raises:
        DataError: none of those blocks has a row.
    """
    rng = np.random.default_rng((seed, 1))
    recipe, done = rule.recipe, 0
    held: dict[str, list[pl.DataFrame]] = {name: [] for name in NAMES}
    n_rows, limit = dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 1.0)
    counts = {name: DistinctCount() for name in recipe.columns.categorical}
    for frame in data.frames(list(dict.fromkeys([*wanted_columns(recipe), *more]))):
        blocks, lot = rule.of(frame, done), rng.random(frame.height)
        for name, count in counts.items():
            count.add(stable_hash(as_text(frame[name]), name))
        for name in NAMES:
            there = blocks == name
            n_rows[name] += int(there.sum())
            kept = np.flatnonzero(there & (lot < limit[name])) if rows[name] else np.zeros(0, np.int64)
            if len(kept):
                held[name].append(frame[kept].with_columns(_LOT=lot[kept], _ROW=done + kept))
            if sum(part.height for part in held[name]) > 2 * rows[name]:
                held[name] = [_smallest(held[name], rows[name])]
                limit[name] = float(held[name][0]["_LOT"].max())  # type: ignore[arg-type]
        done += frame.height
        progress(f"sampling: {done} of {data.n_rows} rows")
    parts = {name: _smallest(held[name], rows[name]) for name in NAMES if held[name]}
    if not parts:
        raise DataError(
            "no row is in the blocks that are asked for",
            argument="split.shares",
            value=recipe.split.shares,
            allowed="a share above 0 for " + ", ".join(name for name in NAMES if rows[name]),
        )
    whole = pl.concat([part.with_columns(_BLOCK=pl.lit(name)) for name, part in parts.items()]).sort("_ROW")
    blocks = whole["_BLOCK"].to_numpy().astype(np.str_)
    n_values = sum(count.value for count in counts.values())
    return Sample(whole.drop("_LOT", "_ROW", "_BLOCK"), blocks, n_rows, n_values)


def _smallest(parts: list[pl.DataFrame], n: int) -> pl.DataFrame:
    whole = pl.concat(parts)
    return whole if whole.height <= n else whole.bottom_k(n, by="_LOT")


@dataclass(frozen=True, slots=True, eq=False)
class TrainStream:
    """All training rows of a table.

    Args:
        data: The table.
        rule: Its blocks.
        n_rows: Of the train block.
        n_values: Different values of the categorical columns.
        thinned: By rate of which not every success is seen, how it is observed, and its mean.
    """

    data: ParquetBatches
    rule: BlockRule
    n_rows: int
    n_values: int
    thinned: Mapping[str, tuple[Observation, float]] = field(default_factory=dict)

    def rows(self, name: str) -> Iterator[Rows]:
        """Those with outcomes of a rate, in batches."""
        for table in self._tables():
            whole = np.ones(table.frame.height, np.bool_)
            yield table.rows(name, whole, sparse.csr_matrix((table.frame.height, 0)))[0]

    def exposures(self) -> Iterator[Exposures]:
        """Those with all that came of them, in batches."""
        for table in self._tables():
            yield read_exposures(table, np.ones(table.frame.height, np.bool_))

    def observed(self, thinned: Mapping[str, tuple[Observation, float]]) -> TrainStream:
        """The same with trials counted as far as successes would have been seen, at each rate's mean."""
        return replace(self, thinned=thinned)

    def _tables(self) -> Iterator[Table]:
        done = 0
        for frame in self.data.frames(wanted_columns(self.rule.recipe)):
            kept = self.rule.of(frame, done) == "train"
            done += frame.height
            if kept.any():
                yield self._effective(Table.of(frame.filter(kept), self.rule.recipe))

    def _effective(self, table: Table) -> Table:
        effective = {
            name: held.effective(
                table.frame, table.recipe, table.counts(name), np.full(table.frame.height, mean)
            )
            for name, (held, mean) in self.thinned.items()
        }
        return replace(table, effective=effective)
