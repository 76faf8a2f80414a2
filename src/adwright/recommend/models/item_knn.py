"""Item-based nearest neighbours: products that share customers with those of the history.

    score(u, j) = sum over i in the history of  x_ui f_ui s_ij,   s_ij = n_ij / (sqrt(n_i n_j) + shrinkage)

with n_ij the customers who had both, x_ui in (0, 1] how surely u had i and f_ui its fading with time (Sarwar et al.
2001, eq. 5, cosine with shrinkage; only the strongest neighbours of each product are kept).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.linear import strongest_support
from adwright.recommend.models.model import F32, Arrays, FitData
from adwright.recommend.pairs import count_pairs, shrunk_cosine
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The strongest neighbours of each product.

    Args:
        alike: (n_items, n_items) sparse s_ij, at most `n_neighbours` a row.
        half_life_days: Of the history's fading.
    """

    alike: sparse.csr_matrix
    half_life_days: float

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items), zero where no neighbour is in the history."""
        x = histories.matrix(histories.faded(now.timestamp(), self.half_life_days))
        x.data = np.minimum(x.data, 1.0)
        scores: F32 = (x @ self.alike).toarray().astype(np.float32)
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) the neighbours in the history, the nearest first."""

        def weights(own: I64, asked: I64) -> F64:
            found: F64 = self.alike[own][:, asked].toarray()
            return found

        return strongest_support(histories, items, n, weights)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        return {"half_life_days": self.half_life_days}, {
            "data": self.alike.data,
            "indices": self.alike.indices,
            "indptr": self.alike.indptr,
        }

    def summary(self) -> dict[str, Any]:
        """How many products have neighbours, and how many pairs are kept."""
        return {
            "n_items_with_neighbours": int((np.diff(self.alike.indptr) > 0).sum()),
            "n_pairs": int(self.alike.nnz),
        }


class ItemKnn:
    """Item-based nearest neighbours as a recommender."""

    name = "item_knn"

    def fit(self, data: FitData) -> Neighbours:
        """Counts the pairs of products."""
        config = data.config.item_knn
        pairs = count_pairs(
            data.histories,
            n_keep=config.n_neighbours,
            shrinkage=config.shrinkage,
            max_history=config.max_history,
        )
        alike = pairs.counts.copy()
        alike.data = shrunk_cosine(alike, np.arange(data.n_items), pairs.n_customers_of, config.shrinkage)
        return Neighbours(alike.astype(np.float32), config.half_life_days)

    def refit(self, model: Neighbours, data: FitData) -> Neighbours:
        """Counts again: nothing was chosen."""
        return self.fit(data)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Neighbours:
        """The inverse of `Neighbours.pack`."""
        n = len(arrays["indptr"]) - 1
        alike = sparse.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(n, n))
        return Neighbours(alike, float(values["half_life_days"]))
