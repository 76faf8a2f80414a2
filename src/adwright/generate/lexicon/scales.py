"""Values that exclude one another: dark and light roast, wired and wireless, long and short sleeves."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from adwright.generate.lexicon.gate import Gated

_ALWAYS = frozenset({"caffeine"})
"""Scales of one value, which the catalogue must name itself."""


def values_of(folded: str, *, known: bool = False) -> Iterator[tuple[int, int, str, str]]:
    """Start, end, scale and value of what a folded text names; `known` reads it as a catalogue.

    >>> [(scale, value) for *_, scale, value in values_of("a dark-roasted night")]
    [('roast', 'dark')]
    """
    for match in _pattern(known=known).finditer(folded):
        scale, _, value = str(match.lastgroup).partition("__")
        yield match.start(), match.end(), scale, value


def contradicts(scale: str, value: str, known: frozenset[tuple[str, str]]) -> bool:
    """Whether what is known names another value of the scale, and not this one."""
    if (scale, value) in known:
        return False
    return scale in _ALWAYS or any(s == scale for s, _ in known)


@functools.cache
def _pattern(*, known: bool) -> Gated:
    text = (files("adwright.generate.lexicon") / "scales.toml").read_text(encoding="utf-8")
    groups = []
    for scale, values in tomllib.loads(text).items():
        if isinstance(values, dict):
            for value, entries in values.items():
                words = [w.removeprefix("~") for w in entries if known or not w.startswith("~")]
                if not words:
                    continue
                latin = "|".join(w for w in words if w.isascii())
                han = "|".join(w for w in words if not w.isascii())
                body = "|".join(
                    p for p in (rf"(?<![a-z0-9])(?:{latin})(?![a-z0-9])" if latin else "", han) if p
                )
                groups.append(f"(?P<{scale}__{value}>{body})")
    return Gated(re.compile("|".join(groups)))
