"""Thompson sampling: each arm is chosen as often as it is believed to be the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class ThompsonSampling:
    """The probability of an arm is the share of draws in which it is the best one.

    Source: Thompson (1933), Biometrika 25. The probability is made explicit, so it can be logged: its
    Monte-Carlo error is at most 0.5 / sqrt(n_draws).

    >>> draws = np.array([[1.0, 2.0], [3.0, 1.0], [5.0, 4.0], [9.0, 8.0]])
    >>> ThompsonSampling().probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).tolist()
    [0.75, 0.25]
    """

    name: str = "thompson"

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        return share_of_wins(masked_draws(draws, mask))
