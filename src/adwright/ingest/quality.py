"""What is odd about the accepted rows of a file: missing, late and drifting values, column by column.

Holds when: the file is in some order of time, so that its first and its last part differ by when they
were written. Does not cover: drift of numbers, and slow drift that ends where it began.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from adwright.ingest.report import ColumnSummary, QualityNote
from adwright.ingest.sketches import ColumnSketch, population_stability

LATE_H = 24.0
"""An event received more than this many hours after it happened is late."""

DRIFT_PSI = 0.25
"""The usual rule of thumb for a major shift; smaller ones are not reported."""

MISSING_JUMP = 0.10
_FEWEST_ROWS = 100
_MOST_CHUNKS = 32

Chunk = dict[str, ColumnSketch]


class QualityTally:
    """Collects sketches of a file's parts, of bounded size whatever the file's."""

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []
        self._chunk_rows = 0
        self._n_late = 0
        self._n_timed = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Takes the accepted rows of a batch into account; the frame is not kept."""
        half = frame.height // 2
        for part in (frame.head(half), frame.tail(frame.height - half)):
            if part.height:
                self._add_chunk({c.name: ColumnSketch.of(c) for c in part.iter_columns()})
        if "received_at" in frame.columns:
            delay = (frame["received_at"] - frame["at"]).drop_nulls()
            self._n_timed += delay.len()
            self._n_late += int((delay.dt.total_seconds() > LATE_H * 3600).sum())

    def columns(self) -> tuple[ColumnSummary, ...]:
        """The missing share and the number of distinct values of every column."""
        whole = _merged(self._chunks)
        return tuple(
            ColumnSummary(name=n, missing_share=s.missing_share, n_distinct=s.n_distinct)
            for n, s in whole.items()
        )

    def notes(self) -> list[QualityNote]:
        """What is worth a line: late rows, missing values, drifting columns."""
        whole = _merged(self._chunks)
        notes = [_missing(n, s) for n, s in whole.items() if 0 < s.n_missing < s.n_rows and n != "attributes"]
        if self._n_late:
            share = self._n_late / self._n_timed
            message = f"{self._n_late} rows ({share:.1%}) arrived more than {LATE_H:g} h after they happened"
            notes.append(
                QualityNote(
                    kind="late", column="received_at", count=self._n_late, share=share, message=message
                )
            )
        return notes + self._drift()

    def _add_chunk(self, chunk: Chunk) -> None:
        """Keeps at most 32 chunks of about equal size: when there are more, neighbours are merged."""
        if self._chunks and _n_rows(self._chunks[-1]) < self._chunk_rows:
            self._chunks[-1] = _merged([self._chunks[-1], chunk])
            return
        self._chunks.append(chunk)
        if len(self._chunks) > _MOST_CHUNKS:
            self._chunks = [_merged(self._chunks[i : i + 2]) for i in range(0, len(self._chunks), 2)]
            self._chunk_rows = max(_n_rows(c) for c in self._chunks)

    def _drift(self) -> list[QualityNote]:
        n_side = max(1, len(self._chunks) // 3)
        if len(self._chunks) < 2:
            return []
        first, last = _merged(self._chunks[:n_side]), _merged(self._chunks[-n_side:])
        notes = [_drift_of(name, first[name], last[name]) for name in first if name != "attributes"]
        return [note for note in notes if note is not None]


def _n_rows(chunk: Chunk) -> int:
    return next(iter(chunk.values())).n_rows


def _merged(chunks: list[Chunk]) -> Chunk:
    merged: Chunk = {}
    for chunk in chunks:
        for name, sketch in chunk.items():
            merged[name] = merged[name] + sketch if name in merged else sketch
    return merged


def _missing(name: str, sketch: ColumnSketch) -> QualityNote:
    share = sketch.missing_share
    return QualityNote(
        kind="missing",
        column=name,
        count=sketch.n_missing,
        share=share,
        message=f"{name} is missing in {sketch.n_missing} rows ({share:.1%})",
    )


def _drift_of(name: str, first: ColumnSketch, last: ColumnSketch) -> QualityNote | None:
    if min(first.n_rows, last.n_rows) < _FEWEST_ROWS:
        return None
    message = _jump(name, first, last) or _shift(name, first, last)
    if message is None:
        return None
    return QualityNote(
        kind="drift", column=name, count=last.n_rows, share=last.missing_share, message=message
    )


def _jump(name: str, first: ColumnSketch, last: ColumnSketch) -> str | None:
    before, after = first.missing_share, last.missing_share
    pooled = (first.n_missing + last.n_missing) / (first.n_rows + last.n_rows)
    noise = math.sqrt(pooled * (1 - pooled) * (1 / first.n_rows + 1 / last.n_rows))
    if abs(after - before) <= max(MISSING_JUMP, 4 * noise):
        return None
    return f"{name} is missing in {before:.0%} of the first rows and {after:.0%} of the last"


def _shift(name: str, first: ColumnSketch, last: ColumnSketch) -> str | None:
    if not first.values or not last.values:
        return None
    n_first, n_last = first.values.total(), last.values.total()
    if min(n_first, n_last) < _FEWEST_ROWS:
        return None
    psi = population_stability(first.values, last.values)
    n_values = len(first.values.keys() | last.values.keys())
    noise = (n_values - 1) * (1 / n_first + 1 / n_last)  # what equal shares give on average
    if psi <= max(DRIFT_PSI, 3 * noise):
        return None
    values: Mapping[str, int] = first.values + last.values
    most = max(sorted(values), key=lambda v: abs(first.values[v] / n_first - last.values[v] / n_last))  # type: ignore[index]
    return (
        f"{name} drifts (stability index {psi:.2f}): '{most}' goes from "
        f"{first.values[most] / n_first:.0%} of the first rows to {last.values[most] / n_last:.0%} of the last"
    )
