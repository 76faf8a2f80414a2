"""Totals as ad platforms report them into the table `totals`: content x day x context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from adwright.ingest.fields import FieldReader
from adwright.ingest.frames import frame_of_rows
from adwright.ingest.loading import Progress, TablePlan, load, needed
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.options import ReadOptions, plan_tables, with_stored_attributes
from adwright.ingest.report import IngestReport, RowError
from adwright.ingest.results import RESULT_FIELDS, read_amount, read_counts
from adwright.schema import EVERYONE
from adwright.store.columns import TOTALS
from adwright.store.quarantine import Quarantine
from adwright.store.tables import TableStore

TOTAL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "content_id": ("creative_id", "ad_id"),
    "at": ("date", "day", "reporting_start"),
    "channel": ("platform",),
    "cohort_id": ("cohort",),
    **RESULT_FIELDS,
    "cost": ("spend", "amount_spent"),
    "cost_minor": (),
    "attributes": (),
}
"""Our columns and the other names they are known by. Every other column is part of the context."""

Known = dict[tuple[Any, ...], tuple[Any, ...]]
"""Content x day x context -> its figures."""


class TotalRow(NamedTuple):
    """A total in the order of `TOTALS`, and whether it was there already."""

    values: tuple[Any, ...]
    is_new: bool


def ingest_totals(
    tables: TableStore | None,
    quarantine: Quarantine | None,
    files: Sequence[Path | str],
    *,
    now: datetime,
    file_format: str | None = None,
    currency: str | None = None,
    mapping: Mapping[str, str] | None = None,
    time_format: str = "iso",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads totals, checks each, and adds those that are not there yet.

    A total for a content, day and context that is there with other figures goes to quarantine: adding
    it would count its outcomes twice, and replacing it would change what was already learned from.

    Args:
        tables: Where they go; may be None in a dry run.
        quarantine: Where bad rows go; may be None in a dry run.
        files: CSV, TSV, Parquet or JSON.
        now: The present, aware.
        file_format: One of `sources.FORMATS`; by the suffix if None.
        currency: ISO 4217 for amounts that name none.
        mapping: Our column -> the file's column, see `TOTAL_FIELDS`.
        time_format: How times are written, see `times.TimeReader`.
        dry_run: Write nothing.
        progress: Called with a line now and then.

    Raises:
        DataError: a file that cannot be read, is empty, or lacks a column.
        StoreError: the disk or the database failed; running again completes.
    """
    options = ReadOptions(
        now=now,
        file_format=file_format,
        currency=currency,
        mapping=mapping or {},
        time_format=time_format,
    )
    columns = ColumnMap(TOTAL_FIELDS, ("content_id", "at", "channel", "n_exposures"), options.mapping)
    known = _stored(tables)
    plans, readers = plan_tables(
        files, options, columns=columns, parser=lambda fields, names: TotalReader(fields, names, known).read
    )

    def write(frame: pl.DataFrame, rows: list[TotalRow]) -> tuple[int, int]:
        return needed(tables).append("totals", frame.filter([row.is_new for row in rows]), key=None), 0

    plan = TablePlan[TotalRow](
        table="totals",
        frame=lambda rows: frame_of_rows([row.values for row in rows], TOTALS),
        write=write,
        would=lambda _, rows: (sum(row.is_new for row in rows), 0),
    )
    return load(plans, plan, quarantine=quarantine, fields=readers, dry_run=dry_run, progress=progress)


class TotalReader:
    """Reads totals.

    Args:
        fields: Checks the values.
        columns: Which column is which; built over `TOTAL_FIELDS`.
        known: The totals that are there; those read are added.
    """

    def __init__(self, fields: FieldReader, columns: ColumnMap, known: Known) -> None:
        self._fields = fields
        self._columns = columns
        self._known = known

    def read(self, row: Mapping[str, Any]) -> TotalRow:
        """The total; `RowError` where it is not valid or contradicts one that is there."""
        fields = self._fields
        named, rest = self._columns.split(row)
        rest = with_stored_attributes(named, rest)
        get = named.get
        content_id = fields.required(get("content_id"), "content_id")
        at = fields.required_time(get("at"), "at")
        channel = fields.text(get("channel"), "channel")
        if channel is None:
            raise RowError("missing_value", "channel", "channel is missing")
        cohort = fields.identifier(get("cohort_id"), "cohort_id") or EVERYONE
        exposures, clicks, conversions = read_counts(named, fields)
        currency = fields.currency(get("currency"))
        value = read_amount(named, "value", fields, currency)
        cost = read_amount(named, "cost", fields, currency)
        attributes = fields.attributes(rest)
        if value is None and cost is None:
            currency = None
        figures = (exposures, clicks, conversions, value, cost, currency)
        is_new = self._is_new((content_id, at, channel, cohort, attributes), figures)
        return TotalRow((content_id, at, channel, cohort, *figures, attributes), is_new)

    def _is_new(self, key: tuple[Any, ...], figures: tuple[Any, ...]) -> bool:
        before = self._known.setdefault(key, figures)
        if before is figures:
            return True
        if before != figures:
            raise RowError(
                "conflicting_total",
                "content_id",
                "there is a total for this content, day and context with other figures",
            )
        return False


def _stored(tables: TableStore | None) -> Known:
    if tables is None:
        return {}
    frame = tables.read("totals").with_columns(pl.col("at").dt.epoch("us"))
    return {(*row[:4], row[10]): row[4:10] for row in frame.iter_rows()}
