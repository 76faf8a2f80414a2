"""T-learner: one outcome model an arm; effects are differences of their predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.uplift.outcomes import ArmModels, fit_arms
from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class _Model:
    arms: ArmModels

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effects."""
        expected = self.arms.predict(features)
        return np.asarray(expected[:, 1:] - expected[:, :1])


@dataclass(frozen=True, slots=True)
class TLearner:
    """Good where arms behave quite differently; else the noise of two models adds up.

    Source: Kuenzel, Sekhon, Bickel and Yu (2019), PNAS 116.
    """

    @property
    def name(self) -> str:
        """The short name."""
        return "T"

    def fit(self, trial: Trial, *, rng: np.random.Generator) -> _Model:
        """The model learned from the trial."""
        return _Model(fit_arms(trial, rng=rng))
