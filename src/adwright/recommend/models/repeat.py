"""What a customer buys again and again: their own purchases, faded with time.

    score(u, j) = sum over u's purchases of j of  0.5 ^ (age / half_life)

Shops of supplies live on repeat purchases, and a customer's own frequencies are hard to beat there (Li et al. 2023, A
next basket recommendation reality check). Views and additions count at their weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import F32, Arrays, FitData
from adwright.recommend.ranking import mean_ndcg


@dataclass(frozen=True, slots=True)
class OwnPurchases:
    """The half-life of a customer's own purchases, chosen on `tune`."""

    half_life_days: float

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items), zero for what the customer never had."""
        faded = histories.matrix(histories.faded(now.timestamp(), self.half_life_days))
        scores: F32 = faded.toarray().astype(np.float32)
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) the product itself, where it is in the history."""
        found = np.full((*items.shape, n), -1, dtype=np.int64)
        for row in range(len(histories)):
            own = histories.items[histories.indptr[row] : histories.indptr[row + 1]]
            found[row, :, 0] = np.where(np.isin(items[row], own), items[row], -1)
        return found

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        return {"half_life_days": self.half_life_days}, {}

    def summary(self) -> dict[str, Any]:
        """The half-life."""
        return {"half_life_days": self.half_life_days}


class Repeat:
    """A customer's own purchases as a recommender."""

    name = "repeat"

    def fit(self, data: FitData) -> OwnPurchases:
        """Tries the half-lives on `tune`; the first, where there is no tune."""
        choices = [OwnPurchases(days) for days in data.config.repeat.half_life_days]
        if data.tune is None or len(choices) == 1 or not data.tune.seen_may_return:
            return choices[0]
        tune = data.tune
        return max(choices, key=lambda choice: mean_ndcg(choice, tune, k=10))

    def refit(self, model: OwnPurchases, data: FitData) -> OwnPurchases:
        """The same half-life."""
        return model

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> OwnPurchases:
        """The inverse of `OwnPurchases.pack`."""
        return OwnPurchases(float(values["half_life_days"]))
