"""A table as hashed fields: what the fusion network embeds.

Every value of a categorical column and every word or pair of words of a text is hashed into one table of
buckets, salted by its column. Two of n known values share a bucket with probability 1 - (1 - 1/b)^(n-1) each;
`collision_rate` states it. A value that training never saw gets a bucket that is hardly trained, or, with the
collision rate's probability, somebody else's.

Source: Weinberger et al. 2009, ICML 26. Holds when: there are a few times more buckets than values.
Does not cover: telling a new value from a known one; `Domain` does that.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.features import Standard, numbers, strings
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.ngrams import prepare, words
from adwright.predict.rows import Rows
from adwright.schema import F64

BUCKETS_A_VALUE = 8
MIN_BUCKETS, MAX_BUCKETS = 2**10, 2**21
MAX_TERMS = 64
"""Words and pairs of a text that are looked at."""

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bags:
    """n texts as bags of buckets: (m,) `buckets`, (n,) where each text's `start` and (n,) its `size`, at least 1."""

    buckets: Ids
    start: Ids
    size: Ids

    def take(self, rows: Ids) -> Bags:
        """The same for some of the rows."""
        size = self.size[rows]
        start = np.cumsum(size) - size
        place = np.arange(int(size.sum())) + np.repeat(self.start[rows] - start, size)
        return Bags(self.buckets[place], start, size)


@dataclass(frozen=True, slots=True, eq=False)
class FieldBatch:
    """n rows as the network reads them.

    Args:
        category: (n, c) buckets.
        texts: One a text column.
        numeric: (n, 2 q) standardised numbers, then 1 where one is missing.
    """

    category: Ids
    texts: tuple[Bags, ...]
    numeric: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.category)

    def take(self, rows: Ids) -> FieldBatch:
        """The same for some of the rows."""
        return FieldBatch(self.category[rows], tuple(b.take(rows) for b in self.texts), self.numeric[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """How rows become fields.

    Args:
        text: Text columns.
        categorical: Categorical columns.
        numeric: Number columns.
        scale: Of the numbers.
        n_buckets: A power of two.
        n_values: Different values that training saw, terms included.
    """

    text: tuple[str, ...]
    categorical: tuple[str, ...]
    numeric: tuple[str, ...]
    scale: Standard
    n_buckets: int
    n_values: int

    @classmethod
    def learn(cls, frame: pl.DataFrame, roles: Mapping[str, str]) -> Fields:
        """From the training rows: the scale of numbers, and how many buckets their values need."""

        def named(role: str) -> tuple[str, ...]:
            return tuple(name for name, held in roles.items() if held == role)

        text, categorical, numeric = named("text"), named("categorical"), named("numeric")
        n_values = sum(len(set(strings(frame, name))) for name in categorical)
        for name in text:
            n_values += len({term for value in set(strings(frame, name)) for term in _terms(value)})
        wanted = 2 ** int(np.ceil(np.log2(max(BUCKETS_A_VALUE * n_values, 2))))
        scale = Standard.learn(numbers(frame, numeric))
        return cls(
            text, categorical, numeric, scale, int(np.clip(wanted, MIN_BUCKETS, MAX_BUCKETS)), n_values
        )

    @property
    def collision_rate(self) -> float:
        """The share of known values that are expected to share their bucket with another one."""
        return float(1 - (1 - 1 / self.n_buckets) ** max(self.n_values - 1, 0))

    def transform(self, frame: pl.DataFrame) -> FieldBatch:
        """The rows; each distinct value is hashed once."""
        n = frame.height
        category = np.zeros((n, len(self.categorical)), np.int64)
        for place, name in enumerate(self.categorical):
            category[:, place] = self._buckets(strings(frame, name), name)
        texts = tuple(self._bags(strings(frame, name), name) for name in self.text)
        raw = numbers(frame, self.numeric)
        numeric = np.hstack([self.scale.transform(raw), np.isnan(raw)]).astype(np.float32)
        return FieldBatch(category, texts, numeric)

    def to_json(self) -> tuple[dict[str, Any], dict[str, F64]]:
        """What stands in JSON, and the arrays beside it."""
        values = {
            "text": list(self.text),
            "categorical": list(self.categorical),
            "numeric": list(self.numeric),
            "n_buckets": self.n_buckets,
            "n_values": self.n_values,
        }
        return values, {"scale/mean": self.scale.mean, "scale/sd": self.scale.sd}

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Fields:
        """The inverse of `to_json`."""
        return cls(
            tuple(values["text"]),
            tuple(values["categorical"]),
            tuple(values["numeric"]),
            Standard(arrays["scale/mean"], arrays["scale/sd"]),
            int(values["n_buckets"]),
            int(values["n_values"]),
        )

    def _buckets(self, values: Sequence[str | None], salt: str) -> Ids:
        known: dict[str | None, int] = {}
        for value in values:
            if value not in known:
                known[value] = self._bucket("\x00null" if value is None else value, salt)
        return np.fromiter((known[value] for value in values), np.int64, len(values))

    def _bags(self, texts: Sequence[str | None], salt: str) -> Bags:
        known: dict[str | None, list[int]] = {}
        for text in texts:
            if text not in known:
                known[text] = [self._bucket(term, salt) for term in _terms(text)]
        held = [known[text] for text in texts]
        size = np.fromiter(map(len, held), np.int64, len(held))
        buckets = np.fromiter(itertools.chain.from_iterable(held), np.int64, int(size.sum()))
        return Bags(buckets, np.cumsum(size) - size, size)

    def _bucket(self, value: str, salt: str) -> int:
        state = hashlib.blake2b(f"{salt}\x1f{value}".encode(errors="surrogatepass"), digest_size=8)
        return int.from_bytes(state.digest(), "little") % self.n_buckets


@dataclass(frozen=True, slots=True, eq=False)
class FieldOutcomes:
    """Rows as the network learns from them: fields, (n,) shares of successes, weights and starting scores."""

    batch: FieldBatch
    share: F64
    weight: F64
    start: F64

    @classmethod
    def of(cls, rows: Rows, fields: Fields, nuisance: Nuisance) -> FieldOutcomes:
        """The rows, weights of mean 1."""
        weight = nuisance.weight(rows) * rows.trials
        return cls(
            fields.transform(rows.frame),
            rows.successes / rows.trials,
            weight / max(float(weight.mean()), 1e-12) if len(rows) else weight,
            nuisance.starting_score(rows),
        )


def _terms(text: str | None) -> list[str]:
    """Words and pairs of them, at most `MAX_TERMS`; an empty text has one term of its own."""
    found = words(prepare(text))[: MAX_TERMS // 2]
    return found + [f"{a} {b}" for a, b in itertools.pairwise(found)] or ["\x00empty"]
