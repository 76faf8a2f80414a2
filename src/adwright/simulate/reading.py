"""What a reader takes from a text: concepts noticed, concrete facts, length, noise. No opinion yet.

For text x about product j in channel h, with count_m from the lexicon:

    said_m      = 1 - 0.3 ** count_m                          (0, 0.70, 0.91, 0.97: twice is little more)
    noticed_m   = said_m * min(1, 2.2 / sum_m said_m)         (a reader holds about two ideas)
    specificity = 1 - exp(-(facts + names + 0.7 min(numbers, 2)) / 2)
    length_fit  = 1 - min(1, (log(length / best_h) / log 4) ** 2)
    shouting    = min(1, 0.4 max(0, "!" - 1) + 0.3 capitals + 0.5 (punctuation in rows))
    clutter     = min(1, repetition + max(0, (words a sentence - 16) / 16) + max(0, (numbers - 4) / 6))

facts: attribute values of the product that stand in the text; names: 1 where it is called what it is;
length in words, a Chinese character counting 1 / 1.7 words.

*Does not cover* pictures, layout, or whether a stated fact is true.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.schema import F64, Bools, Content, Product
from adwright.simulate.lexicon import concepts, count_concepts, is_han, simplify

BEST_LENGTH: Mapping[str, float] = {"onsite": 20.0, "search_ads": 14.0, "email": 24.0, "push": 11.0}
"""The best length of an advertisement in words, by channel."""

BEST_DESCRIPTION_LENGTH = 45.0
"""The best length of a product description in words, in any channel."""

_HAN_PER_WORD = 1.7
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LATIN_WORD = re.compile(r"[^\W\d_][\w']*")
_SENTENCE_END = re.compile(r"[.!?。！？;；:：|\n]+")
_ROWS = re.compile(r"([!?！？.。~～])\1+|[!?！？]{2,}")
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What n texts say, one row a text.

    Args:
        said: (n, n_concepts) in [0, 1], before the limit of attention.
        noticed: (n, n_concepts) in [0, 1], after it.
        specificity, length_fit, shouting, clutter: (n,) in [0, 1].
        is_chinese: (n,) which language the text is in.
    """

    said: F64
    noticed: F64
    specificity: F64
    length_fit: F64
    shouting: F64
    clutter: F64
    is_chinese: Bools


def read_texts(contents: Sequence[Content], products: Sequence[Product]) -> Readings:
    """The readings of n contents, each beside its product; every distinct text is read once."""
    keys = [
        (c.text, p.id, c.channel, c.kind == "product_description")
        for c, p in zip(contents, products, strict=True)
    ]
    by_key = {key: (c, p) for key, c, p in zip(keys, contents, products, strict=True)}
    rows = {key: _read(c, p) for key, (c, p) in by_key.items()}
    n_concepts = len(concepts())
    table = np.array([rows[key] for key in keys]).reshape(len(keys), n_concepts + 5)
    said = table[:, :n_concepts]
    total = said.sum(axis=1, keepdims=True)
    noticed = said * np.minimum(1.0, 2.2 / np.maximum(total, 1e-9))
    specificity, length_fit, shouting, clutter, chinese = table[:, n_concepts:].T
    return Readings(said, noticed, specificity, length_fit, shouting, clutter, chinese > 0.5)


def words_in(text: str) -> float:
    """The length in words; a Chinese character counts 1 / 1.7.

    >>> words_in("four words stand here")
    4.0
    """
    n_han = sum(map(is_han, text))
    latin = _LATIN_WORD.findall("".join(" " if is_han(c) else c for c in text))
    return n_han / _HAN_PER_WORD + len(latin) + len(_NUMBER.findall(text)) * 0.5


def _read(content: Content, product: Product) -> F64:
    text = content.text
    plain = simplify(text)
    n_words = words_in(text)
    best = BEST_LENGTH.get(content.channel, BEST_LENGTH["onsite"])
    if content.kind == "product_description":
        best = BEST_DESCRIPTION_LENGTH
    off = np.log(max(n_words, 0.5) / best) / np.log(4.0)
    n_han = sum(map(is_han, plain))
    form = [
        _specificity(plain, product),
        1.0 - min(1.0, off * off),
        _shouting(text),
        _clutter(text, plain, n_words),
        float(n_han > 0.2 * max(1, len(plain.replace(" ", "")))),
    ]
    return np.concatenate([1.0 - 0.3 ** count_concepts(text), form])


def _specificity(plain: str, product: Product) -> float:
    facts = sum(1 for pattern in _fact_patterns(tuple(product.attributes.values())) if pattern.search(plain))
    numbers = min(len(_NUMBER.findall(plain)), 2)
    tokens = _title_tokens(product.title)
    names = min(1.0, 2.0 * sum(t in plain for t in tokens) / max(1, len(tokens)))
    return 1.0 - float(np.exp(-(facts + names + 0.7 * numbers) / 2.0))


@functools.lru_cache(maxsize=4096)
def _fact_patterns(values: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    bodies = [simplify(v) for v in values]
    return tuple(re.compile(rf"(?<![a-z0-9]){re.escape(b)}(?![a-z0-9])") for b in bodies if len(b) > 1)


@functools.lru_cache(maxsize=4096)
def _title_tokens(title: str) -> frozenset[str]:
    plain = simplify(title)
    pairs = {a + b for a, b in itertools.pairwise(plain) if is_han(a) and is_han(b)}
    return frozenset(pairs or {w for w in _LATIN_WORD.findall(plain) if len(w) > 2})


def _shouting(text: str) -> float:
    n_exclamations = text.count("!") + text.count("！")
    rows = len(_ROWS.findall(text))
    return min(1.0, 0.4 * max(0, n_exclamations - 1) + 0.3 * len(_CAPITALS.findall(text)) + 0.5 * rows)


def _clutter(text: str, plain: str, n_words: float) -> float:
    n_sentences = max(1, sum(1 for part in _SENTENCE_END.split(text) if part.strip()))
    tokens: npt.NDArray[np.str_] | list[str] = plain.split(" ") if " " in plain else list(plain)
    repetition = max(0.0, 0.5 - len(set(tokens)) / max(1, len(tokens))) * 2.0
    long_winded = max(0.0, (n_words / n_sentences - 16.0) / 16.0)
    numbers = max(0.0, (len(_NUMBER.findall(plain)) - 4) / 6.0)
    return min(1.0, repetition + long_winded + numbers)
