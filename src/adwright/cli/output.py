"""What every command shares: the common options, and how results and progress are printed."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adwright.errors import StoreError

if TYPE_CHECKING:
    import polars as pl

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="The shop's folder.", file_okay=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def emit(result: Mapping[str, Any], lines: str, *, as_json: bool) -> None:
    """Prints `result` as one JSON object, or else `lines`, the same thing for people."""
    text = json.dumps(plain(result), ensure_ascii=False) if as_json else lines
    sys.stdout.write(text.rstrip("\n") + "\n")


def progress(message: str) -> None:
    """Prints one line of progress on standard error."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def write_page(path: Path, page: str) -> None:
    """Writes the page, its folders too; `StoreError` where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}", retryable=False) from error


def write_csv(path: Path, frame: pl.DataFrame) -> None:
    """Writes the table, its folders too; `StoreError` where that fails."""
    write_page(path, frame.write_csv())


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: dataclasses to objects, times to ISO, NaN to null, numpy to Python."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
