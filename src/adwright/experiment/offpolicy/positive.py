"""The check that a hyper-parameter is above 0."""

from __future__ import annotations

from adwright.errors import UsageError


def positive(name: str, value: float) -> None:
    """Raises `UsageError` unless `value` is above 0 (infinity is)."""
    if not value > 0:
        raise UsageError("not a hyper-parameter", argument=name, value=value, allowed="above 0")
