"""S-learner: one outcome model with the arm as a feature; effects are differences of its predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.uplift.trees import Regression, fit_trees
from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class _Model:
    model: Regression
    n_arms: int

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effects."""
        by_arm = [
            self.model.predict(np.column_stack([features, _dummies(np.full(len(features), a), self.n_arms)]))
            for a in range(self.n_arms)
        ]
        return np.asarray(np.stack(by_arm[1:], axis=1) - by_arm[0][:, None])


@dataclass(frozen=True, slots=True)
class SLearner:
    """Shrinks effects towards 0, for trees split on the arm only where it pays: good where effects are small.

    Source: Kuenzel, Sekhon, Bickel and Yu (2019), PNAS 116.
    """

    @property
    def name(self) -> str:
        """The short name."""
        return "S"

    def fit(self, trial: Trial, *, rng: np.random.Generator) -> _Model:
        """The model learned from the trial."""
        features = np.column_stack([trial.features, _dummies(trial.arm, trial.n_arms)])
        model = fit_trees(
            features, trial.outcome, rng=rng, categorical=trial.categorical, binary=trial.is_binary
        )
        return _Model(model, trial.n_arms)


def _dummies(arm: np.ndarray[tuple[int, ...], np.dtype[np.intp]], n_arms: int) -> F64:
    return np.asarray(arm[:, None] == np.arange(1, n_arms), dtype=np.float64)
