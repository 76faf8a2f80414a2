"""Finding many fixed phrases in a text at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adwright.text.normalise import fold_in_place


class PhraseFinder:
    """Finds the longest of the given phrases at each place; the time is linear in the text.

    A phrase in Latin script matches whole words, in any case, with a hyphen or a space alike; one in Han
    characters matches anywhere.

    Args:
        phrases: What to find; folded, so that "ＡＢ" and "ab" are one.

    >>> [found for *_, found in PhraseFinder(["red", "red wine", "棉"]).find("Red-wine reds, red 棉花")]
    ['red wine', 'red', '棉']
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        folded = sorted(
            {fold_in_place(p).replace("-", " ") for p in phrases if p}, key=lambda p: (-len(p), p)
        )
        self._latin = _pattern([p for p in folded if p.isascii() or not _has_han(p)], words=True)
        self._han = _pattern([p for p in folded if not p.isascii() and _has_han(p)], words=False)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and the phrase in its folded form, Latin ones first, without overlap within a script."""
        folded = fold_in_place(text).replace("-", " ")
        for pattern in (self._latin, self._han if not text.isascii() else None):
            if pattern is not None:
                for match in pattern.finditer(folded):
                    yield match.start(), match.end(), match[0]


def _has_han(phrase: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in phrase)


def _pattern(phrases: list[str], *, words: bool) -> re.Pattern[str] | None:
    if not phrases:
        return None
    body = "|".join(re.escape(p) for p in phrases)
    return re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])" if words else body)
