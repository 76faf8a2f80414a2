"""The numbered steps from an empty database to the present one.

A step is a module `NNNN_name.py` with `upgrade(connection)`. It carries its own table definitions, because
`store.state` moves on and a step must not. A step that was ever released is never edited; write the next.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

__all__ = ["Migration", "known_migrations"]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, its name, and the function that carries it out."""

    number: int
    name: str
    upgrade: Callable[[sa.Connection], None]


def known_migrations() -> list[Migration]:
    """All steps that this version of the code knows, in order."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if re.fullmatch(r"\d{4}_\w+", m.name))
    return [
        Migration(int(name[:4]), name[5:], importlib.import_module(f"{__name__}.{name}").upgrade)
        for name in names
    ]
