"""DR-learner: the doubly robust scores themselves, regressed on the features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.uplift.learner import folds_of
from adwright.experiment.uplift.outcomes import cross_fit_arms, effect_scores
from adwright.experiment.uplift.trees import Regression, fit_trees
from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class _Model:
    models: tuple[Regression, ...]

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effects."""
        return np.stack([model.predict(features) for model in self.models], axis=1)


@dataclass(frozen=True, slots=True)
class DrLearner:
    """Unbiased for the effect at each point where propensities are known; its scores are noisy.

    Args:
        n_folds: Folds of the outcome models inside the fit.

    Source: Kennedy (2023), Electronic Journal of Statistics 17, algorithm 1.
    """

    n_folds: int = 2

    @property
    def name(self) -> str:
        """The short name."""
        return "DR"

    def fit(self, trial: Trial, *, rng: np.random.Generator) -> _Model:
        """The model learned from the trial."""
        fold = folds_of(trial, self.n_folds, rng)
        scores = effect_scores(trial, cross_fit_arms(trial, fold, rng=rng))
        return _Model(
            tuple(
                fit_trees(trial.features, scores[:, i], rng=rng, categorical=trial.categorical)
                for i in range(scores.shape[1])
            )
        )
