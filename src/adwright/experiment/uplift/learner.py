"""What an uplift learner is, and how its predictions are made on customers it did not learn from."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from adwright.experiment.uplift.trial import Trial
from adwright.schema import F64


class UpliftModel(Protocol):
    """A fitted learner."""

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effect of each treatment against the control."""
        ...


class Learner(Protocol):
    """A way of learning effects."""

    @property
    def name(self) -> str:
        """The short name."""
        ...

    def fit(self, trial: Trial, *, rng: np.random.Generator) -> UpliftModel:
        """The model learned from the trial."""
        ...


def folds_of(trial: Trial, n_folds: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """(n,) fold of each customer, every arm spread evenly over the folds."""
    fold = np.empty(trial.n, dtype=np.intp)
    for arm in range(trial.n_arms):
        rows = np.flatnonzero(trial.arm == arm)
        fold[rows] = rng.permutation(len(rows)) % n_folds
    return fold


def cross_fit(learner: Learner, trial: Trial, fold: npt.NDArray[np.intp], *, rng: np.random.Generator) -> F64:
    """(n, n_arms - 1) effects, each customer's from a model fitted without their fold."""
    out = np.empty((trial.n, trial.n_arms - 1))
    for k in range(int(fold.max()) + 1):
        model = learner.fit(trial.part(fold != k), rng=rng)
        out[fold == k] = model.predict(trial.features[fold == k])
    return out
