"""Latin words: which of them are English, and their small letters."""

from __future__ import annotations

import functools
import re

from adwright.generate.lexicon.translations import translations
from adwright.text.stems import stem


def is_english(word: str) -> bool:
    """Whether the list of translations has it, alone or in a term."""
    return all(stem(part) in _english() for part in re.split("[-'’&]", word) if part)


def lower_in_place(text: str) -> str:
    """Small letters, as many as there were: a few capitals have a small form of two characters.

    >>> len(lower_in_place("İÅ"))
    2
    """
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@functools.cache
def _english() -> frozenset[str]:
    return frozenset(part for term in translations().of for part in term.split(" ") if part.isascii())
