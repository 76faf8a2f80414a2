"""The best mean, and now and then any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.errors import UsageError
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class EpsilonGreedy:
    """The arm with the highest mean draw with probability 1 - epsilon, else any arm, all alike.

    Args:
        epsilon: Share of exploration, in [0, 1].

    >>> draws = np.array([[1.0, 2.0], [3.0, 1.0]])
    >>> EpsilonGreedy(0.1).probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).round(2).tolist()
    [0.95, 0.05]
    """

    epsilon: float = 0.1
    name: str = "epsilon_greedy"

    def __post_init__(self) -> None:
        if not 0.0 <= self.epsilon <= 1.0:
            raise UsageError("not a share", argument="epsilon", value=self.epsilon, allowed="0 to 1")

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        best = share_of_wins(masked_draws(draws, mask).mean(axis=0, keepdims=True))
        return (1.0 - self.epsilon) * best + self.epsilon * np.asarray(mask) / np.count_nonzero(mask)
