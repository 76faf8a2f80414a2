"""Values that exclude one another: dark and light roast, wired and wireless, long and short sleeves."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from adwright.generate.lexicon.gate import Gated, GatedTable

_ALWAYS = frozenset({"caffeine"})
"""Scales of one value, which the catalogue must name itself."""


def values_of(folded: str, *, known: bool = False) -> Iterator[tuple[int, int, str, str]]:
    """Start, end, scale and value of what a folded text names; `known` reads it as a catalogue.

    >>> [(scale, value) for *_, scale, value in values_of("a dark-roasted night")]
    [('roast', 'dark')]
    """
    for scale, match in _patterns(known=known).finditer(folded):
        yield match.start(), match.end(), scale, str(match.lastgroup)


def contradicts(scale: str, value: str, known: frozenset[tuple[str, str]]) -> bool:
    """Whether what is known names another value of the scale, and not this one."""
    if (scale, value) in known:
        return False
    return scale in _ALWAYS or any(s == scale for s, _ in known)


@functools.cache
def _patterns(*, known: bool) -> GatedTable[str]:
    """Of each scale, a pattern with a group for every value."""
    text = (files("adwright.generate.lexicon") / "scales.toml").read_text(encoding="utf-8")
    scales = ((name, table) for name, table in tomllib.loads(text).items() if isinstance(table, dict))
    return GatedTable((name, Gated(_pattern(table, known=known))) for name, table in scales)


def _pattern(values: Mapping[str, list[str]], *, known: bool) -> re.Pattern[str]:
    groups = []
    for value, entries in values.items():
        words = [w.removeprefix("~") for w in entries if known or not w.startswith("~")]
        latin = "|".join(w for w in words if w.isascii())
        han = "|".join(w for w in words if not w.isascii())
        body = "|".join(p for p in (rf"(?<![a-z0-9])(?:{latin})(?![a-z0-9])" if latin else "", han) if p)
        if body:
            groups.append(f"(?P<{value}>{body})")
    return re.compile("|".join(groups))
