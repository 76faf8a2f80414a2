"""X-learner: effects imputed with the other arm's model, then learned; good where arms differ in size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.uplift.outcomes import fit_arms
from adwright.experiment.uplift.trees import Regression, fit_trees
from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class _Model:
    pairs: tuple[tuple[Regression, Regression, float], ...]
    """By treatment: the effect learned from its customers, from the control's, and the weight of the latter."""

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effects."""
        return np.stack(
            [
                share * control.predict(features) + (1.0 - share) * treated.predict(features)
                for treated, control, share in self.pairs
            ],
            axis=1,
        )


@dataclass(frozen=True, slots=True)
class XLearner:
    """Source: Kuenzel, Sekhon, Bickel and Yu (2019), PNAS 116, equations 9 to 11, weighted by the propensity."""

    @property
    def name(self) -> str:
        """The short name."""
        return "X"

    def fit(self, trial: Trial, *, rng: np.random.Generator) -> _Model:
        """The model learned from the trial."""
        expected = fit_arms(trial, rng=rng).predict(trial.features)
        control = trial.arm == 0
        pairs = []
        for arm in range(1, trial.n_arms):
            own = trial.arm == arm
            gained = trial.outcome[own] - expected[own, 0]
            missed = expected[control, arm] - trial.outcome[control]
            share = float(trial.propensity[:, arm].mean())
            share /= share + float(trial.propensity[:, 0].mean())
            pairs.append(
                (
                    fit_trees(trial.features[own], gained, rng=rng, categorical=trial.categorical),
                    fit_trees(trial.features[control], missed, rng=rng, categorical=trial.categorical),
                    share,
                )
            )
        return _Model(tuple(pairs))
