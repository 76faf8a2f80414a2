"""Popularity within a cohort, fading with time, drawn towards the popularity among all.

With c(p) the faded interactions of the cohort with product p and C their sum, n(p) and N the same among
all customers, and f(p) what stock and rating say:

    overall  q(p) = (n(p) + a f(p)) / (N + a)
    score    s(p) = (c(p) + b q(p)) / (C + b)

Both sum to 1 over the catalogue: the score is the share of the cohort's next interactions that the
product is expected to get, the mean of a Dirichlet posterior whose prior is q with weight b. A new cohort
is offered what sells overall; without any sales, what is well rated and well stocked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.recommend.config import PopularityConfig
from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import F32, Arrays, FitData, no_support
from adwright.recommend.ranking import mean_ndcg
from adwright.schema import F64

_UNRATED = 2.5
_ENOUGH_STOCK = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class PopularItems:
    """Popularity, fitted.

    Args:
        overall: (n_items,) q, sums to 1.
        cohort_ids: The cohorts with interactions.
        faded: (n_cohorts, n_items) sparse: c, in the order of `cohort_ids`.
        prior_weight: b.
        half_life_days: Of the fading.
    """

    overall: F64
    cohort_ids: tuple[str, ...]
    faded: sparse.csr_matrix
    prior_weight: float
    half_life_days: float

    def of_cohort(self, cohort_id: str | None) -> F64:
        """(n_items,) the scores for a cohort; q for one without interactions."""
        if cohort_id not in self.cohort_ids:
            return self.overall
        own = self.faded[self.cohort_ids.index(cohort_id)].toarray()[0]
        share: F64 = (own + self.prior_weight * self.overall) / (own.sum() + self.prior_weight)
        return share

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items) by the customers' cohorts; `now` changes nothing."""
        scores = np.empty((len(histories), len(self.overall)), dtype=np.float32)
        cohorts = _cohorts(histories)
        for cohort in cohorts.unique().to_list():
            mine = cohorts.is_null() if cohort is None else (cohorts == cohort).fill_null(value=False)
            scores[mine.to_numpy()] = self.of_cohort(cohort)
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) of -1: popularity looks at nobody's history."""
        return no_support(items, n)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {
            "cohort_ids": list(self.cohort_ids),
            "prior_weight": self.prior_weight,
            "half_life_days": self.half_life_days,
        }
        return values, {
            "overall": self.overall,
            "data": self.faded.data,
            "indices": self.faded.indices,
            "indptr": self.faded.indptr,
        }

    def summary(self) -> dict[str, Any]:
        """How many cohorts have a popularity of their own, and the half-life."""
        return {"n_cohorts": len(self.cohort_ids), "half_life_days": self.half_life_days}


class Popularity:
    """Popularity as a recommender."""

    name = "popularity"

    def fit(self, data: FitData) -> PopularItems:
        """Counts what the histories hold, with the half-life that is best on `tune`."""
        choices = data.config.popularity.half_life_days
        if data.tune is None or len(choices) == 1:
            return self._count(data, choices[0])
        tune = data.tune
        return max((self._count(data, days) for days in choices), key=lambda m: mean_ndcg(m, tune, k=10))

    def refit(self, model: PopularItems, data: FitData) -> PopularItems:
        """Counts again with the same half-life."""
        return self._count(data, model.half_life_days)

    def _count(self, data: FitData, half_life_days: float) -> PopularItems:
        config = data.config.popularity
        faded = data.histories.faded(data.now.timestamp(), half_life_days)
        cohorts = _cohorts(data.histories)
        names = tuple(cohorts.drop_nulls().unique().sort().to_list())
        row_of = cohorts.replace_strict(
            {c: i for i, c in enumerate(names)}, default=-1, return_dtype=pl.Int64
        )
        cohort = row_of.fill_null(-1).to_numpy()[data.histories.rows]
        inside = cohort >= 0
        table = sparse.csr_matrix(
            (faded[inside], (cohort[inside], data.histories.items[inside])), shape=(len(names), data.n_items)
        )
        counted: F64 = np.bincount(data.histories.items, weights=faded, minlength=data.n_items).astype(float)
        overall = with_catalogue_facts(counted, data.products, config)
        return PopularItems(overall, names, table, config.prior_weight, half_life_days)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> PopularItems:
        """The inverse of `PopularItems.pack`."""
        shape = (len(values["cohort_ids"]), len(arrays["overall"]))
        faded = sparse.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
        names, weight = tuple(values["cohort_ids"]), float(values["prior_weight"])
        return PopularItems(arrays["overall"], names, faded, weight, float(values["half_life_days"]))


def with_catalogue_facts(counted: F64, products: pl.DataFrame, config: PopularityConfig) -> F64:
    """(n_items,) q: the overall popularity, drawn towards what is well rated and stocked.

    Args:
        counted: (n_items,) faded interactions of everyone.
        products: Row i is item i; `rating` (0 to 5) and `quantity` where they have been filled.
        config: For a, the weight of stock and rating.
    """
    facts = _facts(products)
    share: F64 = (counted + config.stock_weight * facts / facts.sum()) / (counted.sum() + config.stock_weight)
    return share


def _facts(products: pl.DataFrame) -> F64:
    """(n,) how well rated (squared) and stocked a product is; positive. Unknown ratings count 2.5 of 5."""
    rating = products["rating"].fill_null(_UNRATED).to_numpy() + 0.1
    stock = np.minimum(products["quantity"].fill_null(int(_ENOUGH_STOCK)).to_numpy(), _ENOUGH_STOCK)
    facts: F64 = rating**2 * (1.0 + np.maximum(stock, 0.0))
    return facts


def _cohorts(histories: Histories) -> pl.Series:
    """(n,) the cohort of each customer; null where none is known."""
    if "cohort_id" not in histories.customers.columns:
        return pl.Series("cohort_id", [None] * len(histories), dtype=pl.String)
    return histories.customers["cohort_id"]
