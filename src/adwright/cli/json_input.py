"""Reading the JSON object or the lines that a command is given, from a file or from standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from adwright.errors import DataError


def read_text(source: str) -> str:
    """The text of the file, or of standard input for "-"; `DataError` where it cannot be read."""
    try:
        return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the file: {error}", argument="file", value=source) from error


def read_object(source: str) -> dict[str, Any]:
    """The JSON object in the file, or on standard input for "-".

    Raises:
        DataError: not readable, not JSON, or not an object.
    """
    text = read_text(source)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON: {error}", argument="file", value=source) from error
    if not isinstance(value, dict):
        raise DataError("not a JSON object", argument="file", value=type(value).__name__, allowed="{...}")
    return value


def read_rows(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under `key`; `DataError` where it is something else or empty."""
    rows = document.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise DataError("not a list of objects", argument=key, value=rows, allowed="[{...}, ...]")
    return rows
