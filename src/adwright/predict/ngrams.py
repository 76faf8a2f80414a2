"""Texts as sparse rows of n-grams: words, and characters within words, weighted by TF-IDF.

Every Han character counts as a word, so Chinese needs no segmenter: its word n-grams are character n-grams,
and its character n-grams run over the whole phrase.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from adwright.schema import F64
from adwright.text import fold

MAX_CHARS = 10_000
"""Characters of a text that are looked at; what comes after says nothing about a headline or a description."""

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_HAN}]|[^\\W{_HAN}]+(?:'[^\\W{_HAN}]+)?|[?!:\"…%$¥€£]")
_RUN = re.compile(r"[^\s]+")


def words(text: str) -> list[str]:
    """The words, Han characters and telling punctuation marks of a folded text, in order.

    >>> words(prepare("Don’t miss 纯棉 tees!"))
    ["don't", 'miss', '纯', '棉', 'tees', '!']
    """
    return _WORD.findall(text)


def prepare(text: str | None) -> str:
    """The text as it is counted: folded, with plain quotes, cut at `MAX_CHARS`; '' for None."""
    if not text:
        return ""
    return fold(text[:MAX_CHARS]).replace("’", "'").replace("“", '"').replace("”", '"')[:MAX_CHARS]


@dataclass(frozen=True, slots=True, eq=False)
class NgramVocabulary:
    """Which n-grams are counted, and their weights.

    Args:
        terms: n-gram -> column.
        idf: (n_terms,) inverse document frequencies, 1 for a term of every text.
        unit: "word" or "char".
        bounds: Shortest and longest n-gram.
    """

    terms: dict[str, int]
    idf: F64
    unit: str
    bounds: tuple[int, int]

    @classmethod
    def learn(
        cls, texts: Sequence[str], *, unit: str, bounds: tuple[int, int], min_texts: int, max_terms: int
    ) -> NgramVocabulary:
        """The vocabulary of the prepared `texts`: n-grams of at least `min_texts` of them, the most frequent."""
        n_texts: Counter[str] = Counter()
        for text in texts:
            n_texts.update(set(_ngrams(text, unit, bounds)))
        kept = sorted((-n, term) for term, n in n_texts.items() if n >= min_texts)[:max_terms]
        names = sorted(term for _, term in kept)
        seen = np.array([n_texts[term] for term in names], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + seen)) + 1
        return cls({term: i for i, term in enumerate(names)}, idf, unit, bounds)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """(n, n_terms) rows of unit length (or empty), weights (1 + log count) x idf."""
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for text in texts:
            counts: Counter[int] = Counter()
            for term in _ngrams(text, self.unit, self.bounds):
                column = self.terms.get(term)
                if column is not None:
                    counts[column] += 1
            for column in sorted(counts):
                columns.append(column)
                values.append(1 + math.log(counts[column]))
            ends.append(len(columns))
        index = np.asarray(columns, dtype=np.int32)
        data = np.asarray(values) * self.idf[index] if len(index) else np.zeros(0)
        matrix = sparse.csr_matrix((data, index, np.asarray(ends)), shape=(len(texts), len(self.idf)))
        return _unit_rows(matrix)


def _ngrams(text: str, unit: str, bounds: tuple[int, int]) -> Iterator[str]:
    shortest, longest = bounds
    if longest == 0:
        return
    if unit == "word":
        tokens = words(text)
        for n in range(max(shortest, 1), longest + 1):
            for i in range(len(tokens) - n + 1):
                yield " ".join(tokens[i : i + n])
        return
    for run in _runs(text):
        padded = f" {run} "
        for n in range(max(shortest, 1), longest + 1):
            for i in range(len(padded) - n + 1):
                yield padded[i : i + n]


def _runs(text: str) -> Iterable[str]:
    return _RUN.findall(text)


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).reshape(-1))
    return sparse.csr_matrix(sparse.diags_array(1 / np.where(length > 0, length, 1.0)) @ matrix)
