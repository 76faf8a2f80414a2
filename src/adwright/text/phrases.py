"""Finding many fixed phrases in a text at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adwright.text.normalise import fold_in_place

_HAN_KEY = 2  # characters
_WORD = re.compile(r"(?<![a-z0-9])(?:[a-z0-9]+|\S)")
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class PhraseFinder:
    """Finds the longest of the given phrases at each place; the time does not grow with their number.

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
        self._latin = _indexed((_first_word(p), p) for p in folded if not _has_han(p))
        self._han = _indexed((p[:_HAN_KEY], p) for p in folded if _has_han(p))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and the phrase in its folded form, Latin ones first, without overlap within a script."""
        folded = fold_in_place(text).replace("-", " ")
        if self._latin:
            yield from self._find_latin(folded)
        if self._han and not text.isascii():
            yield from self._find_han(folded)

    def _find_latin(self, folded: str) -> Iterator[tuple[int, int, str]]:
        end = 0
        for match in _WORD.finditer(folded):
            start = match.start()
            if start < end:
                continue
            for phrase in self._latin.get(match[0], ()):
                stop = start + len(phrase)
                if folded.startswith(phrase, start) and folded[stop : stop + 1] not in _WORD_CHARACTERS:
                    yield start, stop, phrase
                    end = stop
                    break

    def _find_han(self, folded: str) -> Iterator[tuple[int, int, str]]:
        end = 0
        for start in range(len(folded)):
            if start < end:
                continue
            for phrase in _candidates(self._han, folded, start):
                if folded.startswith(phrase, start):
                    end = start + len(phrase)
                    yield start, end, phrase
                    break


def _has_han(phrase: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in phrase)


def _first_word(phrase: str) -> str:
    match = _WORD.match(phrase)
    return match[0] if match else phrase


def _indexed(phrases: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The phrases under their keys, in the order given."""
    index: dict[str, list[str]] = {}
    for key, phrase in phrases:
        index.setdefault(key, []).append(phrase)
    return index


def _candidates(index: dict[str, list[str]], folded: str, start: int) -> Iterable[str]:
    """The phrases that may begin here, the longer ones first."""
    longer = index.get(folded[start : start + _HAN_KEY], ())
    single = index.get(folded[start], ())
    return (*longer, *single) if single and start + 1 < len(folded) else longer or single
