"""What a pattern needs: literals of which every match holds one, so that most texts need no search at all."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any


class Gated:
    """A pattern that is searched only where one of its literals stands in the text.

    >>> gated = Gated(re.compile("(?:best|top)[- ]seller|sold out"))
    >>> sorted(gated.literals), [m[0] for m in gated.finditer("our best seller")]
    (['seller', 'sold out'], ['best seller'])
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.literals = frozenset(required_literals(pattern.pattern) or ())
        for literal in self.literals:
            _BY_KEY.setdefault(literal[:_KEY], set()).add(literal)
        _present.cache_clear()

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """The matches of the pattern."""
        if self.literals and self.literals.isdisjoint(_present(text)):
            return iter(())
        return self.pattern.finditer(text)


_KEY = 3  # characters; few literals begin with the same three
_BY_KEY: dict[str, set[str]] = {}  # the literals of every gated pattern, by how they begin


@functools.lru_cache(maxsize=8)
def _present(text: str) -> frozenset[str]:
    """Which literals of any gated pattern stand in the text: one pass for all patterns together."""
    found: set[str] = set()
    for length in range(1, _KEY + 1):
        for key in {text[i : i + length] for i in range(len(text) - length + 1)} & _BY_KEY.keys():
            if length < _KEY:
                found.add(key)  # the whole literal is no longer than its key
            else:
                found.update(literal for literal in _BY_KEY[key] if literal in text)
    return frozenset(found)


@functools.cache
def required_literals(pattern: str) -> tuple[str, ...] | None:
    """Literals of which every match holds at least one; None where the pattern promises none."""
    found = _of_sequence(_parser.parse(pattern))
    if found is None:
        return None
    kept = [a for a in found if not any(b != a and b in a for b in found)]
    return tuple(sorted(kept, key=len))


def _of_sequence(items: Sequence[Any]) -> frozenset[str] | None:
    candidates: list[frozenset[str]] = []
    run = ""
    for op, value in [*items, (None, None)]:
        if op is _constants.LITERAL:
            run += chr(value)
            continue
        if run:
            candidates.append(frozenset({run}))
            run = ""
        inner = _of_part(op, value)
        if inner is not None:
            candidates.append(inner)
    return max(candidates, key=_selectivity, default=None)


def _of_part(op: Any, value: Any) -> frozenset[str] | None:
    if op is _constants.SUBPATTERN:
        return _of_sequence(value[3])
    if op is _constants.BRANCH:
        parts = [_of_sequence(branch) for branch in value[1]]
        return None if None in parts else frozenset[str]().union(*(p for p in parts if p))
    if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and value[0] >= 1:
        return _of_sequence(value[2])
    return None


def _selectivity(literals: frozenset[str]) -> float:
    """The length of the shortest, where a Han character counts as three."""
    return min(sum(1 if c.isascii() else 3 for c in literal) for literal in literals)
