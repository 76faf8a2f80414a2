"""The review sheet as CSV: UTF-8 with a byte order mark, so that spreadsheet programs show every script."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from adwright.errors import DataError
from adwright.review.cells import neutralise, restore
from adwright.review.sheet import Sheet, SheetRow


def write_csv(path: Path, sheet: Sheet) -> None:
    """Writes the sheet; every cell is quoted and neutralised."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(sheet.header)
        for row in sheet.rows:
            writer.writerow([neutralise(cell) for cell in row])


def read_csv(path: Path) -> tuple[tuple[str, ...], list[SheetRow]]:
    """The header and the rows, each with the line in which it begins.

    Commas, semicolons and tabs are understood, as spreadsheet programs of different countries write them.

    Raises:
        DataError: the file is not UTF-8, or not CSV.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            "the sheet is not in UTF-8",
            argument="file",
            value=str(path),
            hint="Save it as 'CSV UTF-8 (comma delimited)', or as XLSX",
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        start = 1
        for row in reader:
            rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"the sheet is not CSV: {error}", argument="file", value=f"{path}, line {reader.line_num}"
        ) from error
    header = tuple(cell.strip() for cell in rows[0][1]) if rows else ()
    return header, [SheetRow(line=line, cells=_cells(header, row)) for line, row in rows[1:]]


def _cells(header: Iterable[str], row: list[str]) -> dict[str, str]:
    return {name: restore(cell) for name, cell in zip(header, row, strict=False)}


def _delimiter(text: str) -> str:
    head = text.split("\n", maxsplit=1)[0]
    return max(",;\t", key=head.count)
