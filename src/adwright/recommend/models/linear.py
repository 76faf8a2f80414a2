"""What linear models of the history share: a score is the history's weights times a table of products by products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import no_support
from adwright.schema import F64

Weights = Callable[[I64, I64], F64]
"""(h,) products of a history and (k,) items -> (h, k) how strongly each of those speaks for each of these."""


def strongest_support(histories: Histories, items: I64, n: int, weights: Weights) -> I64:
    """(n_customers, k, n) the products of each history with the largest positive weight for each item; else -1.

    A product does not speak for itself.
    """
    found = no_support(items, n)
    for row in range(len(histories)):
        own = np.unique(histories.items[histories.indptr[row] : histories.indptr[row + 1]])
        asked = np.flatnonzero(items[row] >= 0)
        if not len(own) or not len(asked):
            continue
        speaks = weights(own, items[row, asked])
        speaks = np.where(own[:, None] == items[row, asked][None, :], 0.0, speaks)
        order = np.argsort(-speaks, axis=0, kind="stable")[:n]  # (<= n, k)
        best = np.where(np.take_along_axis(speaks, order, axis=0) > 0, own[order], -1)
        found[row, asked, : len(order)] = best.T
    return found
