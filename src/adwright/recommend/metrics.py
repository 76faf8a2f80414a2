"""How good a ranking is: recall, NDCG, coverage, novelty, by customer and over customers.

Holds when: every relevant product of a customer is in `targets`, and the ranking had all products to choose from.
Does not cover: what customers would have bought had they been shown something else; that takes an experiment.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from adwright.recommend.histories import I64
from adwright.schema import F64


def hits(ranked: I64, targets: sparse.csr_matrix) -> F64:
    """(n, k) 1 where the ranked product is a target of the customer, else 0.

    Args:
        ranked: (n, k) items, the best first; -1 where nothing was recommended.
        targets: (n, n_items) sparse, positive where relevant.
    """
    n, k = ranked.shape
    rows = np.repeat(np.arange(n), k)
    columns = np.maximum(ranked, 0).ravel()
    found = np.asarray(targets[rows, columns]).reshape(n, k) > 0
    hit: F64 = (found & (ranked >= 0)).astype(np.float64)
    return hit


def n_relevant(targets: sparse.csr_matrix) -> F64:
    """(n,) the number of targets of each customer."""
    counts: F64 = np.asarray((targets > 0).sum(axis=1)).ravel().astype(np.float64)
    return counts


def recall(hit: F64, relevant: F64, k: int) -> F64:
    """(n,) the part of a customer's targets that stand among the first k; NaN without targets.

    >>> recall(np.array([[1.0, 0.0, 1.0]]), np.array([4.0]), 3).tolist()
    [0.5]
    """
    return _over(hit[:, :k].sum(axis=1), relevant)


def ndcg(hit: F64, relevant: F64, k: int) -> F64:
    """(n,) normalised discounted cumulative gain at k, binary relevance; NaN without targets.

    DCG = sum over ranks r = 1 .. k of hit_r / log2(r + 1), over that of an ideal ranking, which has
    min(k, relevant) hits at the top (Jarvelin and Kekalainen 2002).

    >>> ndcg(np.array([[0.0, 1.0]]), np.array([1.0]), 2).round(4).tolist()
    [0.6309]
    """
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    gained = hit[:, :k] @ discount[: hit.shape[1]]
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(relevant, k).astype(np.int64)]
    return _over(gained, ideal)


def hit_rate(hit: F64, relevant: F64, k: int) -> F64:
    """(n,) 1 where at least one of the first k is a target; NaN without targets."""
    return np.where(relevant > 0, (hit[:, :k].sum(axis=1) > 0).astype(np.float64), np.nan)


def coverage(ranked: I64, k: int, n_items: int) -> float:
    """The part of the catalogue that is recommended to anybody within the first k."""
    shown = ranked[:, :k]
    return len(np.unique(shown[shown >= 0])) / max(n_items, 1)


def novelty(ranked: I64, k: int, n_customers_of: F64, n_customers: int) -> float:
    """Mean bits of surprise of what is recommended: -log2 of the part of customers who had the product before.

    A product that nobody had counts as if one half of a customer had it (Zhou et al. 2010, eq. 4, smoothed).

    Args:
        ranked: (n, k) items, -1 where nothing was recommended.
        k: How many count.
        n_customers_of: (n_items,) customers who had each product.
        n_customers: How many customers there were.
    """
    shown = ranked[:, :k]
    held = n_customers_of[shown[shown >= 0]]
    if not len(held):
        return float("nan")
    return float(np.mean(-np.log2(np.maximum(held, 0.5) / max(n_customers, 1))))


def _over(gained: F64, possible: F64) -> F64:
    """Gained over possible; NaN where nothing was possible."""
    out = np.full(len(gained), np.nan)
    np.divide(gained, possible, out=out, where=possible > 0)
    return out
