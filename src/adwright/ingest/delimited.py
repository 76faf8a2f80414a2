"""CSV and TSV, row by row, so that one broken row does not spoil the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from adwright.errors import DataError
from adwright.ingest.records import Record
from adwright.ingest.report import RowError

FIELD_LIMIT = 1_000_000
"""Characters of one cell; an unclosed quote swallows the file only this far."""


class _Recorder:
    """The lines of a file, keeping those that the row at hand is made of."""

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle
        self.taken: list[str] = []

    def __iter__(self) -> _Recorder:
        return self

    def __next__(self) -> str:
        line = next(self._handle)
        self.taken.append(line)
        return line

    def clear(self) -> str:
        raw = "".join(self.taken)
        self.taken.clear()
        return raw


def read_header(handle: TextIO, separator: str) -> list[str]:
    """The column names of the first row; two of the same name, or none, are a `DataError`."""
    rows = csv.reader(handle, delimiter=separator)
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise DataError(f"the first row is not a header: {error}") from error
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header or twice:
        raise DataError(
            "the first row is not a header: " + ("a name stands there twice" if twice else "it is empty"),
            argument="columns",
            value=", ".join(twice),
        )
    return header


def read_rows(handle: TextIO, separator: str) -> Iterator[Record]:
    """The rows as records of texts; `line` is where in the file the row begins."""
    header = read_header(handle, separator)
    lines = _Recorder(handle)
    before = csv.field_size_limit(FIELD_LIMIT)
    try:
        rows = csv.reader(lines, delimiter=separator, strict=True)
        line = 2
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                n_lines, raw = len(lines.taken), lines.clear()
                yield Record(line, raw, None, RowError("malformed_csv", "", f"not a row of CSV: {error}"))
                line += n_lines
                continue
            n_lines, raw = len(lines.taken), lines.clear()
            if cells:
                yield _record(line, raw, header, cells)
            line += n_lines
    finally:
        csv.field_size_limit(before)


def _record(line: int, raw: str, header: list[str], cells: list[str]) -> Record:
    if len(cells) != len(header):
        reason = f"{len(cells)} cells where the header has {len(header)}"
        return Record(line, raw, None, RowError("wrong_field_count", "", reason))
    try:
        raw.encode()
    except UnicodeEncodeError:  # the escapes of bytes that were not UTF-8
        return Record(line, raw, None, RowError("invalid_utf8", "", "the row is not UTF-8"))
    return Record(line, raw, dict(zip(header, cells, strict=True)))
