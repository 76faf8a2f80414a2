"""Features of goods, sort by sort: the words that claim them and the words that bear them out."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from adwright.generate.lexicon.negation import denied_before
from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder


def find_features(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the word of each feature that a text claims.

    >>> list(find_features("A hooded coat")), [w for *_, w in find_features("一键弹盖，带茶滤")]
    ([(2, 8, 'hooded')], ['一键弹盖', '茶滤'])
    """
    for start, end, word in _finder().find(text):
        if word in _evidence_words():
            yield start, end, word


def bears_out_feature(catalogue: str, word: str) -> bool:
    """Whether a folded catalogue text says the feature of this word in any of its words, without denying it.

    >>> bears_out_feature("连帽外套", "hooded"), bears_out_feature("no hood", "hooded")
    (True, False)
    """
    return any(
        not denied_before(catalogue[max(0, match.start() - 24) : match.start()])
        for match in _evidence(word).finditer(catalogue)
    )


@functools.cache
def _finder() -> PhraseFinder:
    return PhraseFinder([*_evidence_words(), *_table()["set_phrases"]])


@functools.cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("adwright.generate.lexicon") / "features.toml").read_text(encoding="utf-8"))


@functools.cache
def _evidence_words() -> Mapping[str, tuple[str, ...]]:
    """Claim -> every word that bears it out."""
    evidence: dict[str, tuple[str, ...]] = {}
    for sort in _table().values():
        for words in sort["features"] if isinstance(sort, dict) else ():
            spellings = tuple(_fold(word.removeprefix("~")) for word in words)
            for word in words:
                if not word.startswith("~"):
                    key = _fold(word)
                    evidence[key] = (*evidence.get(key, ()), *spellings)
    return evidence


@functools.lru_cache(maxsize=4096)
def _evidence(word: str) -> re.Pattern[str]:
    words = sorted(_evidence_words()[word], key=len, reverse=True)
    latin = "|".join(re.escape(w).replace("\\ ", "[ -]") for w in words if w.isascii())
    han = "|".join(re.escape(w) for w in words if not w.isascii())
    parts = [rf"(?<![a-z0-9])(?:{latin})(?![a-z])" if latin else "", han]
    return re.compile("|".join(p for p in parts if p))


def _fold(word: str) -> str:
    return fold_in_place(word).replace("-", " ")
