"""Switch-DR: rounds with a large weight are left to the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.positive import positive
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class SwitchDoublyRobust:
    """DR where the weight is at most `threshold`, the model alone elsewhere.

    Args:
        threshold: Weights above it are set to 0, > 0.

    Source: Wang, Agarwal and Dudik (2017), ICML.
    """

    threshold: float

    def __post_init__(self) -> None:
        positive("threshold", self.threshold)

    @property
    def name(self) -> str:
        """The name in the registry."""
        return f"switch_dr(threshold={self.threshold:g})"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return True

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return bool(np.isinf(self.threshold))

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight = np.where(rounds.weight <= self.threshold, rounds.weight, 0.0)
        correction = weight * (rounds.reward - rounds.q_logged())
        return Terms(plain=rounds.q_value(), correction=correction, weight=weight)
