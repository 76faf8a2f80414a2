"""The simulated customers listen for phrases; the composer must not know them, or the demo would test itself.

A *phrase* is what says something by itself. In English it has at least two words in the lexicon, and at least
three in the composer, whose literals between two placeholders ("you can", "count on") are often two words of
grammar. In Chinese, where most words have two characters, it has at least three.

Single words ("soft", "礼物") cannot be disjoint: whoever writes about a sofa says "soft".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from adwright.generate import create_backend, write_contents
from adwright.generate.backends import compose
from adwright.schema import Brief, Language
from adwright.simulate import World, lexicon

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("en", "zh")
FREE_SHARE = {"en": 0.80, "zh": 0.85}
"""Least share of the composer's literals in which the customers hear nothing at all (0.84 and 0.89 when set)."""


def plain(phrases: frozenset[str]) -> list[str]:
    """Folded as the customers read, without punctuation at the ends."""
    return sorted({lexicon.simplify(p).strip(" ,.;:!?，。；：！？、…") for p in phrases})


def length(phrase: str, language: Language) -> int:
    """Words in English, characters in Chinese."""
    if language == "en":
        return len(re.findall(r"[\w']+", phrase))
    return sum(lexicon.is_han(c) for c in phrase)


def stands_in(phrase: str, text: str, language: Language) -> bool:
    if language == "zh":
        return phrase in text
    return re.search(rf"(?<![\w']){re.escape(phrase)}(?![\w'])", text) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_something_to_compare(language: Language) -> None:
    assert len(lexicon.phrases()[language]) > 100
    assert len(compose.phrases()[language]) > 300
    assert all(length(p, language) >= 2 for p in lexicon.phrases()[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_that_customers_listen_for_stands_in_the_composer(language: Language) -> None:
    heard, written = plain(lexicon.phrases()[language]), plain(compose.phrases()[language])
    assert [(h, w) for h in heard for w in written if stands_in(h, w, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_of_the_composer_stands_in_what_customers_listen_for(language: Language) -> None:
    heard = plain(lexicon.phrases()[language])
    written = [p for p in plain(compose.phrases()[language]) if length(p, language) >= 3]
    assert len(written) > 200
    assert [(w, h) for w in written for h in heard if stands_in(w, h, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_customers_hear_nothing_in_most_of_what_the_composer_writes_with(language: Language) -> None:
    written = compose.phrases()[language]
    n_free = sum(not lexicon.count_concepts(phrase).any() for phrase in written)
    assert n_free / len(written) >= FREE_SHARE[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_advertisements_hold_no_phrase_that_customers_listen_for(language: Language) -> None:
    """Also across the places where a literal meets a fact of the catalogue."""
    products = World.draw(3, language=language, n_products=24, n_customers=10).products
    briefs = [Brief(kind="ad_copy", products=(p,), channel="onsite", language=language) for p in products]
    written = write_contents(briefs, backend=create_backend("compose"), n=6, seed=0, now=NOW)
    assert len(written) > 100
    heard = plain(lexicon.phrases()[language])
    texts = [lexicon.simplify(w.content.text) for w in written]
    assert [(h, t) for h in heard for t in texts if stands_in(h, t, language)] == []
