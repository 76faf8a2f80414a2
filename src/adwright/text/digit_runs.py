"""Long numbers as people write them: phone numbers, card numbers, identity numbers.

Does not cover: numbers written out in words other than digit by digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MIN_DIGITS = 7
"""Shorter numbers name nobody."""

_HAN_DIGITS = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
_HAN_VALUES = dict(zip(_HAN_DIGITS, "00123456789" + "123456789" + "1", strict=True))
_CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
_GAP = "[ \\-.()\u00a0\u2010-\u2015·\u3000（）－\ufe0f\u20e3\u200d]{0,3}"
_HAN_GAP = f"(?:{_GAP}|[，,、])"
_PLAIN = re.compile(rf"[+＋]?[(（]?[\d{_CIRCLED}](?:{_GAP}[\d{_CIRCLED}]){{{MIN_DIGITS - 1},}}")
_HAN = re.compile(rf"[{_HAN_DIGITS}\d](?:{_HAN_GAP}[{_HAN_DIGITS}\d]){{{MIN_DIGITS - 1},}}")
_LOOKALIKE = re.compile(r"(?<![A-Za-z0-9])[0-9OoIl]{10,11}(?![A-Za-z0-9])")
_LETTERS = str.maketrans("OoIl", "0011")
_ANY_HAN_DIGIT = re.compile(f"[{_HAN_DIGITS}].{{0,3}}[{_HAN_DIGITS}]")
_DIGIT = re.compile(r"\d")
_LETTER_LIKE = re.compile("[OolI]")
_SEPARATED = re.compile("[^0-9]+")


@dataclass(frozen=True, slots=True)
class DigitRun:
    """A long number in a text.

    Args:
        start, end: Where it stands.
        digits: Its digits in ASCII.
        shape: The digits with one hyphen where any separator stood, and a leading plus.
    """

    start: int
    end: int
    digits: str
    shape: str


def find_digit_runs(text: str) -> Iterator[DigitRun]:
    """Every number of seven digits or more, with separators; the time is linear in the text.

    Read as digits are full-width and circled ones, keycap emoji, Chinese numerals, and the letters O and l
    in their place.

    >>> [r.shape for r in find_digit_runs("Call (415) 555-0172, 一三八零零一三八零二七 or 138OOI38O27")]
    ['415-555-0172', '13800138027', '13800138027']
    """
    for match in _PLAIN.finditer(text):
        yield _run(match.start(), match.end(), match[0])
    if _ANY_HAN_DIGIT.search(text):
        for match in _HAN.finditer(text):
            if sum(c in _HAN_VALUES for c in match[0]) > 1:
                yield _run(match.start(), match.end(), match[0])
    if len(_DIGIT.findall(text)) >= MIN_DIGITS - 1 and _LETTER_LIKE.search(text):
        for match in _LOOKALIKE.finditer(text):
            word = match[0]
            if not word.isdigit() and sum(map(str.isdigit, word)) >= MIN_DIGITS - 1:
                yield _run(match.start(), match.end(), word.translate(_LETTERS))


def _run(start: int, end: int, raw: str) -> DigitRun:
    ascii_ = raw if raw.isascii() else "".join(_HAN_VALUES.get(c) or _ascii_digit(c) for c in raw)
    shape = _SEPARATED.sub("-", ascii_.lstrip("+＋(")).strip("-")
    plus = "+" if raw[0] in "+＋" else ""
    return DigitRun(start, end, shape.replace("-", ""), plus + shape)


def _ascii_digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)
