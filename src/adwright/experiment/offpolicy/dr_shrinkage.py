"""DR with optimistic shrinkage (DRos): large weights are shrunk towards 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.positive import positive
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class ShrunkDoublyRobust:
    """DR with weights lam w / (w^2 + lam): the direct method at lam = 0, DR at infinity.

    Args:
        lam: Shrinkage, > 0; infinity for none.

    Source: Su, Dimakopoulou, Krishnamurthy and Dudik (2020), ICML, equation 5.
    """

    lam: float

    def __post_init__(self) -> None:
        positive("lam", self.lam)

    @property
    def name(self) -> str:
        """The name in the registry."""
        return f"dr_shrinkage(lam={self.lam:g})"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return True

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return bool(np.isinf(self.lam))

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight = rounds.weight
        if np.isfinite(self.lam):
            weight = self.lam * weight / (weight**2 + self.lam)
        correction = weight * (rounds.reward - rounds.q_logged())
        return Terms(plain=rounds.q_value(), correction=correction, weight=weight)
