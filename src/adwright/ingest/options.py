"""How files are to be read, and the readers that follow from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from adwright.errors import DataError
from adwright.ingest.fields import FieldReader
from adwright.ingest.loading import FilePlan
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.report import RowError
from adwright.ingest.sources import columns_of, format_of
from adwright.text.currencies import CURRENCIES

Row = TypeVar("Row")
Parse = Callable[[Mapping[str, Any]], Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How files are to be read.

    Args:
        now: The present, aware.
        file_format: One of `sources.FORMATS`; by the suffix if None.
        currency: ISO 4217 for amounts that name none.
        time_format: As `times.TimeReader` takes it.
        mapping: Our column -> the file's column.
    """

    now: datetime
    file_format: str | None = None
    currency: str | None = None
    time_format: str = "iso"
    mapping: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.currency is not None and self.currency not in CURRENCIES:
            raise DataError(
                "unknown currency",
                argument="currency",
                value=self.currency,
                allowed="a code of ISO 4217, for example USD or CNY",
            )

    def field_reader(self, file_format: str) -> FieldReader:
        """A checker of values for a file of this format."""
        return FieldReader(
            now=self.now,
            currency=self.currency,
            time_format=self.time_format,
            text_numbers=file_format in ("csv", "tsv"),
        )


def plan_tables(
    files: Sequence[Path | str],
    options: ReadOptions,
    *,
    columns: ColumnMap,
    parser: Callable[[FieldReader, ColumnMap], Parse[Row]],
) -> tuple[list[FilePlan[Row]], list[FieldReader]]:
    """One plan a file, with its columns checked, and the checkers of values that they use.

    Args:
        files: The files.
        options: How to read them.
        columns: Which columns there are.
        parser: Called once a file; gives the function from a row's fields to a row of ours.
    """
    if not files:
        raise DataError("no file was given", argument="files", value=list(files))
    plans: list[FilePlan[Row]] = []
    readers: list[FieldReader] = []
    for path in map(Path, files):
        found = format_of(path, options.file_format)
        names = columns_of(path, found)
        if names is not None:
            columns.check(names, path.name)
        fields = options.field_reader(found)
        readers.append(fields)
        plans.append(FilePlan(path=path, file_format=found, parse=parser(fields, columns)))
    return plans, readers


def with_stored_attributes(known: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """What is left of a row, together with the JSON object of a column that is itself named attributes."""
    stored = known.pop("attributes", None)
    if stored is None or stored == "":
        return rest
    try:
        parsed = json.loads(stored) if isinstance(stored, str) else stored
    except (ValueError, RecursionError) as error:
        raise RowError("malformed_json", "attributes", "attributes is not JSON") from error
    if not isinstance(parsed, Mapping):
        raise RowError("wrong_type", "attributes", "attributes is not a JSON object")
    return {**parsed, **rest}
