"""Events into the tables `events` and `order_lines`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from adwright.errors import DataError
from adwright.ingest.event_rows import EventRow, event_frame, line_frame
from adwright.ingest.fields import FieldReader
from adwright.ingest.flat_events import EVENT_FIELDS, REQUIRED, FlatEventReader
from adwright.ingest.loading import FilePlan, Progress, TablePlan, load, needed, unseen
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.options import ReadOptions, plan_tables
from adwright.ingest.report import IngestReport
from adwright.ingest.segment import SegmentReader
from adwright.ingest.sources import format_of
from adwright.privacy.pseudonyms import Pseudonymiser
from adwright.store.quarantine import Quarantine
from adwright.store.tables import TableStore


def ingest_events(
    tables: TableStore | None,
    quarantine: Quarantine | None,
    files: Sequence[Path | str],
    *,
    pseudonymiser: Pseudonymiser,
    now: datetime,
    file_format: str | None = None,
    currency: str | None = None,
    mapping: Mapping[str, str] | None = None,
    time_format: str = "iso",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads events, checks each, and adds those whose `messageId` was never seen.

    Args:
        tables: Where they go; may be None in a dry run.
        quarantine: Where bad rows go; may be None in a dry run.
        files: JSON Lines in Segment's format (gzip too), or CSV, TSV and Parquet tables.
        pseudonymiser: Turns customer ids into pseudonyms.
        now: The present, aware; later times than tomorrow are impossible.
        file_format: "segment", "jsonl", "csv", "tsv" or "parquet"; by the suffix if None.
        currency: ISO 4217 for amounts that name none.
        mapping: Our column -> the file's column, for tables (see `flat_events.EVENT_FIELDS`).
        time_format: How times are written, see `times.TimeReader`; for tables only.
        dry_run: Write nothing; the report says what would be added, by what the store holds now.
        progress: Called with a line now and then.

    Raises:
        DataError: a file that cannot be read, is empty, or lacks a column.
        StoreError: the disk or the database failed. What was written stays; running again completes.
    """
    options = ReadOptions(
        now=now,
        file_format="jsonl" if file_format == "segment" else file_format,
        currency=currency,
        time_format=time_format,
        mapping=mapping or {},
    )
    plans, readers = _plan_files(files, options, is_segment=file_format == "segment")
    return load(
        plans,
        _plan(tables, pseudonymiser),
        quarantine=quarantine,
        fields=readers,
        dry_run=dry_run,
        progress=progress,
    )


def _plan_files(
    files: Sequence[Path | str], options: ReadOptions, *, is_segment: bool
) -> tuple[list[FilePlan[EventRow]], list[FieldReader]]:
    """JSON without a mapping is Segment's; anything else is a table."""
    plans: list[FilePlan[EventRow]] = []
    readers: list[FieldReader] = []
    for file in map(Path, files):
        in_json = format_of(file, options.file_format) in ("jsonl", "json")
        if is_segment or (in_json and not options.mapping):
            some, used = plan_tables([file], options, columns=ColumnMap({}), parser=_segment)
        else:
            columns = ColumnMap(EVENT_FIELDS, REQUIRED, options.mapping)
            some, used = plan_tables([file], options, columns=columns, parser=_flat)
        plans += some
        readers += used
    if not plans:
        raise DataError("no file was given", argument="files", value=list(files))
    return plans, readers


def _segment(fields: FieldReader, columns: ColumnMap) -> Callable[[Mapping[str, Any]], EventRow]:
    return SegmentReader(fields).read


def _flat(fields: FieldReader, columns: ColumnMap) -> Callable[[Mapping[str, Any]], EventRow]:
    return FlatEventReader(fields, columns).read


def _plan(tables: TableStore | None, pseudonymiser: Pseudonymiser) -> TablePlan[EventRow]:
    def frame(rows: list[EventRow]) -> pl.DataFrame:
        return event_frame(rows, _pseudonyms(rows, pseudonymiser))

    def write(events: pl.DataFrame, rows: list[EventRow]) -> tuple[int, int]:
        with_lines = [row for row in _first_of_each(rows) if row.lines]
        lines = line_frame(with_lines, _pseudonyms(with_lines, pseudonymiser))
        unique = events.unique(subset="message_id", keep="first", maintain_order=True)
        together = {"events": unique, "order_lines": lines}
        return needed(tables).append_many(together, key="message_id")["events"], 0

    def would(events: pl.DataFrame, rows: list[EventRow]) -> tuple[int, int]:
        return unseen(tables, "events", events, key="message_id"), 0

    return TablePlan(table="events", frame=frame, write=write, would=would)


def _first_of_each(rows: Sequence[EventRow]) -> list[EventRow]:
    first: dict[str, EventRow] = {}
    for row in rows:
        first.setdefault(row.values[0], row)
    return list(first.values())


def _pseudonyms(rows: Sequence[EventRow], pseudonymiser: Pseudonymiser) -> dict[str, str]:
    raw = pl.Series(list({row.values[4] for row in rows}), dtype=pl.String)
    return dict(zip(raw, pseudonymiser.of_many(raw), strict=True))
