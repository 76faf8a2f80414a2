"""Outcome models by arm, and the doubly robust score of each customer's effect.

The score has the effect as its mean, given the propensities, whatever the models; all that is said here about
who gains (Qini, targeting, policy value) is a mean of scores of customers that no model saw.

Source: Robins, Rotnitzky and Zhao (1994), JASA 89; Kennedy (2023), Electronic Journal of Statistics 17.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.experiment.uplift.trees import Regression, fit_trees
from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class ArmModels:
    """One outcome model an arm, the control first."""

    models: tuple[Regression, ...]

    def predict(self, features: F64) -> F64:
        """(n, n_arms) expected outcomes."""
        return np.stack([model.predict(features) for model in self.models], axis=1)


def fit_arms(trial: Trial, *, rng: np.random.Generator) -> ArmModels:
    """An outcome model for each arm, from its own customers."""
    models = []
    for arm in range(trial.n_arms):
        own = trial.part(trial.arm == arm)
        models.append(
            fit_trees(
                own.features, own.outcome, rng=rng, categorical=trial.categorical, binary=trial.is_binary
            )
        )
    return ArmModels(tuple(models))


def cross_fit_arms(trial: Trial, fold: npt.NDArray[np.intp], *, rng: np.random.Generator) -> F64:
    """(n, n_arms) expected outcomes, each customer's from models fitted without their fold."""
    out = np.empty((trial.n, trial.n_arms))
    for k in range(int(fold.max()) + 1):
        out[fold == k] = fit_arms(trial.part(fold != k), rng=rng).predict(trial.features[fold == k])
    return out


def effect_scores(trial: Trial, expected: F64) -> F64:
    """(n, n_arms - 1) doubly robust scores: expected effect plus weighted residuals.

    Args:
        trial: The trial.
        expected: (n, n_arms) outcomes by models that did not see the customer; zeros give plain weighting.
    """
    row = np.arange(trial.n)
    residual = (trial.outcome - expected[row, trial.arm]) / trial.propensity[row, trial.arm]
    by_arm = expected.copy()
    by_arm[row, trial.arm] += residual
    return np.asarray(by_arm[:, 1:] - by_arm[:, :1])
