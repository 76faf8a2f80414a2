"""Which column of a file is which of ours: by `--map ours=theirs`, by name, by a usual other name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adwright.errors import DataError, unknown_name

_SEPARATORS = re.compile(r"[\s_.-]+")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Renames the fields of rows; what has no name of ours goes to the attributes.

    Args:
        fields: Our names, each with the other names that it is known by, the likeliest first.
        required: Those of our names that a file has to have.
        mapping: Our name -> the file's name, as the user gave it; it wins over the names.
    """

    fields: Mapping[str, Sequence[str]]
    required: Sequence[str] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for ours in self.mapping:
            if ours not in self.fields:
                raise unknown_name("column to map", ours, self.fields)

    def check(self, columns: Sequence[str], file: str) -> None:
        """Raises `DataError`, naming the nearest column, where a column that is needed is absent."""
        for ours, theirs in self.mapping.items():
            if theirs not in columns:
                raise _absent(theirs, columns, file, f"--map {ours}={theirs} names a column that is absent")
        found = set(self._resolve(tuple(columns)).values())
        for ours in self.required:
            if ours not in found:
                raise _absent(ours, columns, file, f"the column {ours} is absent")

    def split(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The row's values under our names, and the rest under their own."""
        names = self._resolve(tuple(row))
        ours: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for name, value in row.items():
            target = names.get(name)
            if target is None:
                rest[name] = value
            else:
                ours[target] = value
        return ours, rest

    def _resolve(self, columns: tuple[str, ...]) -> dict[str, str]:
        found = self._known.get(columns)
        if found is None:
            found = self._resolve_anew(columns)
            if len(self._known) < 10_000:  # rows of JSON may each have their own set of names
                self._known[columns] = found
        return found

    def _resolve_anew(self, columns: tuple[str, ...]) -> dict[str, str]:
        names = {theirs: ours for ours, theirs in self.mapping.items() if theirs in columns}
        bare = {_bare(c): c for c in reversed(columns) if c not in names}
        for ours, others in self.fields.items():
            if ours in self.mapping:
                continue
            for candidate in (ours, *others):
                column = bare.get(_bare(candidate))
                if column is not None and column not in names:
                    names[column] = ours
                    break
        return names


def _bare(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _absent(name: str, columns: Sequence[str], file: str, message: str) -> DataError:
    near = difflib.get_close_matches(name.lower(), {c.lower(): c for c in columns}, n=1, cutoff=0.4)
    closest = next((c for c in columns if near and c.lower() == near[0]), columns[0] if columns else "COLUMN")
    ours = message.split("--map ", 1)[1].split("=", 1)[0] if "--map" in message else name
    return DataError(
        f"{file}: {message}",
        argument="columns",
        value=", ".join(columns),
        hint=f"The nearest is '{closest}': --map {ours}={closest}",
    )
