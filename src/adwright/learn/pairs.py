"""Pairs of prompt and text to fine-tune on, read from JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adwright.errors import DataError

FIELDS: tuple[tuple[str, str], ...] = (("prompt", "completion"), ("content", "summary"), ("prompt", "text"))
"""Names of the fields of prompt and text that are known; the first that the first line has."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is asked, and what is to be written."""

    prompt: str
    text: str


def read_pairs(path: Path, *, fields: tuple[str, str] | None = None) -> list[Pair]:
    """The pairs of a file of JSON lines, in order; blank lines count for nothing.

    Args:
        path: The file.
        fields: Names of prompt and text; found out by the first line where None.

    Raises:
        DataError: no such file, a line that is no object, or one without these fields as texts; with its number.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the pairs: {error}", argument="data", value=str(path)) from error
    pairs: list[Pair] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _object(line, path, number)
        fields = fields or _known_fields(row, path)
        prompt, text = (row.get(name) for name in fields)
        if not isinstance(prompt, str) or not isinstance(text, str) or not text.strip():
            raise DataError(
                f"{path.name}, line {number}: no pair",
                argument=", ".join(fields),
                value=row,
                allowed="two texts, the second not empty",
            )
        pairs.append(Pair(prompt, text))
    if not pairs:
        raise DataError("no pairs", argument="data", value=str(path), allowed="at least one line")
    return pairs


def attribute_pairs(prompt: str) -> tuple[tuple[str, str], ...]:
    """Name and value of a prompt such as AdvertiseGen's `name#value*name#value`; nothing for another.

    >>> attribute_pairs("类型#裤*版型#宽松")
    (('类型', '裤'), ('版型', '宽松'))
    """
    parts = [part.split("#", maxsplit=1) for part in prompt.split("*")]
    return tuple((p[0], p[1]) for p in parts) if all(len(p) == 2 for p in parts) else ()


def _object(line: str, path: Path, number: int) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(
            f"{path.name}, line {number}: not JSON ({error})", argument="data", value=line
        ) from error
    if not isinstance(row, dict):
        raise DataError(f"{path.name}, line {number}: no object", argument="data", value=line)
    return row


def _known_fields(row: dict[str, object], path: Path) -> tuple[str, str]:
    found: Sequence[tuple[str, str]] = [names for names in FIELDS if set(names) <= row.keys()]
    if not found:
        raise DataError(
            f"{path.name}: no fields of prompt and text",
            argument="fields",
            value=tuple(row),
            allowed=" or ".join("/".join(names) for names in FIELDS),
            hint="Name them: --fields PROMPT,TEXT",
        )
    return found[0]
