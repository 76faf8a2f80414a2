"""Past contents with their results into the table `contents`: what the effect model learns from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adwright.ingest.fields import FieldReader
from adwright.ingest.frames import frame_of_rows
from adwright.ingest.loading import Progress, TablePlan, load, needed, unseen
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.options import ReadOptions, plan_tables, with_stored_attributes
from adwright.ingest.report import IngestReport, RowError
from adwright.ingest.results import RESULT_FIELDS, read_amount, read_counts
from adwright.store.columns import CONTENTS
from adwright.store.quarantine import Quarantine
from adwright.store.tables import TableStore

CONTENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "content_id": ("creative_id",),
    "text": ("copy", "ad_copy"),
    "kind": (),
    "channel": (),
    "language": (),
    "product_id": (),
    "category": ("product_type",),
    "cohort_id": ("cohort",),
    "group": ("campaign_id", "test_id"),
    "at": ("date", "day", "started_at"),
    **RESULT_FIELDS,
    "attributes": (),
}
"""Our columns and the other names they are known by."""


def ingest_contents(
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
    """Reads past contents, checks each, and adds or replaces them by content id.

    A content without an id gets a digest of what identifies it (all but its results), and of how many
    equal ones stand before it in the file, so that reading the file again adds nothing.

    Args:
        tables: Where they go; may be None in a dry run.
        quarantine: Where bad rows go; may be None in a dry run.
        files: CSV, TSV, Parquet or JSON.
        now: The present, aware.
        file_format: One of `sources.FORMATS`; by the suffix if None.
        currency: ISO 4217 for values that name none.
        mapping: Our column -> the file's column, see `CONTENT_FIELDS`.
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
    columns = ColumnMap(CONTENT_FIELDS, ("text", "n_exposures"), options.mapping)

    def parser(fields: FieldReader, names: ColumnMap) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        return ContentReader(fields, names).read

    plans, readers = plan_tables(files, options, columns=columns, parser=parser)
    plan = TablePlan[tuple[Any, ...]](
        table="contents",
        frame=lambda rows: frame_of_rows(rows, CONTENTS),
        write=lambda frame, _: needed(tables).upsert("contents", frame, key="content_id"),
        would=lambda frame, _: (unseen(tables, "contents", frame, key="content_id"), 0),
    )
    return load(plans, plan, quarantine=quarantine, fields=readers, dry_run=dry_run, progress=progress)


class ContentReader:
    """Reads the past contents of one file; a content id that occurs a second time is refused.

    Args:
        fields: Checks the values.
        columns: Which column is which; built over `CONTENT_FIELDS`.
    """

    def __init__(self, fields: FieldReader, columns: ColumnMap) -> None:
        self._fields = fields
        self._columns = columns
        self._seen: set[str] = set()
        self._n_equal: Counter[str] = Counter()

    def read(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in the order of `CONTENTS`."""
        fields = self._fields
        known, rest = self._columns.split(row)
        rest = with_stored_attributes(known, rest)
        get = known.get
        text = fields.text(get("text"), "text")
        if text is None:
            raise RowError("missing_value", "text", "text is missing")
        identity = (
            text,
            fields.text(get("kind"), "kind"),
            fields.text(get("channel"), "channel"),
            fields.language(get("language"), "language"),
            fields.identifier(get("product_id"), "product_id"),
            fields.text(get("category"), "category"),
            fields.identifier(get("cohort_id"), "cohort_id"),
            fields.identifier(get("group"), "group"),
            fields.time(get("at"), "at"),
        )
        counts = read_counts(known, fields)
        currency = fields.currency(get("currency"))
        value = read_amount(known, "value", fields, currency)
        attributes = fields.attributes(rest)
        content_id = self._content_id(
            fields.identifier(get("content_id"), "content_id"), identity, attributes
        )
        return content_id, *identity, *counts, value, None if value is None else currency, attributes

    def _content_id(self, stated: str | None, identity: tuple[Any, ...], attributes: str | None) -> str:
        if stated is not None:
            if stated in self._seen:
                reason = "the content_id stands earlier in this file; results by day are totals"
                raise RowError("duplicate_id", "content_id", reason)
            self._seen.add(stated)
            return stated
        digest = hashlib.blake2b(json.dumps([*identity, attributes]).encode(), digest_size=10).hexdigest()
        n_before = self._n_equal[digest]
        self._n_equal[digest] += 1
        return f"c_{digest}" if n_before == 0 else f"c_{digest}_{n_before}"
