"""Sub-Gaussian weights: shrunk so that the estimate has sub-Gaussian tails.

The weights w / (1 - lam + lam w) are the power mean of w and 1 with exponent -1: never above 1 / lam.
Source: Metelli, Russo and Restelli (2021), NeurIPS, definition 5.1 with s = -1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.errors import UsageError
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class SubGaussianIps:
    """IPS with sub-Gaussian weights.

    Args:
        lam: Shrinkage, 0 (none) to 1.
    """

    lam: float

    def __post_init__(self) -> None:
        _checked(self.lam)

    @property
    def name(self) -> str:
        """The name in the registry."""
        return f"sg_ips(lam={self.lam:g})"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return False

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return self.lam == 0.0

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight = _shrunk(rounds.weight, self.lam)
        return Terms(plain=np.zeros(rounds.n), correction=weight * rounds.reward, weight=weight)


@dataclass(frozen=True, slots=True)
class SubGaussianDoublyRobust:
    """DR with sub-Gaussian weights.

    Args:
        lam: Shrinkage, 0 (none) to 1.
    """

    lam: float

    def __post_init__(self) -> None:
        _checked(self.lam)

    @property
    def name(self) -> str:
        """The name in the registry."""
        return f"sg_dr(lam={self.lam:g})"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return True

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return self.lam == 0.0

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight = _shrunk(rounds.weight, self.lam)
        correction = weight * (rounds.reward - rounds.q_logged())
        return Terms(plain=rounds.q_value(), correction=correction, weight=weight)


def _shrunk(weight: F64, lam: float) -> F64:
    # at weight 0 and lam 1 the limit is 1; the reward of such a round still counts nothing
    bottom = 1.0 - lam + lam * weight
    return np.divide(weight, bottom, out=np.zeros(len(weight)), where=bottom > 0)


def _checked(lam: float) -> None:
    if not 0.0 <= lam <= 1.0:
        raise UsageError("not a shrinkage", argument="lam", value=lam, allowed="0 to 1")
