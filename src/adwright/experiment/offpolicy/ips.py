"""Inverse propensity scoring, with or without a cap on the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.positive import positive
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class Ips:
    """IPS: the mean of weight x reward; unbiased without a cap, noisy where the policies differ.

    Args:
        cap: Largest weight, > 0; infinity for none.

    Source: Horvitz and Thompson (1952), JASA 47; the cap: Bottou et al. (2013), JMLR 14.
    """

    cap: float = float("inf")

    def __post_init__(self) -> None:
        positive("cap", self.cap)

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "ips" if np.isinf(self.cap) else f"ips(cap={self.cap:g})"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return False

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return bool(np.isinf(self.cap))

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight = np.minimum(rounds.weight, self.cap)
        return Terms(plain=np.zeros(rounds.n), correction=weight * rounds.reward, weight=weight)
