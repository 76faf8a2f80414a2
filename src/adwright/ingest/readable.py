"""Nested values of a catalogue as text that a person, and a prompt, can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwright.ingest.personal import is_personal


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value as one text; absent ones are left out, personal ones stay for the caller to withhold.

    A list of objects (such as reviews: untrusted words of strangers) is only counted.

    >>> readable({"tags": ["beauty", "mascara"], "dimensions": {"width": 15.1, "depth": 2}, "reviews": [{}, {}]})
    {'tags': 'beauty, mascara', 'dimensions': 'width 15.1, depth 2', 'reviews': '2 entries'}
    """
    return {
        name: value if is_personal(name) else _as_text(value)
        for name, value in values.items()
        if value is not None and value not in ("", [], {})
    }


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = [f"{k} {_as_text(v)}" for k, v in value.items() if v is not None and not is_personal(str(k))]
        return ", ".join(parts)
    if isinstance(value, list | tuple):
        if any(isinstance(v, Mapping) for v in value):
            return f"{len(value)} entries"
        return ", ".join(_as_text(v) for v in value if v is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
