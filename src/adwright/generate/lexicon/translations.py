"""Words of shops in Chinese and English, each with what it is called in the other language."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from adwright.text.stems import stem

_WORD = re.compile(r"[a-z0-9]+(?:[.'][a-z0-9]+)*")
_HAN_RUN = re.compile("[\u3400-\u9fff]+")
_LONGEST_TERM = 5  # Han characters
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Translations:
    """The terms of `translations.tsv`, which holds both ways.

    Args:
        of: Term -> what it is called in the other language. A Latin term is the stems of its words.
    """

    of: Mapping[str, frozenset[str]]

    def terms(self, folded: str) -> set[str]:
        """The terms that a folded text names."""
        return {term for term in _candidates(folded) if term in self.of}

    def translated(self, terms: Iterable[str]) -> set[str]:
        """What the terms are called in the other language, with the words of which that is made.

        >>> folded = translations().translated(["防水"])
        >>> "waterproof" in folded, "cotton" in folded
        (True, False)
        """
        found: set[str] = set()
        for term in terms:
            for other in self.of.get(term, ()):
                found.add(other)
                found.update(_parts(other))
        return found


@functools.cache
def translations() -> Translations:
    """The list, read once."""
    path = files("adwright.generate.lexicon") / "translations.tsv"
    of: defaultdict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition("\t")
        for translation in rest.split(";"):
            one, other = _key(word), _key(translation)
            of[one].add(other)
            of[other].add(one)
    return Translations({term: frozenset(others) for term, others in of.items()})


def is_english(word: str) -> bool:
    """Whether the list has a Latin word, alone or in a term.

    >>> is_english("waterproof"), is_english("besonders")
    (True, False)
    """
    return all(stem(part) in _english() for part in re.split("[-'’&]", word) if part)


@functools.cache
def _english() -> frozenset[str]:
    return frozenset(part for term in translations().of for part in term.split(" ") if part.isascii())


def _key(term: str) -> str:
    words = _WORD.findall(term)
    return " ".join(map(stem, words)) if words and not _HAN_RUN.search(term) else term


def _parts(term: str) -> Iterator[str]:
    """The words of a Latin term, or what stands in a Han one, two characters and more."""
    if " " in term:
        yield from term.split(" ")
    elif _HAN_RUN.match(term):
        for n in range(2, len(term)):
            yield from (term[i : i + n] for i in range(len(term) - n + 1))


def _candidates(folded: str) -> Iterator[str]:
    for match in _HAN_RUN.finditer(folded):
        run = match[0]
        for n in range(1, _LONGEST_TERM + 1):
            yield from (run[i : i + n] for i in range(len(run) - n + 1))
    words = [stem(word) for word in _WORD.findall(folded)]
    for n in range(1, _MOST_WORDS + 1):
        yield from (" ".join(words[i : i + n]) for i in range(len(words) - n + 1))
