"""A table as the numbers that trees split on.

A categorical column enters three times: as LightGBM's own categorical, as how often training saw the value (a
new value is one that was seen 0 times), and as the value's own log-odds, shrunk to the mean; on training rows
these come from the other folds only, so that a row never sees its own outcome.

Source: Micci-Barreca 2001, SIGKDD Explorations 3. Holds when: a value's rate stays what it was.
Does not cover: words; of texts only the surface enters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.features import numbers, strings
from adwright.predict.models.model import Arrays
from adwright.predict.rows import Rows
from adwright.predict.surface import NAMES, surface_features
from adwright.schema import F64

MAX_CATEGORIES = 1000
"""Categories of a column that trees may split on by name; the rarer ones go by their frequency and log-odds."""

N_FOLDS = 8

PRIOR_EVENTS = 5.0
"""Successes, or failures where those are rarer, at the mean rate that every value is taken to have had before."""


@dataclass(frozen=True, slots=True, eq=False)
class Category:
    """One column's values in training.

    Args:
        place: Value -> its row in the arrays; the most frequent first.
        n_rows: (v,) rows that hold it.
        successes: (v,) weighted.
        trials: (v,) weighted.
    """

    place: Mapping[str, int]
    n_rows: F64
    successes: F64
    trials: F64


@dataclass(frozen=True, slots=True, eq=False)
class TreeFeatures:
    """How rows become (n, p) numbers with NaN for what is missing.

    Args:
        text: Text columns.
        categories: By column.
        numeric: Number columns.
        rate: The mean rate in training.
    """

    text: tuple[str, ...]
    categories: Mapping[str, Category]
    numeric: tuple[str, ...]
    rate: float

    @classmethod
    def learn(cls, rows: Rows, roles: Mapping[str, str], weight: F64) -> TreeFeatures:
        """From the training rows, each counting `weight` a trial."""

        def named(role: str) -> tuple[str, ...]:
            return tuple(name for name, held in roles.items() if held == role)

        categories = {}
        for name in named("categorical"):
            values = _known(strings(rows.frame, name))
            place = {value: i for i, (value, _) in enumerate(Counter(values).most_common())}
            index = np.fromiter((place[value] for value in values), np.intp, len(values))
            categories[name] = Category(
                place,
                np.bincount(index).astype(np.float64),
                np.bincount(index, weight * rows.successes).astype(np.float64),
                np.bincount(index, weight * rows.trials).astype(np.float64),
            )
        rate = float((rows.successes.sum() + 0.5) / (rows.trials.sum() + 1))
        return cls(named("text"), categories, named("numeric"), rate)

    @property
    def categorical(self) -> list[int]:
        """Which columns hold numbers of categories."""
        return [3 * i for i in range(len(self.categories))]

    def transform(self, frame: pl.DataFrame) -> F64:
        """(n, p) numbers of rows that training did not see."""
        return self._table(frame, {})

    def transform_training(self, rows: Rows, weight: F64, rng: np.random.Generator) -> F64:
        """(n, p) numbers of the training rows themselves, a value's log-odds from the other folds.

        Groups are in one fold, so that what a group shares does not leak either.
        """
        group, n_groups = rows.group_index
        unit = group if rows.group is not None else np.arange(len(rows))
        fold = rng.integers(N_FOLDS, size=n_groups if rows.group is not None else len(rows))[unit]
        own: dict[str, tuple[F64, F64]] = {}
        for name, known in self.categories.items():
            values = _known(strings(rows.frame, name))
            index = np.fromiter((known.place[value] for value in values), np.intp, len(values))
            cell = index * N_FOLDS + fold
            size = len(known.n_rows) * N_FOLDS
            own[name] = (
                known.successes[index] - np.bincount(cell, weight * rows.successes, size)[cell],
                known.trials[index] - np.bincount(cell, weight * rows.trials, size)[cell],
            )
        return self._table(rows.frame, own)

    def _table(self, frame: pl.DataFrame, counted: Mapping[str, tuple[F64, F64]]) -> F64:
        columns: list[F64] = []
        for name, known in self.categories.items():
            values = _known(strings(frame, name))
            index = np.fromiter((known.place.get(value, -1) for value in values), np.intp, len(values))
            seen = index >= 0
            number = np.where(seen & (index < MAX_CATEGORIES), index, np.nan)
            successes, trials = counted.get(name) or (
                np.where(seen, known.successes[index], 0.0),
                np.where(seen, known.trials[index], 0.0),
            )
            columns += [number, np.log1p(np.where(seen, known.n_rows[index], 0.0))]
            columns.append(self._log_odds(np.maximum(successes, 0.0), np.maximum(trials, 0.0)))
        if self.numeric:
            columns += list(numbers(frame, self.numeric).T)
        for name in self.text:
            columns += list(_surfaces(strings(frame, name)).T)
        return np.column_stack(columns) if columns else np.zeros((frame.height, 0))

    def _log_odds(self, successes: F64, trials: F64) -> F64:
        """Shrunk to the mean rate as if that had been seen in trials of `PRIOR_EVENTS` successes or failures."""
        prior = PRIOR_EVENTS / min(self.rate, 1 - self.rate)
        missed = np.maximum(trials - successes, 0.0)
        return np.log(successes + prior * self.rate) - np.log(missed + prior * (1 - self.rate))

    def to_json(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """What stands in JSON, and the arrays beside it."""
        arrays: dict[str, npt.NDArray[Any]] = {}
        for i, known in enumerate(self.categories.values()):
            arrays[f"category{i}"] = np.vstack([known.n_rows, known.successes, known.trials])
        return {
            "text": list(self.text),
            "numeric": list(self.numeric),
            "categories": {name: list(known.place) for name, known in self.categories.items()},
            "rate": self.rate,
        }, arrays

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Arrays) -> TreeFeatures:
        """The inverse of `to_json`."""
        categories = {
            name: Category({value: k for k, value in enumerate(held)}, *np.asarray(arrays[f"category{i}"]))
            for i, (name, held) in enumerate(values["categories"].items())
        }
        return cls(tuple(values["text"]), categories, tuple(values["numeric"]), float(values["rate"]))


def _known(values: Sequence[str | None]) -> list[str]:
    return ["\x00null" if value is None else value for value in values]


def _surfaces(texts: Sequence[str | None]) -> F64:
    """(n, len(NAMES)) surface features, each distinct text looked at once."""
    seen: dict[str, F64] = {}
    for text in texts:
        if (text or "") not in seen:
            seen[text or ""] = surface_features(text)
    return np.array([seen[text or ""] for text in texts]).reshape(len(texts), len(NAMES))
