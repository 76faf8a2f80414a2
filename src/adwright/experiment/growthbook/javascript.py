"""How JavaScript reads values, which is what the SDKs' conditions mean by equal, smaller, empty and true."""

from __future__ import annotations

import json
import math
from typing import Any


def is_number(value: Any) -> bool:
    """Whether it is a number there; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truthy(value: Any) -> bool:
    """Whether it counts as true: lists and objects always do, 0, "" and null do not.

    >>> truthy([]), truthy(""), truthy(0)
    (True, False, False)
    """
    if isinstance(value, dict | list):
        return True
    return bool(value) and value == value  # NaN is false  # noqa: PLR0124


def text(value: Any) -> str:
    """The value as a string.

    >>> text(None), text(1.0), text(True), text([1, "a"])
    ('null', '1', 'true', '1,a')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join("" if item is None else text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return stringify(value)


def stringify(value: Any) -> str:
    """The value as JSON, numbers as JavaScript writes them, keys in their order."""
    return json.dumps(_whole(value), separators=(",", ":"), ensure_ascii=False)


def number(value: Any) -> float:
    """The value as a number; NaN where it is none.

    >>> number(None), number(" 12 "), number("x")
    (0.0, 12.0, nan)
    """
    if value is None:
        return 0.0
    if isinstance(value, bool) or is_number(value):
        return float(value)
    written = text(value).strip()
    if not written:
        return 0.0
    try:
        return float(written)
    except ValueError:
        return math.nan


def same(a: Any, b: Any) -> bool:
    """Strict equality: of one type and equal; lists and objects are never the same."""
    if is_number(a) and is_number(b):
        return bool(a == b)
    return type(a) is type(b) and not isinstance(a, dict | list) and bool(a == b)


def less(a: Any, b: Any) -> bool:
    """a < b: as strings where both are, else as numbers."""
    if isinstance(a, str) and isinstance(b, str):
        return a.encode("utf-16-be", "surrogatepass") < b.encode("utf-16-be", "surrogatepass")
    return number(a) < number(b)


def at_most(a: Any, b: Any) -> bool:
    """a <= b; false where either is not a number and they are not both strings."""
    if isinstance(a, str) and isinstance(b, str):
        return not less(b, a)
    return number(a) <= number(b)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value
