"""What a pattern needs: literals of which every match holds one, so that most texts need no search at all."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


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

    def may_stand_in(self, text: str) -> bool:
        """False where none of the literals stands in the text."""
        return not self.literals or not self.literals.isdisjoint(_present(text))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """The matches of the pattern."""
        if self.literals and self.literals.isdisjoint(_present(text)):
            return iter(())
        return self.pattern.finditer(text)


class GatedTable(Generic[T]):
    """Many gated patterns, each with what it stands for; those whose literals a text lacks are not even asked.

    >>> table = GatedTable([("dark", Gated(re.compile("dark roast"))), ("light", Gated(re.compile("light roast")))])
    >>> [(name, match[0]) for name, match in table.finditer("a light roast")]
    [('light', 'light roast')]
    """

    def __init__(self, pairs: Iterable[tuple[T, Gated]]) -> None:
        self._pairs = tuple(pairs)
        self._always = frozenset(i for i, (_, gated) in enumerate(self._pairs) if not gated.literals)
        self._index: dict[str, list[int]] = {}
        for i, (_, gated) in enumerate(self._pairs):
            for literal in gated.literals:
                self._index.setdefault(literal, []).append(i)

    def finditer(self, text: str) -> Iterator[tuple[T, re.Match[str]]]:
        """What the patterns stand for with their matches, in the order of the table."""
        held = set(self._always)
        for literal in _present(text) & self._index.keys():
            held.update(self._index[literal])
        for i in sorted(held):
            name, gated = self._pairs[i]
            for match in gated.pattern.finditer(text):
                yield name, match


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
    """Literals of which every match holds at least one; None where the pattern promises none.

    Groups, alternatives and repetitions are followed; whatever else a pattern holds (sets, classes, look-around,
    back references) promises nothing, so that the answer errs on the side of a search too many.

    >>> required_literals("(?:red|blue)? shoes{2}"), required_literals("a|[bc]")
    ((' shoes',), None)
    """
    found = _Branches(pattern).alternatives()
    if found is None:
        return None
    kept = [a for a in found if not any(b != a and b in a for b in found)]
    return tuple(sorted(kept, key=len))


_PART = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)"  # an escape
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]"  # a set
    r"|\(\?(?:P<\w+>|:)|\(\?P=\w+\)|\(\?<?[=!]|\("  # openings, a back reference
    r"|\)|\||[*+?]|\{\d*,?\d*\}"
    r"|.",
    re.DOTALL,
)
_REPEAT = re.compile(r"[*+?]|\{(\d*),?\d*\}")
_CLASSES = "dDsSwWbBAZ123456789"
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}

_Promise = frozenset[str] | None


class _Branches:
    """A pattern read from left to right."""

    def __init__(self, pattern: str) -> None:
        self._parts = _PART.findall(pattern)
        self._at = 0

    def alternatives(self) -> _Promise:
        """What the alternatives up to the closing bracket promise together."""
        promises = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            promises.append(self._sequence())
        if None in promises:
            return None
        return frozenset[str]().union(*(p for p in promises if p))

    def _sequence(self) -> _Promise:
        candidates: list[frozenset[str]] = []
        run = ""
        while (part := self._peek()) not in (None, "|", ")"):
            self._at += 1
            char = _literal(part or "")
            inner = None if char is not None else self._inside(part or "")
            least = self._least_repeats()
            if char is not None and least is None:
                run += char
                continue
            if char is not None and least:
                run, inner = run + char, None  # "ab+" holds "ab", and what follows may be another b
            if run:
                candidates.append(frozenset({run}))
                run = ""
            if inner is not None and least != 0:
                candidates.append(inner)
        if run:
            candidates.append(frozenset({run}))
        return max(candidates, key=_selectivity, default=None)

    def _inside(self, part: str) -> _Promise:
        """What a group promises; a set, a class or a look-around promises nothing."""
        if not part.startswith("(") or part.startswith("(?P="):
            return None
        inner = self.alternatives()
        self._at += 1  # the closing bracket
        return None if part in ("(?=", "(?!", "(?<=", "(?<!") else inner

    def _least_repeats(self) -> int | None:
        """How often at least what was read is repeated; None where no repetition follows."""
        match = _REPEAT.fullmatch(self._peek() or "")
        if match is None or match[0] == "{,}" or match[0] == "{}":
            return None
        self._at += 1
        if self._peek() == "?":  # as little as possible
            self._at += 1
        return int(match[1] or 0) if match[0].startswith("{") else int(match[0] == "+")

    def _peek(self) -> str | None:
        return self._parts[self._at] if self._at < len(self._parts) else None


def _literal(part: str) -> str | None:
    """The character that a part stands for, if it stands for one alone."""
    if part.startswith("\\"):
        if len(part) > 2:
            return chr(int(part[2:], 16))
        return None if part[1] in _CLASSES else _CONTROLS.get(part[1], part[1])
    return part if len(part) == 1 and part not in ".^$()" else None


def _selectivity(literals: frozenset[str]) -> tuple[float, float]:
    """The length of the shortest, and the mean length, where a Han character counts as three."""
    lengths = [sum(1 if c.isascii() else 3 for c in literal) for literal in literals]
    return min(lengths), sum(lengths) / len(lengths)
