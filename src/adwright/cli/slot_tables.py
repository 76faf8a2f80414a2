"""Reading texts from a table, row by row: CSV, Parquet and JSON Lines, never the whole file at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwright.errors import DataError

_BATCH = 1000
_LONGEST_FIELD = 10_000_000  # characters; csv's own ceiling is 131,072


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number from 1 (the header of a CSV is none), its fields as texts, and what is wrong with it.

    An empty field and a null are no field.
    """

    number: int
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


def is_table(source: str) -> bool:
    """Whether a file is a table, by how its name ends."""
    return Path(source).suffix.lower() in _READERS


def read_table_rows(source: str) -> Iterator[TableRow]:
    """The rows of a table, one at a time.

    Raises:
        DataError: the file cannot be read, is not what its name says, or holds no row.
    """
    path, n_rows = Path(source), 0
    try:
        for row in _READERS[path.suffix.lower()](path):
            n_rows += 1
            yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read the table: {error}", argument="file", value=source) from error
    if n_rows == 0:
        raise DataError(
            "the table has no row: nothing was checked",
            argument="file",
            value=source,
            allowed="a column a slot, named in its first line (.csv), and at least one text below; an object a "
            "line (.jsonl)",
        )


def _read_csv(path: Path) -> Iterator[TableRow]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=1):
            if None in row:
                yield TableRow(number, problem="more fields than the header has")
            else:
                yield TableRow(number, _texts(row))


def _read_jsonl(path: Path) -> Iterator[TableRow]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                yield TableRow(number, problem=f"not JSON: {error}")
                continue
            if isinstance(row, dict):
                yield TableRow(number, _texts(row))
            else:
                yield TableRow(number, problem="not an object")


def _read_parquet(path: Path) -> Iterator[TableRow]:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield TableRow(number, _texts(row))
    except pa.ArrowInvalid as error:
        raise DataError(f"not Parquet: {error}", argument="file", value=str(path)) from error


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items() if value is not None and value != ""}


_READERS: Mapping[str, Callable[[Path], Iterator[TableRow]]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
}
