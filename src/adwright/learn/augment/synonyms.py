"""Synonym replacement with a lexicon of commerce: only words that state no fact."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np

from adwright.errors import UsageError
from adwright.learn.augment.example import Example
from adwright.schema import Language
from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder

_LETTER = re.compile("[a-z]", re.IGNORECASE)


class SynonymReplacement:
    """Replaces a share of the words that have synonyms.

    Args:
        share: Of the words with synonyms, how many are replaced on average, in (0, 1].
    """

    name = "synonyms"

    def __init__(self, share: float = 0.5) -> None:
        if not 0 < share <= 1:
            raise UsageError("not a share", argument="share", value=share, allowed="above 0, up to 1")
        self.share = share

    def variants(
        self, examples: Sequence[Example], *, n: int, rng: np.random.Generator
    ) -> list[list[Example]]:
        """For each example up to n others, no two alike; none where no word has a synonym."""
        return [self._of(example, n, rng) for example in examples]

    def _of(self, example: Example, n: int, rng: np.random.Generator) -> list[Example]:
        places = _places(example.text, example.language)
        found: dict[str, None] = {}
        for _ in range(4 * n if places else 0):
            text = self._replaced(example.text, places, rng)
            if text != example.text and len(found) < n:
                found[text] = None
        return [replace(example, text=text) for text in found]

    def _replaced(
        self, text: str, places: Sequence[tuple[int, int, tuple[str, ...]]], rng: np.random.Generator
    ) -> str:
        chosen = rng.random(len(places)) < self.share
        if not chosen.any():
            chosen[rng.integers(len(places))] = True
        parts: list[str] = []
        at = 0
        for (start, end, words), is_chosen in zip(places, chosen, strict=True):
            if is_chosen:
                word = words[int(rng.integers(len(words)))]
                parts += [text[at:start], _as_written(word, text[start:end])]
                at = end
        return "".join([*parts, text[at:]])


def _places(text: str, language: Language) -> list[tuple[int, int, tuple[str, ...]]]:
    """Start, end and synonyms of each word that has some, in order, without overlap."""
    finder, synonyms = _lexicon(language)
    found = sorted(finder.find(text))
    places: list[tuple[int, int, tuple[str, ...]]] = []
    for start, end, word in found:
        if not places or start >= places[-1][1]:
            places.append((start, end, synonyms[word]))
    return places


def _as_written(word: str, old: str) -> str:
    """The word with a capital where the old one had one."""
    return word[:1].upper() + word[1:] if _LETTER.match(old) and old[:1].isupper() else word


@functools.cache
def _lexicon(language: Language) -> tuple[PhraseFinder, Mapping[str, tuple[str, ...]]]:
    data = tomllib.loads((files("adwright.learn.augment") / "synonyms.toml").read_text(encoding="utf-8"))
    synonyms: dict[str, tuple[str, ...]] = {}
    for group in data[language]:
        for word in group:
            synonyms[fold_in_place(word).replace("-", " ")] = tuple(w for w in group if w != word)
    return PhraseFinder(synonyms), synonyms
