"""The review sheet as XLSX: text cells, a drop-down for the decision, and a page on how to fill it in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from adwright.errors import DataError
from adwright.review.cells import neutralise, restore
from adwright.review.sheet import DECISIONS, SLOT_PREFIX, Sheet, SheetRow

MAX_CELL = 32_767
"""Characters that a cell of a spreadsheet can hold."""

_WIDTHS = {"content_id": 25, "product": 26, "cohort": 26, "findings": 44, "predicted_value": 22, "reason": 36}
_SLOT_WIDTH, _OTHER_WIDTH = 42, 12
_TEXT_FORMAT = "@"
# XML cannot hold these; the standard writes them as _xHHHH_ (ECMA-376-1, 22.9.2.19, ST_Xstring).
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def write_xlsx(path: Path, sheet: Sheet, *, instructions: Sequence[str] = ()) -> None:
    """Writes the workbook: the sheet, and the instructions on a second page.

    Raises:
        DataError: a cell is longer than a spreadsheet can hold.
    """
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = "review"
    for line, row in enumerate((sheet.header, *sheet.rows), start=1):
        for column, text in enumerate(row, start=1):
            _write(page.cell(row=line, column=column), text if line == 1 else neutralise(text))
    _dress(page, sheet)
    notes = book.create_sheet("how to")
    notes.column_dimensions["A"].width = 110
    for line, text in enumerate(instructions, start=1):
        _write(notes.cell(row=line, column=1), text)
    book.save(path)


def read_xlsx(path: Path) -> tuple[tuple[str, ...], list[SheetRow]]:
    """The header and the rows of the first sheet, each with its row number.

    Raises:
        DataError: the file is not a workbook.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise DataError(
            "the sheet is not an XLSX workbook",
            argument="file",
            value=str(path),
            hint="Save it as .xlsx or CSV UTF-8",
        ) from error
    page = book["review"] if "review" in book.sheetnames else book.worksheets[0]
    rows = [[_text(cell) for cell in row] for row in page.iter_rows(values_only=True)]
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    return header, [
        SheetRow(line=line, cells={n: restore(cell) for n, cell in zip(header, row, strict=False) if n})
        for line, row in enumerate(rows[1:], start=2)
    ]


def _write(cell: Any, text: str) -> None:
    from openpyxl.styles import Alignment

    written = _UNWRITABLE.sub(lambda match: f"_x{ord(match.group()):04X}_", text)
    if len(written) > MAX_CELL:
        raise DataError(
            "a text is longer than a spreadsheet cell can hold",
            argument="text",
            value=text,
            allowed=f"{MAX_CELL} characters",
            hint="Use --format csv",
        )
    cell.value = written
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.number_format = _TEXT_FORMAT
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _dress(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, name in enumerate(sheet.header, start=1):
        letter = get_column_letter(column)
        width = _SLOT_WIDTH if name.startswith(SLOT_PREFIX) else _WIDTHS.get(name, _OTHER_WIDTH)
        page.column_dimensions[letter].width = width
        head = page.cell(row=1, column=column)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="E8EFFB")
        if name == "decision":
            choice = DataValidation(type="list", formula1=f'"{",".join(DECISIONS)}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{max(len(sheet.rows) + 1, 2)}")
            page.add_data_validation(choice)
    page.freeze_panes = "B2"
    page.auto_filter.ref = page.dimensions


def _text(value: object) -> str:
    """A cell's value as text: what a person typed as a number or a date comes without decoration."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), str(value))
