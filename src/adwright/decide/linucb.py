"""LinUCB: the content whose reward could be highest within reason."""

from __future__ import annotations

import numpy as np

from adwright.decide.linear_policy import LinearPolicy
from adwright.decide.normal_wins import checked_scores
from adwright.schema import F64, Bools


class LinUCB(LinearPolicy):
    """All probability on the largest mean + `width` x sd; ties are split evenly.

    Source: Li, Chu, Langford and Schapire 2010, A contextual-bandit approach to personalized news article
    recommendation, algorithm 1 (`width` is their alpha). It is deterministic: without an exploration floor
    its log cannot be used for off-policy estimates of anything else.

    >>> policy = LinUCB(1)
    >>> policy.update(np.ones((50, 1)), ["a"] * 25 + ["b"] * 25, [1.0] * 25 + [0.0] * 25)
    >>> policy.probabilities(np.ones((1, 1)), ["a", "b"]).tolist()
    [[1.0, 0.0]]
    """

    name = "linucb"

    def vectors(self, mean: F64, sd: F64, mask: Bools | None) -> F64:
        """See `LinearPolicy.vectors`."""
        allowed = checked_scores(mean, sd, mask)
        upper = mean + sd
        if allowed is not None:
            upper = np.where(allowed, upper, -np.inf)
        best = upper == upper.max(axis=1, keepdims=True)
        return np.asarray(best / best.sum(axis=1, keepdims=True), dtype=np.float64)
