"""English number words as numbers."""

from __future__ import annotations

_ONE_TO_NINETEEN = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TWENTY_TO_NINETY = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_ONE_TO_NINETEEN.split(), start=1)}
_TENS = {word: 10 * value for value, word in enumerate(_TWENTY_TO_NINETY.split(), start=2)}
_PLACES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 10**9}
_SMALL = {**_ONES, **_TENS}

_WORD = "|".join(sorted(_SMALL, key=len, reverse=True))
_PLACE = "dozen|hundred|thousand|million|billion"
ENGLISH_NUMERAL = (
    rf"(?:half a (?:{_PLACE})"
    rf"|(?:a|(?:{_WORD})(?:[- ](?:{'|'.join(_ONES)}))?)(?: (?:{_PLACE}))(?: (?:{_PLACE}))?"
    rf"(?: and (?:{_WORD})(?:[- ](?:{'|'.join(_ONES)}))?)?"
    rf"|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(list(_ONES)[:9])})"
    rf"|(?:{'|'.join(w for w in sorted(_SMALL, key=len, reverse=True) if w != 'one')}))"
    r"(?: and a half)?"
)
"""A pattern of the number words that `parse_english` reads; "one" alone is more often a pronoun."""


def parse_english(words: str) -> float | None:
    """The value of English number words; None where they are none.

    >>> [parse_english(w) for w in ("twenty-five", "two hundred and ten", "half a dozen", "a thousand")]
    [25.0, 210.0, 6.0, 1000.0]
    >>> parse_english("four and a half"), parse_english("often")
    (4.5, None)
    """
    parts = words.casefold().replace("-", " ").split()
    extra = 0.0
    if parts[-3:] == ["and", "a", "half"]:
        parts, extra = parts[:-3], 0.5
    total, section = 0.0, 0.0
    for part in parts:
        if part in _SMALL:
            section += _SMALL[part]
        elif part in _PLACES:
            section = (section or 1) * _PLACES[part]
            if section >= 1000:
                total, section = total + section, 0.0
        elif part == "half":
            section = 0.5
        elif part not in ("a", "and"):
            return None
    value = total + section + extra
    return value or None
