"""The word lists of `counts.toml`: parts and contents, spans of use, turns of phrase in which a number is idle."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files

from adwright.generate.guards.claims.counted import stem


@functools.cache
def count_words() -> dict[str, dict[str, list[str]]]:
    """Each list by its name and language."""
    text = (files("adwright.generate.lexicon") / "counts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def word_pattern(name: str) -> re.Pattern[str]:
    """The words of a list in both languages, the longest first; those of `durations` may go on."""
    entry = count_words()[name]
    en = "|".join(re.escape(w) for w in sorted(entry["en"], key=len, reverse=True))
    zh = "|".join(re.escape(w) for w in sorted(entry["zh"], key=len, reverse=True))
    closing = "" if name == "durations" else r"(?![a-z])"
    return re.compile(rf"(?<![a-z0-9])(?:{en}){closing}|{zh}")


@functools.cache
def parts_en() -> frozenset[str]:
    """English nouns of parts and contents, in the singular."""
    return frozenset(stem(word) for word in count_words()["parts"]["en"])
