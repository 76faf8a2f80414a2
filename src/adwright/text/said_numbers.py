"""Numbers as a text says them: in digits, Chinese numerals or English words."""

from __future__ import annotations

import re

from adwright.text.chinese_numerals import parse_chinese
from adwright.text.english_numerals import parse_english

_ARTICLES = frozenset({"a", "an"})
_DIGITS = re.compile(r"\d+(?:\.\d+)?")


def said_number(word: str) -> float | None:
    """A number in digits, Chinese numerals or English words, an article being one; None where the word is none.

    >>> [said_number(word) for word in ("2.5", "三十", "twenty-five", "an", "often")]
    [2.5, 30.0, 25.0, 1.0, None]
    """
    if _DIGITS.fullmatch(word):
        return float(word)
    if word in _ARTICLES:
        return 1.0
    found = parse_chinese(word)
    return parse_english(word) if found is None else found
