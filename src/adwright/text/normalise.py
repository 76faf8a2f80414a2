"""Cleaning text of what a reader cannot see, and folding it for comparison."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, but for tab, line feed, carriage return
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"  # zero-width and bidi; U+200D is treated apart
    "\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"  # blanks, selectors, noncharacters
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000e0000-\U000e0fff"  # tags and variation selectors, which can carry hidden text
    "]"
)
_LONE_JOINER = re.compile(
    "(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def clean(text: str) -> str:
    """The text in NFC without zero-width, bidi, tag and control characters; line ends become a line feed.

    A zero-width joiner survives inside an emoji sequence only. The result is a fixed point.

    >>> clean("so\\u200bft\\u202e cot\\u00adton\\r\\n")
    'soft cotton\\n'
    """
    visible = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    return unicodedata.normalize("NFC", _LONE_JOINER.sub("", visible))


def fold(text: str) -> str:
    """The text as it is compared: clean, NFKC (full-width to half-width) and case-folded.

    >>> fold("ＡＤ２０ Straße")
    'ad20 strasse'
    """
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    return clean(unicodedata.normalize("NFKC", folded).casefold())


HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94) if i != 0x0B} | {
    0x3000: 0x20,
    0xFFE5: 0xA5,
    0xFFE1: 0xA3,
}
"""For `str.translate`: full-width to half-width, one for one; not the comma, which never groups digits."""

_PLAIN_MARKS = {0x2019: 0x27, 0x2018: 0x27, 0x2010: 0x2D, 0x2011: 0x2D, 0x00A0: 0x20}


def fold_in_place(text: str) -> str:
    """The text in half-width lower case with plain apostrophes and hyphens, character by character.

    The result has the length of the text, so a place found in one is the same place in the other.

    >>> fold_in_place("Ｎｏ．１ Levi’s")
    "no.1 levi's"
    """
    plain = text.translate(HALF_WIDTH).translate(_PLAIN_MARKS)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)
