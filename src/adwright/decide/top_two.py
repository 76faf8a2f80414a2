"""Top-two Thompson sampling: to find out which arm is best, look at the runner-up as often as at the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.errors import UsageError
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class TopTwo:
    """The arm of a draw with probability beta, else the winner of the next draw that another arm wins.

    With w_i the share of wins, P(i) = w_i (beta + (1 - beta) sum over j != i of w_j / (1 - w_j)). It spends
    more on the runner-up than Thompson sampling, so the best one is known sooner, at a cost in the meantime.

    Source: Russo 2020, Simple Bayesian algorithms for best-arm identification, Operations Research 68,
    algorithm 3 (TTTS), whose probabilities are made explicit here.

    Args:
        beta: Probability of the best, in (0, 1).

    >>> draws = np.array([[1.0, 2.0], [3.0, 1.0], [5.0, 4.0], [9.0, 8.0]])
    >>> TopTwo().probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).tolist()
    [0.5, 0.5]
    """

    beta: float = 0.5
    name: str = "top_two"

    def __post_init__(self) -> None:
        if not 0.0 < self.beta < 1.0:
            raise UsageError("not a probability", argument="beta", value=self.beta, allowed="0 to 1")

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        checked = masked_draws(draws, mask)
        wins = share_of_wins(checked)
        if np.count_nonzero(mask) == 1:
            return wins
        leader = int(np.argmax(wins))
        if wins[leader] >= 1.0:  # no draw is won by another: the second best mean challenges
            rest = np.asarray(mask, dtype=np.bool_) & (np.arange(len(wins)) != leader)
            second = share_of_wins(np.where(rest, checked, -np.inf))
            return self.beta * wins + (1 - self.beta) * second
        odds = wins / (1.0 - wins)
        p = wins * (self.beta + (1.0 - self.beta) * (odds.sum() - odds))
        return np.asarray(p / p.sum())
