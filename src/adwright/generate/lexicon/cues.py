"""What stands around a claim and says what it is about: the patterns of `cues.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from adwright.text.chinese_numerals import NUMERAL_CHARACTERS

Hedge = Literal[
    "exact", "below", "just_below", "above", "just_above", "about", "up_to", "at_least", "at_most"
]
"""How a text bounds a number."""


def cue(name: str, parts: Mapping[str, str] = MappingProxyType({})) -> re.Pattern[str]:
    """The pattern of a cue, `table.name`, over folded text.

    Args:
        name: Table and name.
        parts: What stands for `<<part>>` in the data.

    >>> bool(cue("money.was_before").search("down from "))
    True
    """
    table, _, key = name.partition(".")
    pattern = "|".join(_data()[table][key]).replace("{numeral}", NUMERAL_CHARACTERS)
    for part, words in parts.items():
        pattern = pattern.replace(f"<<{part}>>", words)
    return re.compile(pattern)


def words(name: str) -> frozenset[str]:
    """A set of words of `cues.toml`, `table.name`."""
    table, _, key = name.partition(".")
    return frozenset(_data()[table][key])


def hedges(place: Literal["before", "after"]) -> tuple[tuple[Hedge, str], ...]:
    """Hedge and pattern of the words that bound a number, in the order in which they are tried."""
    return tuple((entry["hedge"], "|".join(entry["words"])) for entry in _data()["hedges"][place])


@functools.cache
def _data() -> dict[str, Any]:
    path = files("adwright.generate.lexicon") / "cues.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
