"""Rows of a table as sparse features: n-grams and surface of texts, categories, numbers. Learned on train only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.frames import check_columns
from adwright.predict.model_config import ModelConfig
from adwright.predict.ngrams import NgramVocabulary, prepare
from adwright.predict.recipe import PredictRecipe
from adwright.predict.surface import NAMES, surface_features
from adwright.schema import F64

SURFACE_SCALE = 0.3
"""Standardised surface features count this much, so that one of them weighs like one n-gram among many."""

NUMERIC_SCALE = 0.5
NUMERIC_BEYOND = 1e18
"""A number beyond it is no measurement; it counts as missing, as an infinite one does."""

_NUMERIC_LIMIT = 5.0  # standard deviations; beyond it a number says no more


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Mean and standard deviation (p,) of columns, to standardise them; constant columns become 0."""

    mean: F64
    sd: F64

    @classmethod
    def learn(cls, values: F64) -> Standard:
        """From (n, p) values; NaN is left out."""
        count = np.maximum(np.isfinite(values).sum(axis=0), 1)
        filled = np.where(np.isfinite(values), values, 0.0)
        mean = filled.sum(axis=0) / count
        gap = np.where(np.isfinite(values), values - mean, 0.0)
        return cls(mean, np.sqrt((gap**2).sum(axis=0) / count))

    def transform(self, values: F64) -> F64:
        """(n, p) standardised and clipped; NaN becomes 0, the mean."""
        flat = self.sd < 1e-9 * (1 + np.abs(self.mean))
        z = (values - self.mean) / np.where(flat, 1.0, self.sd)
        z[:, flat] = 0.0
        return np.clip(np.nan_to_num(z), -_NUMERIC_LIMIT, _NUMERIC_LIMIT)


@dataclass(frozen=True, slots=True, eq=False)
class TextMap:
    """How one text column becomes features."""

    word: NgramVocabulary
    char: NgramVocabulary
    surface: Standard

    @classmethod
    def learn(cls, texts: Sequence[str | None], config: ModelConfig) -> TextMap:
        """From training texts, each distinct text counted once."""
        distinct = sorted({text or "" for text in texts})
        ready = [prepare(text) for text in distinct]
        word = NgramVocabulary.learn(
            ready,
            unit="word",
            bounds=_pair(config.word_ngrams),
            min_texts=config.min_word_texts,
            max_terms=config.max_terms,
        )
        char = NgramVocabulary.learn(
            ready,
            unit="char",
            bounds=_pair(config.char_ngrams),
            min_texts=config.min_char_texts,
            max_terms=config.max_terms,
        )
        return cls(word, char, Standard.learn(np.array([surface_features(text) for text in distinct])))

    def transform(self, texts: Sequence[str | None]) -> sparse.csr_matrix:
        """(n, p) features; each distinct text is looked at once."""
        distinct, index = _distinct(texts)
        ready = [prepare(text) for text in distinct]
        raw = np.array([surface_features(text) for text in distinct]).reshape(len(distinct), len(NAMES))
        surface = sparse.csr_matrix(SURFACE_SCALE * self.surface.transform(raw))
        parts = [self.word.transform(ready), self.char.transform(ready), surface]
        return sparse.csr_matrix(sparse.hstack(parts, format="csr")[index])

    @property
    def n_features(self) -> int:
        """Columns of `transform`."""
        return len(self.word.idf) + len(self.char.idf) + len(NAMES)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """How a table's rows become features.

    Args:
        text: By column.
        categorical: By column, its categories -> feature.
        numeric: Columns.
        numeric_scale: Their mean and spread.
    """

    text: Mapping[str, TextMap]
    categorical: Mapping[str, Mapping[str, int]]
    numeric: tuple[str, ...]
    numeric_scale: Standard

    @classmethod
    def learn(cls, frame: pl.DataFrame, recipe: PredictRecipe) -> FeatureMap:
        """From the training rows alone."""
        columns = recipe.columns
        categories: dict[str, dict[str, int]] = {}
        for name in columns.categorical:
            seen = sorted({_category(v) for v in strings(frame, name)})
            categories[name] = {value: i for i, value in enumerate(seen)}
        return cls(
            {name: TextMap.learn(strings(frame, name), recipe.model) for name in columns.text},
            categories,
            recipe.numbers,
            Standard.learn(numbers(frame, recipe.numbers)),
        )

    def transform(self, frame: pl.DataFrame) -> sparse.csr_matrix:
        """(n, p) features of the rows; what training never saw is 0."""
        check_columns(frame, [*self.text, *self.categorical, *self.numeric])
        parts = [text.transform(strings(frame, name)) for name, text in self.text.items()]
        for name, known in self.categorical.items():
            parts.append(_one_hot(strings(frame, name), known))
        if self.numeric:
            raw = numbers(frame, self.numeric)
            parts.append(sparse.csr_matrix(NUMERIC_SCALE * self.numeric_scale.transform(raw)))
            parts.append(sparse.csr_matrix(np.isnan(raw).astype(np.float64)))
        return sparse.csr_matrix(sparse.hstack(parts, format="csr"))

    @property
    def averages(self) -> dict[str, float]:
        """The means of the number columns."""
        return dict(zip(self.numeric, self.numeric_scale.mean.tolist(), strict=True))

    @property
    def n_features(self) -> int:
        """Columns of `transform`."""
        n_text = sum(text.n_features for text in self.text.values())
        return n_text + sum(len(known) for known in self.categorical.values()) + 2 * len(self.numeric)

    def to_json(self) -> tuple[dict[str, Any], dict[str, F64]]:
        """What stands in JSON, and the arrays beside it."""
        arrays = {"numeric/mean": self.numeric_scale.mean, "numeric/sd": self.numeric_scale.sd}
        texts: dict[str, Any] = {}
        for place, (name, text) in enumerate(self.text.items()):
            texts[name] = {
                unit: {"terms": list(grams.terms), "bounds": list(grams.bounds)}
                for unit, grams in (("word", text.word), ("char", text.char))
            }
            arrays[f"text{place}/word"], arrays[f"text{place}/char"] = text.word.idf, text.char.idf
            arrays[f"text{place}/mean"], arrays[f"text{place}/sd"] = text.surface.mean, text.surface.sd
        known = {name: list(values) for name, values in self.categorical.items()}
        return {"text": texts, "categorical": known, "numeric": list(self.numeric)}, arrays

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Mapping[str, F64]) -> FeatureMap:
        """The inverse of `to_json`."""
        texts = {}
        for place, (name, units) in enumerate(values["text"].items()):
            grams = {
                unit: NgramVocabulary(
                    {term: i for i, term in enumerate(held["terms"])},
                    arrays[f"text{place}/{unit}"],
                    unit,
                    _pair(held["bounds"]),
                )
                for unit, held in units.items()
            }
            surface = Standard(arrays[f"text{place}/mean"], arrays[f"text{place}/sd"])
            texts[name] = TextMap(grams["word"], grams["char"], surface)
        categorical = {
            name: {v: i for i, v in enumerate(held)} for name, held in values["categorical"].items()
        }
        scale = Standard(arrays["numeric/mean"], arrays["numeric/sd"])
        return cls(texts, categorical, tuple(values["numeric"]), scale)


def strings(frame: pl.DataFrame, name: str) -> list[str | None]:
    """The column as text; numbers as they print, so 1 and 1.0 are one category; lists joined."""
    check_columns(frame, [name])
    column = frame[name]
    if column.dtype.is_float():
        return [None if v is None or math.isnan(v) else f"{v:.15g}" for v in column.to_list()]
    if column.dtype == pl.String:
        return column.to_list()
    return [None if v is None else str(v) for v in column.to_list()]


def _category(value: str | None) -> str:
    return "\x00null" if value is None else value


def _one_hot(values: Sequence[str | None], known: Mapping[str, int]) -> sparse.csr_matrix:
    index = np.array([known.get(_category(v), -1) for v in values], dtype=np.int64)
    rows = np.flatnonzero(index >= 0)
    shape = (len(values), len(known))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, index[rows])), shape=shape)


def numbers(frame: pl.DataFrame, names: Sequence[str]) -> F64:
    """The columns as (n, len(names)) float64, NaN for null and for what is beyond all measure.

    Raises:
        DataError: a column of texts.
    """
    out = np.full((frame.height, len(names)), np.nan)
    for place, name in enumerate(names):
        check_columns(frame, [name])
        column = frame[name]
        try:
            out[:, place] = column.cast(pl.Float64, strict=True).to_numpy()
        except pl.exceptions.PolarsError as error:
            bad = next((v for v in column.to_list() if not _is_number(v)), None)
            raise DataError(
                f"numeric column '{name}' holds what is no number",
                argument=name,
                value=bad,
                hint="List it under categorical instead",
            ) from error
    return np.where(np.abs(out) <= NUMERIC_BEYOND, out, np.nan)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return value is None
    return True


def _distinct(texts: Sequence[str | None]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The distinct texts in order of appearance, and (n,) which of them each row holds."""
    place: dict[str, int] = {}
    index = np.fromiter((place.setdefault(text or "", len(place)) for text in texts), np.intp, len(texts))
    return list(place), index


def _pair(bounds: Sequence[int]) -> tuple[int, int]:
    return int(bounds[0]), int(bounds[1])
