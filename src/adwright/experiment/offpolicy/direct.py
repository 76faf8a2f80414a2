"""The direct method: the outcome model is believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class Direct:
    """DM: the mean over rounds of the model's expected reward under the judged policy.

    Little variance, and whatever bias the model has; its rows do not show that bias, so it has no interval
    of its own. Source: Beygelzimer and Langford (2009), KDD.
    """

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "dm"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return True

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return False

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        none = np.zeros(rounds.n)
        return Terms(plain=rounds.q_value(), correction=none, weight=none)
