"""A list that is not ten times the same: maximal marginal relevance, and a limit for each category."""

from __future__ import annotations

import numpy as np

from adwright.recommend.histories import I64
from adwright.recommend.models.model import F32
from adwright.recommend.rules import Shelf
from adwright.schema import F64, Bools

_SAME_CATEGORY, _SAME_BRAND = 0.6, 0.3


def diversify(
    items: I64, scores: F32, shelf: Shelf, *, n: int, diversity: float, max_per_category: int
) -> tuple[I64, F32]:
    """(n_customers, n) of the candidates, and their scores; -1 and -inf where there are no more.

    Each place goes to the candidate with the largest (1 - d) relevance - d likeness, likeness being the largest to
    what stands before (Carbonell and Goldstein 1998). Two sizes of one product are wholly alike, one category is
    0.6, one brand 0.3. Relevance is the score between the least and the largest candidate of the customer.

    Args:
        items: (n_customers, c) candidates by falling score; -1 where there are no more.
        scores: (n_customers, c) their scores.
        shelf: Categories, brands and groups.
        n: Places.
        diversity: d in [0, 1); 0 keeps the order.
        max_per_category: At most so many of one category; 0 for no limit.
    """
    if diversity == 0 and max_per_category == 0 and items.shape[1] == n:
        return items, scores
    rows = np.arange(len(items))
    left = items >= 0
    relevance = _relevance(scores, left)
    codes = [np.where(left, code[items], -1) for code in (shelf.category, shelf.brand, shelf.group)]
    category = codes[0]
    likeness, n_alike = np.zeros(items.shape), np.zeros(items.shape, dtype=np.int64)
    places = np.full((len(items), n), -1, dtype=np.int64)
    reached = np.full((len(items), n), -np.inf, dtype=np.float32)
    for place in range(min(n, items.shape[1])):
        open_ = left if max_per_category == 0 else left & ((n_alike < max_per_category) | (category < 0))
        worth = np.where(open_, (1 - diversity) * relevance - diversity * likeness, -np.inf)
        pick = worth.argmax(axis=1)
        some = open_[rows, pick]
        places[some, place] = items[some, pick[some]]
        reached[some, place] = scores[some, pick[some]]
        left = left.copy()
        left[rows[some], pick[some]] = False
        same = [(code == code[rows, pick][:, None]) & (code >= 0) & some[:, None] for code in codes]
        alike = np.where(same[2], 1.0, _SAME_CATEGORY * same[0] + _SAME_BRAND * same[1])
        likeness, n_alike = np.maximum(likeness, alike), n_alike + same[0]
    return places, reached


def _relevance(scores: F32, left: Bools) -> F64:
    """(n, c) between 0 and 1 within each customer's candidates."""
    low = np.min(np.where(left, scores, np.inf), axis=1, keepdims=True)
    high = np.max(np.where(left, scores, -np.inf), axis=1, keepdims=True)
    reach = np.where(high > low, high - low, 1.0)
    relevance: F64 = np.where(left, (np.where(left, scores, 0.0) - low) / reach, 0.0).astype(np.float64)
    return relevance
