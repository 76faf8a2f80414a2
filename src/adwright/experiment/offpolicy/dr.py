"""Doubly robust: the model, corrected by the weighted residuals."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms


@dataclass(frozen=True, slots=True)
class DoublyRobust:
    """DR: right where either the propensities or the model are.

    Source: Dudik, Langford and Li (2011), ICML; Dudik et al. (2014), Statistical Science 29, equation 8.
    """

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "dr"

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
        return Terms(plain=rounds.q_value(), correction=correction, weight=rounds.weight)
