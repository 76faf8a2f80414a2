"""How strange a row is to the model: what its text has that training never saw, and how members disagree.

Strangeness in [0, 1] widens the content effect; a row that is stranger, or shaped otherwise, than all but a
few rows of `calibrate` is out of domain, and where its context is new too, its level is not known either.

Holds when: texts are in the training texts' language and register as far as their words are the same.
Does not cover: familiar words that have come to mean something else.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from adwright.predict.features import strings
from adwright.predict.ngrams import prepare, words
from adwright.predict.recipe import PredictRecipe
from adwright.predict.surface import surface_features
from adwright.schema import F64, Bools

_COMMON, _BEYOND = 0.99, 0.999
_SLACK = 1.1  # calibrate's own extreme is no stranger to the model than the rest of it


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """What training saw.

    Args:
        idf: By text column: word (Han: pairs of characters too) -> its information in training.
        rarest: By text column: the information of a word that training never saw.
        shape_mean: By text column: mean of the surface features.
        shape_sd: By text column: their standard deviation.
        categories: By categorical column, the values seen: they tell another shop from a new text in this one,
            and stand in for the text where there is none.
        novelty_scale: Novelty that one calibrate row in a hundred exceeds.
        shape_scale: The same for the distance in surface features.
        limit: Of the two together, each on its scale: what hardly any calibrate row exceeds.
    """

    idf: Mapping[str, Mapping[str, float]]
    rarest: Mapping[str, float]
    shape_mean: Mapping[str, F64]
    shape_sd: Mapping[str, F64]
    categories: Mapping[str, frozenset[str]]
    novelty_scale: float = 1.0
    shape_scale: float = 1.0
    limit: float = float("inf")

    @classmethod
    def learn(cls, frame: pl.DataFrame, recipe: PredictRecipe) -> Domain:
        """From the training rows; the limits come later, from `bounded`."""
        idf, rarest, mean, sd = {}, {}, {}, {}
        for name in recipe.columns.text:
            distinct = sorted({text or "" for text in strings(frame, name)})
            seen = Counter(term for text in distinct for term in set(_terms(text)))
            size = len(distinct)
            idf[name] = {term: float(np.log((1 + size) / (1 + n)) + 1) for term, n in sorted(seen.items())}
            rarest[name] = float(np.log(1 + size) + 1)
            shape = np.array([surface_features(text) for text in distinct])
            mean[name], sd[name] = shape.mean(axis=0), np.maximum(shape.std(axis=0), 0.05)
        known = {c: frozenset(v or "" for v in strings(frame, c)) for c in recipe.columns.categorical}
        return cls(idf, rarest, mean, sd, known)

    def bounded(self, frame: pl.DataFrame) -> Domain:
        """The same with limits from calibrate rows."""
        if not frame.height:
            return self
        novelty, shape = self.novelty(frame), self.shape_distance(frame)
        scaled = replace(
            self,
            novelty_scale=max(float(np.quantile(novelty, _COMMON)), 0.05),
            shape_scale=max(float(np.quantile(shape, _COMMON)), 0.5),
        )
        return replace(scaled, limit=float(np.quantile(scaled.distance(novelty, shape), _BEYOND)) * _SLACK)

    def distance(self, novelty: F64, shape: F64) -> F64:
        """(n,) novelty and shape together: the root of the sum of their squares, each on its scale."""
        return np.asarray(np.hypot(novelty / self.novelty_scale, shape / self.shape_scale))

    def novelty(self, frame: pl.DataFrame) -> F64:
        """(n,) in [0, 1]: the share of the text's information that training never saw; the worst text column.

        Without text: the share of categorical columns whose value training never saw.
        """
        parts = [
            _by_text(strings(frame, name), lambda text, name=name: self._novelty_of(text, name))
            for name in self.idf
        ]
        if parts:
            return np.asarray(np.max(parts, axis=0))
        return self.context(frame)

    def context(self, frame: pl.DataFrame) -> F64:
        """(n,) in [0, 1]: the share of categorical columns whose value training never saw; 0 without any."""
        if not self.categories:
            return np.zeros(frame.height)
        unseen = [
            np.array([(v or "") not in known for v in strings(frame, name)], dtype=np.float64)
            for name, known in self.categories.items()
        ]
        return np.asarray(np.mean(unseen, axis=0))

    def foreign(self, frame: pl.DataFrame, inside: Bools, context: F64 | None = None) -> Bools:
        """(n,) True where a row out of domain is of another shop, channel or language, so its level is unknown.

        A strange text in a known context keeps the level of that context; a strange text with a category that
        training never saw does not, nor does any where there are no categories to go by.
        """
        unseen = self.context(frame) if context is None else context
        known = unseen == 0.0 if self.categories else np.zeros(frame.height, dtype=np.bool_)
        return np.asarray(~inside & ~known)

    def shape_distance(self, frame: pl.DataFrame) -> F64:
        """(n,) root mean squared distance of the surface features, in training's standard deviations."""
        parts = [
            _by_text(strings(frame, name), lambda text, name=name: self._distance_of(text, name))
            for name in self.idf
        ]
        return np.max(parts, axis=0) if parts else np.zeros(frame.height)

    def inside(self, novelty: F64, shape: F64) -> Bools:
        """(n,) False beyond what calibrate saw."""
        return np.asarray(self.distance(novelty, shape) <= self.limit)

    def _novelty_of(self, text: str, name: str) -> float:
        known, rarest = self.idf[name], self.rarest[name]
        total = unseen = 0.0
        for term in sorted(set(_terms(text))):
            mass = known.get(term)
            total += rarest if mass is None else mass
            unseen += rarest if mass is None else 0.0
        return unseen / total if total else 1.0

    def _distance_of(self, text: str, name: str) -> float:
        z = (surface_features(text) - self.shape_mean[name]) / self.shape_sd[name]
        return float(np.sqrt(np.mean(np.minimum(z**2, 100.0))))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "idf": {name: dict(terms) for name, terms in self.idf.items()},
            "rarest": dict(self.rarest),
            "shape_mean": {name: values.tolist() for name, values in self.shape_mean.items()},
            "shape_sd": {name: values.tolist() for name, values in self.shape_sd.items()},
            "categories": {name: sorted(values) for name, values in self.categories.items()},
            "novelty_scale": self.novelty_scale,
            "shape_scale": self.shape_scale,
            "limit": None if np.isinf(self.limit) else self.limit,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Domain:
        """The inverse of `to_json`."""
        return cls(
            idf=values["idf"],
            rarest=values["rarest"],
            shape_mean={name: np.array(v) for name, v in values["shape_mean"].items()},
            shape_sd={name: np.array(v) for name, v in values["shape_sd"].items()},
            categories={name: frozenset(v) for name, v in values["categories"].items()},
            novelty_scale=values["novelty_scale"],
            shape_scale=values["shape_scale"],
            limit=float("inf") if values["limit"] is None else values["limit"],
        )


def strangeness(novelty: F64, disagreement: F64, spread: float) -> F64:
    """(n,) in [0, 1]: 1 - (1 - novelty)(1 - d^2 / (d^2 + s^2)), d the members' standard deviation.

    Args:
        novelty: (n,) in [0, 1].
        disagreement: (n,) d, standard deviations of the members' scores.
        spread: s, the standard deviation of the scores between texts: where members differ as much as
            texts do, they know nothing.

    >>> strangeness(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.2, 0.0]), 0.2).tolist()
    [0.0, 0.5, 1.0]
    """
    d2 = disagreement**2
    return np.asarray(1 - (1 - novelty) * (1 - d2 / (d2 + spread**2)))


def _terms(text: str) -> list[str]:
    """Words; an empty text has one term of its own, so training may have seen it."""
    found = words(prepare(text))
    pairs = [a + b for a, b in itertools.pairwise(found) if min(a[0], b[0]) >= "\u3400"]
    return found + pairs or ["\x00empty"]


def _by_text(texts: Sequence[str | None], measure: Any) -> F64:
    """(n,) the measure of each text, each distinct text looked at once."""
    known: dict[str, float] = {}
    for text in texts:
        if (text or "") not in known:
            known[text or ""] = measure(text or "")
    return np.array([known[text or ""] for text in texts], dtype=np.float64)
