"""Doubly robust with the correction self-normalised."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class SelfNormalisedDoublyRobust:
    """SNDR: DR whose residuals are averaged by weight; less hurt by large weights.

    Source: Thomas and Brunskill (2016), ICML (weighted doubly robust, horizon 1).
    """

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "sndr"

    @property
    def uses_model(self) -> bool:
        """Whether it needs an outcome model."""
        return True

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return True

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        correction = rounds.weight * (rounds.reward - rounds.q_logged())
        plain = rounds.q_value()
        return Terms(plain=plain, correction=correction, weight=rounds.weight, self_normalised=True)
