"""Always the arm with the best mean; learns nothing beyond the exploration floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class Greedy:
    """All probability on the arm with the highest mean draw; ties are split evenly.

    >>> draws = np.array([[1.0, 2.0], [3.0, 1.0]])
    >>> Greedy().probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).tolist()
    [1.0, 0.0]
    """

    name: str = "greedy"

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        return share_of_wins(masked_draws(draws, mask).mean(axis=0, keepdims=True))
