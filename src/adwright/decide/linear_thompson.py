"""Linear Thompson sampling with the propensity in closed form."""

from __future__ import annotations

import numpy as np

from adwright.decide.linear_policy import LinearPolicy
from adwright.decide.normal_wins import normal_wins
from adwright.schema import F64, Bools


class LinearThompson(LinearPolicy):
    """Each content as often as its reward is believed to be the best for this customer.

    Source: Agrawal and Goyal 2013, Thompson sampling for contextual bandits with linear payoffs, algorithm 1,
    with one regression a content (`width` is their v). They draw coefficients; given the customer the scores
    are normal and independent, so the probabilities are an integral (`normal_wins`), and are what is drawn
    from and logged.

    >>> policy = LinearThompson(1)
    >>> policy.update(np.ones((50, 1)), ["a"] * 25 + ["b"] * 25, [0.6] * 25 + [0.4] * 25)
    >>> policy.probabilities(np.ones((1, 1)), ["a", "b"]).round(2).tolist()
    [[0.76, 0.24]]
    """

    name = "linear_thompson"

    def vectors(self, mean: F64, sd: F64, mask: Bools | None) -> F64:
        """See `LinearPolicy.vectors`."""
        return normal_wins(np.asarray(mean), np.asarray(sd), mask)
