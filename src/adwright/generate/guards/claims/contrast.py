"""The one word of a pair by which goods differ: 上加水 for 下加水, 青轴 for 红轴, "hand-woven" for "machine-woven".

Holds when: a value of the catalogue puts one word of a class before a thing, and the text puts another of the same
class before the same thing.

Does not cover: pairs whose words do not stand next to what they set apart.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.denied_things import is_unclaimed
from adwright.generate.guards.fields import Field
from adwright.generate.guards.support import Support


def contrast_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each thing that the catalogue gives with another word of the class."""
    for name, thing, said in _contrasts(support.fields):
        if thing not in reading.folded and thing not in _table()["made"]:
            continue
        for match in _pattern(name, thing).finditer(reading.folded):
            start, end = match.span()
            if match["word"] in said or any(s < end and start < e for s, e in judged):
                continue
            if is_unclaimed(match[0], (start, end), reading, support) or _is_said(match[0], support):
                continue
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")


def _is_said(phrase: str, support: Support) -> bool:
    """Whether a value, a title or a description has it; the name of a field says nothing of its value."""
    return any(phrase in (line.partition(": ")[2] or line) for line in support.catalogue.splitlines())


@functools.lru_cache(maxsize=64)
def _contrasts(fields: tuple[Field, ...]) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Class, thing, and the words of the class that the catalogue has before the thing."""
    said: dict[tuple[str, str], set[str]] = {}
    for field in fields:
        for pattern in _TOKENS:
            for match in pattern.finditer(field.value):
                word, thing = match["word"], match["thing"]
                for name in _classes().get(word, ()):
                    if thing not in _table()["nothing"]:
                        said.setdefault((name, thing), set()).add(word)
    return tuple((name, thing, frozenset(words)) for (name, thing), words in said.items())


_TOKENS = (
    re.compile(r"(?<![a-z])(?P<word>[a-z]+)[- ](?P<thing>[a-z]{4,})(?![a-z])"),
    re.compile(r"(?=(?P<word>[一-鿿])(?P<thing>[一-鿿]{1,2}))"),
)


@functools.lru_cache(maxsize=1024)
def _pattern(name: str, thing: str) -> re.Pattern[str]:
    words = "|".join(_table()["classes"][name])
    if thing.isascii():
        things = f"{thing}|made|crafted" if thing in _table()["made"] else thing
        return re.compile(rf"(?<![a-z])(?P<word>{words})[- ]?(?:{things})(?![a-z])")
    return re.compile(rf"(?P<word>{words}){thing}")


@functools.cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("adwright.generate.lexicon") / "contrasts.toml").read_text(encoding="utf-8"))


@functools.cache
def _classes() -> Mapping[str, tuple[str, ...]]:
    """Word -> the classes that it is of."""
    found: dict[str, tuple[str, ...]] = {}
    for name, words in _table()["classes"].items():
        for word in words:
            found[word] = (*found.get(word, ()), name)
    return found
