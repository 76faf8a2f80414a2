"""Components by their short name: the built-in ones and those that other packages add by entry points."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from adwright.errors import unknown_name


@dataclass(frozen=True)
class Registry:
    """The components of one sort, loaded when they are asked for.

    Args:
        what: The noun for messages, for example "backend".
        group: The entry-point group through which other packages add one.
        built_in: Name -> "module:attribute". They are entry points like any other, and come first, so
            that a package cannot replace one unseen.
    """

    what: str
    group: str
    built_in: Mapping[str, str]

    def names(self) -> tuple[str, ...]:
        """Every name, built-in ones first."""
        return tuple(self._points())

    def load(self, name: str) -> Any:
        """The component of that name; an unknown one raises `NotFoundError` with the nearest."""
        points = self._points()
        if name not in points:
            raise unknown_name(self.what, name, points)
        return points[name].load()

    def _points(self) -> Mapping[str, EntryPoint]:
        own = _built_in_points(self.group, tuple(self.built_in.items()))
        added = {name: point for name, point in _added(self.group).items() if name not in own}
        return {**own, **added}


@functools.lru_cache(maxsize=32)
def _built_in_points(group: str, built_in: tuple[tuple[str, str], ...]) -> Mapping[str, EntryPoint]:
    return MappingProxyType({name: EntryPoint(name, value, group) for name, value in built_in})


@functools.lru_cache(maxsize=8)
def _added(group: str) -> Mapping[str, EntryPoint]:
    return MappingProxyType({point.name: point for point in entry_points(group=group)})
