"""Customers into the table `customers`: a pseudonym, consent, language, attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from adwright.ingest.fields import FieldReader
from adwright.ingest.frames import columns_of_rows, frame_of_columns
from adwright.ingest.loading import Progress, TablePlan, load, needed, unseen
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.options import ReadOptions, plan_tables, with_stored_attributes
from adwright.ingest.report import IngestReport, RowError
from adwright.privacy.pseudonyms import Pseudonymiser
from adwright.store.columns import CUSTOMERS
from adwright.store.quarantine import Quarantine
from adwright.store.tables import TableStore

CUSTOMER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("customer_id", "user_id", "userId"),
    "consent": (),
    "language": ("locale",),
    "attributes": (),
}
_CONSENT = re.compile(r"[a-z_]+:[a-z_]+")


def ingest_customers(
    tables: TableStore | None,
    quarantine: Quarantine | None,
    files: Sequence[Path | str],
    *,
    pseudonymiser: Pseudonymiser,
    now: datetime,
    file_format: str | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads customers, checks each, and adds or replaces them by pseudonym.

    Args:
        tables: Where they go; may be None in a dry run.
        quarantine: Where bad rows go; may be None in a dry run.
        files: CSV, TSV, Parquet or JSON.
        pseudonymiser: Turns ids into pseudonyms.
        now: The present, aware.
        file_format: One of `sources.FORMATS`; by the suffix if None.
        mapping: Our column -> the file's column, see `CUSTOMER_FIELDS`.
        dry_run: Write nothing.
        progress: Called with a line now and then.

    Raises:
        DataError: a file that cannot be read, is empty, or lacks a column.
        StoreError: the disk or the database failed; running again completes.
    """
    options = ReadOptions(now=now, file_format=file_format, mapping=mapping or {})
    columns = ColumnMap(CUSTOMER_FIELDS, ("id",), options.mapping)

    def parser(fields: FieldReader, names: ColumnMap) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        return CustomerReader(fields, names).read

    def frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
        values: dict[str, Sequence[Any]] = dict(columns_of_rows(rows, CUSTOMERS))
        values["id"] = pseudonymiser.of_many(pl.Series(values["id"], dtype=pl.String)).to_list()
        return frame_of_columns(values, CUSTOMERS)

    plans, readers = plan_tables(files, options, columns=columns, parser=parser)
    plan = TablePlan[tuple[Any, ...]](
        table="customers",
        frame=frame,
        write=lambda rows, _: needed(tables).upsert("customers", rows, key="id"),
        would=lambda rows, _: (unseen(tables, "customers", rows, key="id"), 0),
    )
    return load(plans, plan, quarantine=quarantine, fields=readers, dry_run=dry_run, progress=progress)


class CustomerReader:
    """Reads the customers of one file; an id that occurs a second time is refused.

    Args:
        fields: Checks the values.
        columns: Which column is which; built over `CUSTOMER_FIELDS`.
    """

    def __init__(self, fields: FieldReader, columns: ColumnMap) -> None:
        self._fields = fields
        self._columns = columns
        self._seen: set[str] = set()

    def read(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in the order of `CUSTOMERS`, the id still raw."""
        known, rest = self._columns.split(row)
        rest = with_stored_attributes(known, rest)
        raw_id = self._fields.required(known.get("id"), "id")
        if raw_id in self._seen:
            raise RowError("duplicate_id", "id", "the id stands earlier in this file")
        values = (
            raw_id,
            self._consent(known.get("consent")),
            self._fields.language(known.get("language"), "language"),
            self._fields.attributes(rest),
        )
        self._seen.add(raw_id)
        return values

    def _consent(self, value: object) -> str | None:
        """Sorted `purpose:channel` words; None where nothing is known of consent, "" where none is given."""
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            words = value
        else:
            text = self._fields.text(value, "consent")
            if text is None:
                return None if value is None else ""
            words = re.split(r"[\s,;|]+", text.strip())
        for word in words:
            if not _CONSENT.fullmatch(word):
                raise RowError(
                    "unknown_value",
                    "consent",
                    f"'{word[:40]}' is not purpose:channel such as marketing:email",
                )
        return " ".join(sorted(set(words)))
