"""The way from files to a table, the same for every kind: read, check, quarantine, write, report.

A file streams through in batches. For each batch the bad rows go to quarantine first, then the good rows
are written in one transaction, so a run that is killed leaves whole batches behind; running it again
finds them by their keys and adds the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import polars as pl

from adwright.errors import UsageError
from adwright.ingest.fields import FieldReader
from adwright.ingest.quality import QualityTally
from adwright.ingest.records import Record
from adwright.ingest.report import IngestReport, QualityNote, RowError
from adwright.ingest.sources import read_records
from adwright.ingest.tally import RejectionTally
from adwright.store.quarantine import Quarantine, QuarantinedRow
from adwright.store.tables import TableStore

Row = TypeVar("Row")
Progress = Callable[[str], None]
Bad = tuple[Record, RowError]

BATCH_ROWS = 50_000
PREVIEW_ROWS = 3
_PROGRESS_S = 2.0


@dataclass(frozen=True, kw_only=True)
class FilePlan(Generic[Row]):
    """How one file is read: its format, and the function from a row's fields to a row of ours."""

    path: Path
    file_format: str
    parse: Callable[[Mapping[str, Any]], Row]


@dataclass(frozen=True, kw_only=True)
class TablePlan(Generic[Row]):
    """How rows become a table.

    Args:
        table: Its name.
        frame: Rows to a frame with the table's columns.
        write: Writes a frame (and what else its rows carry); returns rows added and changed.
        would: What `write` would return; for a dry run.
    """

    table: str
    frame: Callable[[list[Row]], pl.DataFrame]
    write: Callable[[pl.DataFrame, list[Row]], tuple[int, int]]
    would: Callable[[pl.DataFrame, list[Row]], tuple[int, int]]


@dataclass(slots=True)
class _Counts:
    n_read: int = 0
    n_added: int = 0
    n_changed: int = 0
    n_accepted: int = 0
    preview: list[Mapping[str, Any]] = field(default_factory=list)

    def take(self, frame: pl.DataFrame) -> None:
        """Counts accepted rows and keeps the first few to show."""
        self.n_accepted += frame.height
        if len(self.preview) < PREVIEW_ROWS:
            self.preview += frame.head(PREVIEW_ROWS - len(self.preview)).to_dicts()

    def wrote(self, added: int, changed: int) -> None:
        """Counts written rows."""
        self.n_added += added
        self.n_changed += changed


def load(
    files: Sequence[FilePlan[Row]],
    plan: TablePlan[Row],
    *,
    quarantine: Quarantine | None,
    fields: Sequence[FieldReader],
    dry_run: bool = False,
    progress: Progress | None = None,
    batch_rows: int | None = None,
) -> IngestReport:
    """Streams the files into the table and says what became of every row.

    Args:
        files: The files in order.
        plan: The table.
        quarantine: Where bad rows go; not written in a dry run.
        fields: The readers whose counts belong in the quality report.
        dry_run: Whether to only look.
        progress: Called with a line every two seconds or so.
        batch_rows: Rows held in memory at a time; `BATCH_ROWS` if None.

    Raises:
        DataError: a file that cannot be read at all.
        StoreError: the disk or the database failed; running again completes.
    """
    started = time.perf_counter()
    counts, rejections, quality = _Counts(), RejectionTally(), QualityTally()
    ticker = _Ticker(progress, plan.table, started)
    for file in files:
        for n_read, rows, bad in _checked(file, batch_rows or BATCH_ROWS):
            rejections.add(file.path.name, bad)
            if bad and quarantine is not None and not dry_run:
                quarantine.add(file.path.name, [_quarantined(record, error) for record, error in bad])
            if rows:
                frame = plan.frame(rows)
                quality.add(frame)
                counts.take(frame)
                counts.wrote(*(plan.would if dry_run else plan.write)(frame, rows))
            counts.n_read += n_read
            ticker.tick(counts.n_read, rejections.total)
    duplicates = counts.n_accepted - counts.n_added - counts.n_changed
    notes = [*quality.notes(), *_counted_notes(fields, rejections, duplicates, counts.n_read)]
    return IngestReport(
        file=", ".join(file.path.name for file in files),
        table=plan.table,
        n_read=counts.n_read,
        n_added=counts.n_added,
        n_changed=counts.n_changed,
        n_duplicate=duplicates,
        n_quarantined=rejections.total,
        commonest=rejections.commonest(),
        quality=tuple(notes),
        columns=quality.columns(),
        preview=tuple(counts.preview),
        dry_run=dry_run,
        seconds=time.perf_counter() - started,
    )


def _checked(file: FilePlan[Row], batch_rows: int) -> Iterator[tuple[int, list[Row], list[Bad]]]:
    """Batches of a file: rows read, good rows, bad rows. A row's raw form goes as soon as it is read."""
    rows: list[Row] = []
    bad: list[Bad] = []
    for record in read_records(file.path, file.file_format):
        try:
            if record.fields is None:
                raise record.error or RowError("unreadable", "", "the row cannot be read")
            rows.append(file.parse(record.fields))
        except RowError as error:
            bad.append((record, error))
        if len(rows) + len(bad) >= batch_rows:
            yield len(rows) + len(bad), rows, bad
            rows, bad = [], []
    if rows or bad:
        yield len(rows) + len(bad), rows, bad


def needed(tables: TableStore | None) -> TableStore:
    """The store; without one only a dry run is possible."""
    if tables is None:
        raise UsageError("there is no store to write to", argument="tables", value=None, hint="Use dry_run")
    return tables


def unseen(tables: TableStore | None, table: str, frame: pl.DataFrame, *, key: str) -> int:
    """How many keys of the frame the table does not hold; all of them where there is no store."""
    keys = frame.select(key).unique()
    if tables is None:
        return keys.height
    known = tables.scan(table).select(key).join(keys.lazy(), on=key, how="semi").unique().collect()
    return keys.height - known.height


def _quarantined(record: Record, error: RowError) -> QuarantinedRow:
    return QuarantinedRow(
        line=record.line, reason_code=error.code, reason=error.reason, raw=record.raw_text()
    )


_COUNTED: Mapping[str, tuple[Any, str, str]] = {
    "invisible_characters": ("cleaned", "text", "invisible characters were stripped from {n} texts"),
    "time_without_zone": ("assumed", "at", "{n} times without a zone were read as UTC"),
    "clock_corrected": ("assumed", "at", "{n} times were corrected for the device's clock by sentAt"),
    "quantity_assumed": ("assumed", "quantity", "{n} order lines without a quantity count as one piece"),
}


def _counted_notes(
    fields: Sequence[FieldReader], rejections: RejectionTally, n_duplicate: int, n_read: int
) -> list[QualityNote]:
    notes: list[QualityNote] = []

    def note(kind: Any, column: str, count: int, message: str) -> None:
        share = count / n_read if n_read else 0.0
        notes.append(QualityNote(kind=kind, column=column, count=count, share=share, message=message))

    if n_duplicate:
        note("duplicate", "", n_duplicate, f"{n_duplicate} rows were there already, or twice in the file")
    n_impossible = rejections.count_of("impossible_time")
    if n_impossible:
        note("impossible", "at", n_impossible, f"{n_impossible} rows have an impossible time (quarantined)")
    for name, (kind, column, message) in _COUNTED.items():
        n = sum(reader.counts[name] for reader in fields)
        if n:
            note(kind, column, n, message.format(n=n))
    withheld = sum((reader.withheld for reader in fields), start=fields[0].withheld.__class__())
    for column, n in sorted(withheld.items()):
        note("withheld", column, n, f"{column} names a person and was not kept ({n} values)")
    return notes


class _Ticker:
    """Prints a line of progress now and then."""

    def __init__(self, progress: Progress | None, table: str, started: float) -> None:
        self._progress = progress
        self._table = table
        self._started = started
        self._last = started

    def tick(self, n_read: int, n_bad: int) -> None:
        now = time.perf_counter()
        if self._progress is None or now - self._last < _PROGRESS_S:
            return
        self._last = now
        rate = n_read / (now - self._started)
        self._progress(f"{self._table}: {n_read:,} rows read, {n_bad:,} quarantined, {rate:,.0f} rows/s")
