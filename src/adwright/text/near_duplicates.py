"""An index that finds the near-duplicate of a text among many without comparing it with each.

Two sets of n-grams whose Jaccard similarity is at least t share at least m members of their prefixes: the
first |x| - ceil(t |x|) + m members of x in any one order of all n-grams (and m of them where the sets have as
many). With the rare ones first the lists to look through are short, and nothing is missed, unlike with hashing.

Source: Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity joins in data cleaning", ICDE 2006,
for m = 1; Wang, Li and Feng, "Can we beat the prefix filtering?", SIGMOD 2012, for longer prefixes.

Holds when: texts differ in most of their rare n-grams. Of a text with more than 200 candidates only those that
share most of its prefix are compared.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adwright.errors import UsageError
from adwright.text.similarity import ngrams

_SHARED = 8  # m: more of them leave fewer texts to compare, and longer lists to look through
_MOST_COMPARED = 200
_MOST_CHARACTERS = 20_000  # the likeness of two texts shows by then


@dataclass(frozen=True, slots=True)
class Match:
    """The text that is most alike: its key and the Jaccard similarity, from the threshold to 1."""

    key: str
    similarity: float


class NearDuplicateIndex:
    """Texts by their character n-grams.

    Args:
        texts: Pairs of key and text; their n-gram counts fix which n-grams are rare. More can be added.
        threshold: The least Jaccard similarity of a match, above 0 and up to 1.
        n: Length of the n-grams.

    >>> index = NearDuplicateIndex([("a", "a mug for slow mornings"), ("b", "a coat for wet days")])
    >>> index.find("A mug for slow mornings!"), index.find("A cup for slow mornings")
    (Match(key='a', similarity=1.0), None)
    """

    def __init__(self, texts: Iterable[tuple[str, str]] = (), *, threshold: float = 0.8, n: int = 3) -> None:
        if not 0 < threshold <= 1:
            raise UsageError(
                "not a similarity", argument="threshold", value=threshold, allowed="above 0, up to 1"
            )
        self._threshold = threshold
        self._n = n
        self._keys: list[str] = []
        self._grams: list[array[int]] = []
        self._needs: list[int] = []
        self._with: dict[int, list[int]] = {}
        self._rank: dict[str, int] = {}
        self._rarest = 0
        known = [(key, self._ngrams(text)) for key, text in texts]
        counts = Counter(gram for _, grams in known for gram in grams)
        for rank, gram in enumerate(sorted(counts, key=lambda g: (counts[g], g)), start=1):
            self._rank[gram] = rank
        for key, grams in known:
            self._add(key, grams)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, text: str) -> None:
        """Adds a text; the same key may stand for several."""
        self._add(key, self._ngrams(text))

    def find(self, text: str, *, accept: Callable[[str], bool] | None = None) -> Match | None:
        """The most similar text at or above the threshold whose key is accepted; the first of equals.

        None where there is none, and for a text without letters or digits.
        """
        grams = self._ngrams(text)
        ranks = sorted(rank for gram in grams if (rank := self._rank.get(gram)) is not None)
        n_unknown = len(grams) - len(ranks)
        n_probes = self._prefix(len(grams)) - n_unknown
        if not grams or n_probes <= 0:
            return None
        hits: Counter[int] = Counter()
        for rank in ranks[:n_probes]:
            hits.update(self._with.get(rank, ()))
        return self._best(hits, frozenset(ranks), len(grams), accept)

    def _best(
        self, hits: Counter[int], ranks: frozenset[int], n_grams: int, accept: Callable[[str], bool] | None
    ) -> Match | None:
        shortest, longest = n_grams * self._threshold - 1e-9, n_grams / self._threshold + 1e-9
        mine, needed = self._needed(n_grams), self._needs
        likely = [
            (-n_hits, i)
            for i, n_hits in hits.items()
            if (n_hits >= needed[i] or n_hits >= mine) and shortest <= len(self._grams[i]) <= longest
        ]
        best: Match | None = None
        for _, i in sorted(likely)[:_MOST_COMPARED]:
            other = self._grams[i]
            n_shared = len(ranks.intersection(other))
            similarity = n_shared / (n_grams + len(other) - n_shared)
            at_least = self._threshold if best is None else best.similarity + 1e-12
            if similarity >= at_least and (accept is None or accept(self._keys[i])):
                best = Match(self._keys[i], similarity)
                if similarity == 1:
                    break
        return best

    def _add(self, key: str, grams: frozenset[str]) -> None:
        for gram in sorted(grams - self._rank.keys()):
            self._rarest -= 1  # new ones come first in the order: nothing else holds them yet
            self._rank[gram] = self._rarest
        ranks = array("i", sorted(self._rank[gram] for gram in grams))
        for rank in ranks[: self._prefix(len(ranks))]:
            self._with.setdefault(rank, []).append(len(self._keys))
        self._keys.append(key)
        self._grams.append(ranks)
        self._needs.append(self._needed(len(ranks)))

    def _ngrams(self, text: str) -> frozenset[str]:
        return ngrams(text[:_MOST_CHARACTERS], self._n)

    def _needed(self, n_grams: int) -> int:
        """How many members of the prefixes a near-duplicate shares at least."""
        return min(_SHARED, math.ceil(self._threshold * n_grams - 1e-9))

    def _prefix(self, n_grams: int) -> int:
        return n_grams - math.ceil(self._threshold * n_grams - 1e-9) + self._needed(n_grams)
