"""The review sheet as a file: CSV or XLSX by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adwright.errors import DataError, StoreError, UsageError
from adwright.report.edition import Edition
from adwright.report.figures import ContentFigures
from adwright.review.csv_sheet import read_csv, write_csv
from adwright.review.sheet import SheetRow, make_sheet
from adwright.review.xlsx_sheet import read_xlsx, write_xlsx

_REQUIRED = ("content_id", "decision", "reason")
_STEPS = ("edit", "change", "read", "keep")

Reader = Callable[[Path], tuple[tuple[str, ...], list[SheetRow]]]
READERS: Mapping[str, Reader] = {".csv": read_csv, ".xlsx": read_xlsx}


def write_table(path: Path, items: Sequence[ContentFigures], *, edition: Edition) -> None:
    """Writes the contents that wait as a sheet for a reviewer.

    Args:
        path: Ends in .csv or .xlsx.
        items: The contents.
        edition: The language of findings, values and instructions.

    Raises:
        UsageError: another ending.
        DataError: a text is too long for a cell.
        StoreError: the file cannot be written.
    """
    sheet = make_sheet(items, edition)
    suffix = _suffix(path)
    try:
        if suffix == ".csv":
            write_csv(path, sheet)
        else:
            steps = [edition.messages.say(f"review.step_{step}") for step in _STEPS]
            write_xlsx(path, sheet, instructions=steps)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}", retryable=False) from error


def read_table(path: Path) -> list[SheetRow]:
    """The rows of a sheet that came back, without the empty ones.

    Raises:
        UsageError: another ending than .csv or .xlsx.
        DataError: the file is missing, empty or unreadable, or lacks a column.
    """
    reader = READERS[_suffix(path)]
    try:
        header, rows = reader(path)
    except OSError as error:
        raise DataError(
            f"cannot read the sheet: {error.strerror}", argument="file", value=str(path)
        ) from error
    named = [name for name in header if name]
    lacking = [name for name in _REQUIRED if name not in named]
    if lacking:
        raise DataError(
            f"the sheet lacks the {'columns' if len(lacking) > 1 else 'column'} {', '.join(lacking)}",
            argument="file",
            value=str(path),
            hint="Export it again with: adwright review --format csv",
        )
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DataError(f"the sheet has a column twice: {', '.join(twice)}", argument="file", value=str(path))
    return [row for row in rows if any(cell.strip() for cell in row.cells.values())]


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise UsageError(
            "not a kind of sheet", argument="file", value=str(path), allowed=" or ".join(READERS)
        )
    return suffix
