"""What a model trained elsewhere says of a row: the linear part of its score, on its own features.

Holds when: the two tables mean the same by the columns that they share. Does not cover: trees and networks of the
other model; what they say is not carried over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.features import FeatureMap
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class LinearTerm:
    """One linear score.

    Args:
        features: How its rows become features.
        columns: Its column -> the column here that means the same; those without one count as missing.
        beta: (p,) weights on the log-odds.
    """

    features: FeatureMap
    columns: Mapping[str, str]
    beta: F64

    def score(self, frame: pl.DataFrame) -> F64:
        """(n,) log-odds up to a shift; 0 where no column is shared."""
        if not self.columns:
            return np.zeros(frame.height)
        asked: dict[str, Any] = {name: pl.lit(None, pl.String) for name in self.features.text}
        asked |= {name: pl.lit(None, pl.String) for name in self.features.categorical}
        asked |= {name: pl.lit(None, pl.Float64) for name in self.features.numeric}
        asked |= {name: pl.col(here) for name, here in self.columns.items()}
        return np.asarray(self.features.transform(frame.select(**asked)) @ self.beta)


@dataclass(frozen=True, slots=True, eq=False)
class LinearSource:
    """A score learned elsewhere: the sum of its terms (more than one where that model was itself warm-started)."""

    terms: tuple[LinearTerm, ...]

    def score(self, frame: pl.DataFrame) -> F64:
        """(n,) log-odds up to a shift."""
        return np.asarray(np.sum([term.score(frame) for term in self.terms], axis=0))

    def pack(self) -> tuple[list[Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values: list[Any] = []
        arrays: dict[str, npt.NDArray[Any]] = {}
        for place, term in enumerate(self.terms):
            features, held = term.features.to_json()
            values.append({"features": features, "columns": dict(term.columns)})
            arrays |= {f"source{place}/{key}": array for key, array in held.items()}
            arrays[f"source{place}/beta"] = term.beta
        return values, arrays

    @classmethod
    def unpack(cls, values: list[Any], arrays: Mapping[str, npt.NDArray[Any]]) -> LinearSource:
        """The inverse of `pack`."""
        terms = []
        for place, held in enumerate(values):
            prefix = f"source{place}/"
            own = {key.removeprefix(prefix): a for key, a in arrays.items() if key.startswith(prefix)}
            beta = np.asarray(own.pop("beta"), np.float64)
            terms.append(LinearTerm(FeatureMap.from_json(held["features"], own), held["columns"], beta))
        return cls(tuple(terms))
