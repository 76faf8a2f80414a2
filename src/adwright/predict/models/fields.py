"""A table as hashed fields: what the fusion network embeds.

Every value of a categorical column, every event of a behaviour sequence and every word or pair of words of a text
is hashed into one table of buckets, salted by its column; an event shares the salt, and so the embedding, of the
candidate that it is compared with. Two of n known values share a bucket with probability 1 - (1 - 1/b)^(n-1) each;
`collision_rate` states it. A value that training never saw gets a bucket that is hardly trained, or, with the
collision rate's probability, somebody else's.

Source: Weinberger et al. 2009, ICML 26. Holds when: there are a few times more buckets than values.
Does not cover: telling a new value from a known one; `Domain` does that.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.features import Standard, numbers, strings
from adwright.predict.hashing import as_text, buckets, collision_rate, stable_hash
from adwright.predict.models.events import Events, event_values, read_events
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.pictures import Pictures, read_pictures
from adwright.predict.ngrams import prepare, words
from adwright.predict.rows import Rows
from adwright.schema import F64

BUCKETS_A_VALUE = 8
MIN_BUCKETS, MAX_BUCKETS = 2**10, 2**21
MAX_TERMS = 64
"""Words and pairs of a text that are looked at."""

HASH = "fnv1a-murmur3"

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
        events: One a sequence column.
        pictures: One a picture column.
    """

    category: Ids
    texts: tuple[Bags, ...]
    numeric: npt.NDArray[np.float32]
    events: tuple[Events, ...] = ()
    pictures: tuple[Pictures, ...] = ()

    def __len__(self) -> int:
        return len(self.category)

    def take(self, rows: Ids) -> FieldBatch:
        """The same for some of the rows."""
        return FieldBatch(
            self.category[rows],
            tuple(b.take(rows) for b in self.texts),
            self.numeric[rows],
            tuple(e.take(rows) for e in self.events),
            tuple(p.take(rows) for p in self.pictures),
        )


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
        sequence: Sequence column -> the place of its candidate among the categorical columns.
        image: Picture columns.
    """

    text: tuple[str, ...]
    categorical: tuple[str, ...]
    numeric: tuple[str, ...]
    scale: Standard
    n_buckets: int
    n_values: int
    sequence: Mapping[str, int] = field(default_factory=dict)
    image: tuple[str, ...] = ()

    @classmethod
    def learn(
        cls,
        frame: pl.DataFrame,
        roles: Mapping[str, str],
        candidates: Mapping[str, str] | None = None,
        *,
        n_categories: int = 0,
    ) -> Fields:
        """From the training rows: the scale of numbers, and how many buckets their values need.

        Args:
            frame: (n, ...) prepared rows.
            roles: Feature column -> text, categorical, numeric, sequence or image.
            candidates: Sequence column -> the categorical column that its events are compared with.
            n_categories: Different categories that are known of, where `frame` is but a sample.
        """

        def named(role: str) -> tuple[str, ...]:
            return tuple(name for name, held in roles.items() if held == role)

        text, categorical, numeric = named("text"), named("categorical"), named("numeric")
        sequence = {name: categorical.index((candidates or {})[name]) for name in named("sequence")}
        n_values = 0
        for place, name in enumerate(categorical):
            own = [event_values(frame[s]) for s, candidate in sequence.items() if candidate == place]
            n_values += pl.concat([as_text(frame[name]).alias("value"), *own]).n_unique()
        n_values = max(n_values, n_categories)
        for name in text:
            n_values += len({term for value in set(strings(frame, name)) for term in _terms(value)})
        wanted = 2 ** int(np.ceil(np.log2(max(BUCKETS_A_VALUE * n_values, 2))))
        return cls(
            text,
            categorical,
            numeric,
            Standard.learn(numbers(frame, numeric)),
            int(np.clip(wanted, MIN_BUCKETS, MAX_BUCKETS)),
            n_values,
            sequence,
            named("image"),
        )

    @property
    def collision_rate(self) -> float:
        """The share of known values that are expected to share their bucket with another one."""
        return collision_rate(self.n_values, self.n_buckets)

    def transform(self, frame: pl.DataFrame) -> FieldBatch:
        """The rows; each distinct text is read once."""
        n = frame.height
        category = np.zeros((n, len(self.categorical)), np.int64)
        for place, name in enumerate(self.categorical):
            category[:, place] = self._buckets(as_text(frame[name]), name)
        texts = tuple(self._bags(strings(frame, name), name) for name in self.text)
        raw = numbers(frame, self.numeric)
        numeric = np.hstack([self.scale.transform(raw), np.isnan(raw)]).astype(np.float32)
        events = tuple(
            read_events(frame[name], partial(self._buckets, salt=self.categorical[place]))
            for name, place in self.sequence.items()
        )
        return FieldBatch(
            category, texts, numeric, events, tuple(read_pictures(frame[n]) for n in self.image)
        )

    def to_json(self) -> tuple[dict[str, Any], dict[str, F64]]:
        """What stands in JSON, and the arrays beside it."""
        values = {
            "hash": HASH,
            "text": list(self.text),
            "categorical": list(self.categorical),
            "numeric": list(self.numeric),
            "n_buckets": self.n_buckets,
            "n_values": self.n_values,
            "sequence": dict(self.sequence),
            "image": list(self.image),
        }
        return values, {"scale/mean": self.scale.mean, "scale/sd": self.scale.sd}

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Fields:
        """The inverse of `to_json`; raises `DataError` where the values were hashed in another way."""
        if values.get("hash") != HASH:
            raise DataError(
                "the fusion network was fitted by an older Adwright, which hashed values otherwise",
                argument="model",
                value=values.get("hash"),
                allowed=HASH,
                hint="Fit it again",
            )
        return cls(
            tuple(values["text"]),
            tuple(values["categorical"]),
            tuple(values["numeric"]),
            Standard(arrays["scale/mean"], arrays["scale/sd"]),
            int(values["n_buckets"]),
            int(values["n_values"]),
            dict(values["sequence"]),
            tuple(values["image"]),
        )

    def _buckets(self, values: pl.Series, salt: str) -> Ids:
        return buckets(stable_hash(values, salt), self.n_buckets)

    def _bags(self, texts: Sequence[str | None], salt: str) -> Bags:
        known: dict[str | None, int] = {}
        place = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int64, len(texts))
        terms = [_terms(text) for text in known]
        size = np.fromiter(map(len, terms), np.int64, len(terms))
        flat = pl.Series("term", list(itertools.chain.from_iterable(terms)), dtype=pl.String)
        return Bags(self._buckets(flat, salt), np.cumsum(size) - size, size).take(place)


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
