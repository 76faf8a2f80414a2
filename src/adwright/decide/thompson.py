"""Thompson sampling: each arm is chosen as often as it is believed to be the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws, share_of_wins
from adwright.errors import UsageError
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class ThompsonSampling:
    """The probability of an arm is the share of draws in which it is the best one.

    Source: Thompson (1933), Biometrika 25. The probability is made explicit, so it can be logged: its
    Monte-Carlo error is at most 0.5 / sqrt(n_draws). With `spread` below 1 the draws are pulled to their
    means (posterior reshaping, Chapelle and Li 2011, section 4): less exploration, for little traffic.

    Args:
        spread: Factor on the deviation of each draw from its arm's mean, at least 0; 0 is greedy.

    >>> draws = np.array([[1.0, 2.0], [3.0, 1.0], [5.0, 4.0], [9.0, 8.0]])
    >>> ThompsonSampling().probabilities(draws, mask=np.ones(2, bool), rng=np.random.default_rng(0)).tolist()
    [0.75, 0.25]
    """

    spread: float = 1.0
    name: str = "thompson"

    def __post_init__(self) -> None:
        if not 0.0 <= self.spread < np.inf:
            raise UsageError("not a factor", argument="spread", value=self.spread, allowed="0 or more")

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        checked = masked_draws(draws, mask)
        if self.spread != 1.0:
            centre = checked.mean(axis=0)
            deviation = np.where(mask, checked, 0.0) - np.where(mask, centre, 0.0)
            checked = np.where(mask, centre + self.spread * deviation, -np.inf)
        return share_of_wins(checked)


def sharp_thompson() -> ThompsonSampling:
    """Thompson sampling with a quarter of the spread, for little traffic."""
    return ThompsonSampling(spread=0.25, name="thompson_sharp")
