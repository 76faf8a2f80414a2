"""Upper confidence bound: the arm that could be best within reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.errors import UsageError
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class UCB:
    """All probability on the arm with the highest quantile of its value; ties are split evenly.

    Source: Kaufmann, Cappe and Garivier 2012, On Bayesian upper confidence bounds for bandit problems. They
    let the level rise as 1 - 1/t; here it is fixed, so that a vector is a function of the beliefs alone.

    Args:
        level: Of the quantile, in (0.5, 1).

    >>> draws = np.array([[1.0, 0.0], [1.0, 3.0]])
    >>> UCB().probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).tolist()
    [0.0, 1.0]
    """

    level: float = 0.95
    name: str = "ucb"

    def __post_init__(self) -> None:
        if not 0.5 < self.level < 1.0:
            raise UsageError("not an upper level", argument="level", value=self.level, allowed="0.5 to 1")

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        upper = np.full(np.shape(draws)[-1], -np.inf)
        allowed = np.asarray(mask, dtype=np.bool_)
        upper[allowed] = np.quantile(masked_draws(draws, mask)[:, allowed], self.level, axis=0)
        return share_of_wins(upper[None, :])
