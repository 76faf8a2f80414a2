"""Self-normalised inverse propensity scoring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class SelfNormalisedIps:
    """SNIPS: the weighted mean reward; a bias of order 1/n for much less variance than IPS.

    Source: Swaminathan and Joachims (2015), NIPS.
    """

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "snips"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return False

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return True

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        correction = rounds.weight * rounds.reward
        plain = np.zeros(rounds.n)
        return Terms(plain=plain, correction=correction, weight=rounds.weight, self_normalised=True)
