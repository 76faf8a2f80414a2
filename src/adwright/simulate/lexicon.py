"""What a reader hears: how often a text expresses each of fifteen concepts, in English and Chinese.

    count_m(x) = number of places in x where an entry of concept m stands, and is not negated

*Holds when* a concept is said with one of its words, stems or paraphrases, whichever language the text is
in. At one place the longest entry wins and its characters are used up, so "half of what others ask" is not
also something else. A negation right before an entry ("not soft", "不柔软") silences it.

*Does not cover* irony, metaphors that are not listed, or a negation further away than one word.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from adwright.errors import unknown_name
from adwright.schema import F64, Language
from adwright.simulate.package_data import read_table

LANGUAGES: tuple[Language, ...] = ("en", "zh")

_NEGATIONS_EN = frozenset({"not", "no", "never", "without", "isn't", "aren't", "hardly"})
_NEGATIONS_ZH = frozenset("不没无别非")
_WORD_START = re.compile(r"(?<![\w'])[a-z]")


@functools.cache
def concepts() -> tuple[str, ...]:
    """The names of the concepts, in the order of every array of concepts."""
    return tuple(read_table("lexicon_en"))


@functools.cache
def phrases() -> Mapping[Language, frozenset[str]]:
    """The paraphrases of several words in each language, as they stand in the lexicon.

    No writer of the project may use them as its own building blocks; single words cannot be disjoint.
    """
    return {
        language: frozenset(
            p for entry in read_table(f"lexicon_{language}").values() for p in entry["phrases"]
        )
        for language in LANGUAGES
    }


def entries(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Concept -> its words, stems (ending in *) and phrases in one language."""
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
    return {c: (*e["words"], *e["phrases"]) for c, e in read_table(f"lexicon_{language}").items()}


def count_concepts(text: str) -> F64:
    """How often each concept is expressed, shape (n_concepts,), in the order of `concepts()`.

    >>> dict(zip(concepts(), count_concepts("Soft, and it does not wear out.").tolist()))["durability"]
    1.0
    """
    plain = simplify(text)
    counts = np.zeros(len(concepts()))
    _scan(plain, _english(), [m.start() for m in _WORD_START.finditer(plain)], counts)
    _scan(plain, _chinese(), [i for i, c in enumerate(plain) if is_han(c)], counts)
    return counts


def simplify(text: str) -> str:
    """The text for reading: compatibility forms folded, lower case, hyphens as spaces, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return re.sub(r"[\s\-‐-―_]+", " ", folded).strip()


def is_han(character: str) -> bool:
    """True for a Chinese character of the basic block."""
    return "一" <= character <= "鿿"


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    concept: int
    is_stem: bool
    own_negation: bool


@functools.cache
def _english() -> dict[str, list[_Entry]]:
    return _index("en", lambda body: body.split(" ")[0] in _NEGATIONS_EN)


@functools.cache
def _chinese() -> dict[str, list[_Entry]]:
    return _index("zh", lambda body: body[0] in _NEGATIONS_ZH)


def _index(language: Language, negates: Callable[[str], bool]) -> dict[str, list[_Entry]]:
    """Entries by their first two characters, longest first, so that a scan tries only a few."""
    index: dict[str, list[_Entry]] = {}
    for number, concept in enumerate(concepts()):
        for raw in entries(language)[concept]:
            body = simplify(raw.rstrip("*"))
            entry = _Entry(body, number, raw.endswith("*") or language == "zh", negates(body))
            index.setdefault(body[:2], []).append(entry)
    for found in index.values():
        found.sort(key=lambda e: -len(e.text))
    return index


def _scan(plain: str, index: dict[str, list[_Entry]], starts: list[int], counts: F64) -> None:
    free_from = 0
    for start in starts:
        if start < free_from:
            continue
        for entry in index.get(plain[start : start + 2], ()):
            end = start + len(entry.text)
            if plain.startswith(entry.text, start) and (entry.is_stem or not _goes_on(plain, end)):
                free_from = end
                if entry.own_negation or not _is_negated(plain, start):
                    counts[entry.concept] += 1
                break


def _goes_on(plain: str, end: int) -> bool:
    return end < len(plain) and plain[end].isalnum() and not is_han(plain[end])


def _is_negated(plain: str, start: int) -> bool:
    before = plain[:start].rstrip()
    if not before:
        return False
    return before[-1] in _NEGATIONS_ZH or before[-12:].split(" ")[-1] in _NEGATIONS_EN
