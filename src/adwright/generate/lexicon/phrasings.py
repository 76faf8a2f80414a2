"""How texts speak of prices, terms, time, stock and other people: the phrasings of `phrasings.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from adwright.generate.lexicon.gate import Gated


class Phrasing:
    """One sort of phrasing, found in either language.

    Args:
        entry: `en` and `zh`, regular expressions over folded text; `except`, those that only look alike.
    """

    def __init__(self, entry: Mapping[str, Any]) -> None:
        exceptions = entry.get("except", [])
        self.source: str = entry["source"]
        self._en = _compiled(entry.get("en", []), words=True)
        self._zh = _compiled(entry.get("zh", []), words=False)
        self._en_except = _compiled([e for e in exceptions if e.isascii()], words=True)
        self._zh_except = _compiled([e for e in exceptions if not e.isascii()], words=False)

    def find(self, folded: str) -> Iterator[re.Match[str]]:
        """The matches in a folded text, without those that touch an exception."""
        if self._en is not None and self._en.may_stand_in(folded) and _LATIN.search(folded):
            yield from _outside(folded, self._en, self._en_except)
        if self._zh is not None and not folded.isascii() and self._zh.may_stand_in(folded):
            yield from _outside(folded, self._zh, self._zh_except)


@functools.cache
def phrasing(name: str) -> Phrasing:
    """The phrasing of that name, compiled once."""
    return Phrasing(_data()[name])


def phrasing_names() -> tuple[str, ...]:
    """Every phrasing of the data file."""
    return tuple(name for name, entry in _data().items() if isinstance(entry, dict))


_LATIN = re.compile("[a-z]")


def _outside(folded: str, pattern: Gated, exceptions: Gated | None) -> Iterator[re.Match[str]]:
    matches = list(pattern.finditer(folded))
    if not matches:
        return
    spans = [m.span() for m in exceptions.finditer(folded)] if exceptions is not None else []
    for match in matches:
        if match.end() > match.start() and not any(s < match.end() and match.start() < e for s, e in spans):
            yield match


def _compiled(patterns: list[str], *, words: bool) -> Gated | None:
    if not patterns:
        return None
    body = "|".join(patterns)
    return Gated(re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])" if words else body))


@functools.cache
def _data() -> dict[str, Any]:
    path = files("adwright.generate.lexicon") / "phrasings.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
