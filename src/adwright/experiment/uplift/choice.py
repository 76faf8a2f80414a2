"""Which learner to believe, by how far its predictions bring the effect scores down; and how far to believe it.

Each learner predicts customers that it did not see. Its differences between customers are shrunk by their slope
against the scores; a noisy slope is drawn towards 1, as regularised learners are about right on average (a normal
prior of mean 1 and sd 1/2). S and X err in different ways, so that their average is a candidate of its own.

*Holds when* the trial was randomised. *Does not cover* the small optimism of one slope an arm and a choice among
four on the same scores.

Source: Chernozhukov, Demirer, Duflo and Fernandez-Val (2018), NBER 24678 (best linear predictor); Schuler et al.
(2018), arXiv 1804.05146 (choice by score loss).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError, unknown_name
from adwright.experiment.uplift.dr_learner import DrLearner
from adwright.experiment.uplift.learner import Learner, UpliftModel, folds_of
from adwright.experiment.uplift.outcomes import cross_fit_arms, effect_scores
from adwright.experiment.uplift.s_learner import SLearner
from adwright.experiment.uplift.t_learner import TLearner
from adwright.experiment.uplift.trial import Trial
from adwright.experiment.uplift.x_learner import XLearner
from adwright.schema import F64, Language

_PRIOR_SD = 0.5
LEARNERS: Mapping[str, Callable[[], Learner]] = {
    "S": SLearner,
    "T": TLearner,
    "X": XLearner,
    "DR": DrLearner,
}
"""By short name."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedModel:
    """The models of all folds, averaged, around the mean effect; predicts customers who were in no fold."""

    models: tuple[UpliftModel, ...]
    centre: F64
    effect: F64
    slope: F64

    def predict(self, features: F64) -> F64:
        """(n, n_arms - 1) effect of each treatment against the control."""
        raw = np.mean([model.predict(features) for model in self.models], axis=0)
        return np.asarray(self.effect + self.slope * (raw - self.centre))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UpliftFit:
    """The chosen learner with what it says of the trial's own customers, out of fold.

    Args:
        learner: Its short name.
        raw: (n, n_arms - 1) its predictions as they came; they say who comes first.
        predicted: (n, n_arms - 1) shrunk; they say how much.
        scores: (n, n_arms - 1) effect scores.
        slope: (n_arms - 1,) how far its differences are believed, 0 to 1.
        losses: By learner, the mean squared distance of scores to shrunk predictions, less that of the mean
            effect alone: below 0 where customers differ in a way that it sees.
        model: For new customers.
        reason: Why this learner, by language.
    """

    learner: str
    raw: F64
    predicted: F64
    scores: F64
    slope: F64
    losses: Mapping[str, float]
    model: CalibratedModel
    reason: Mapping[Language, str]


def fit_uplift(
    trial: Trial, *, rng: np.random.Generator, learners: Sequence[str] = tuple(LEARNERS), n_folds: int = 4
) -> UpliftFit:
    """Every learner cross-fitted, and the best one chosen.

    Args:
        trial: From `randomised_trial`.
        rng: Splits and fits.
        learners: Short names from `LEARNERS`.
        n_folds: 2 or more.

    Raises:
        NotFoundError: no such learner.
        UsageError: no learner, or too few folds.
    """
    if n_folds < 2 or not learners:
        raise UsageError("too few folds or learners", argument="n_folds", value=n_folds, allowed=">= 2")
    for name in learners:
        if name not in LEARNERS:
            raise unknown_name("learner", name, LEARNERS)
    fold = folds_of(trial, n_folds, rng)
    scores = effect_scores(trial, cross_fit_arms(trial, fold, rng=rng))
    fits = {name: _cross_fit(LEARNERS[name](), trial, fold, scores, rng=rng) for name in learners}
    if {"S", "X"} <= fits.keys():
        fits["S+X"] = _average(fits["S"], fits["X"], scores)
    losses = {name: _gain(fit, scores) for name, fit in fits.items()}
    best = min(losses, key=lambda name: losses[name])
    raw, model = fits[best]
    return UpliftFit(
        learner=best,
        raw=raw,
        predicted=np.asarray(model.effect + model.slope * (raw - model.centre)),
        scores=scores,
        slope=model.slope,
        losses=losses,
        model=model,
        reason=_reason(best, losses, model.slope),
    )


def _cross_fit(
    learner: Learner, trial: Trial, fold: npt.NDArray[np.intp], scores: F64, *, rng: np.random.Generator
) -> tuple[F64, CalibratedModel]:
    raw = np.empty(scores.shape)
    models = []
    for k in range(int(fold.max()) + 1):
        models.append(learner.fit(trial.part(fold != k), rng=rng))
        raw[fold == k] = models[-1].predict(trial.features[fold == k])
    return raw, _calibrated(tuple(models), raw, scores)


def _average(
    one: tuple[F64, CalibratedModel], other: tuple[F64, CalibratedModel], scores: F64
) -> tuple[F64, CalibratedModel]:
    raw = (one[0] + other[0]) / 2.0
    return raw, _calibrated((*one[1].models, *other[1].models), raw, scores)


def _calibrated(models: tuple[UpliftModel, ...], raw: F64, scores: F64) -> CalibratedModel:
    slope = np.array([_slope(raw[:, i], scores[:, i]) for i in range(scores.shape[1])])
    return CalibratedModel(models, raw.mean(axis=0), scores.mean(axis=0), slope)


def _slope(raw: F64, scores: F64) -> float:
    """The slope of the scores on the predictions, drawn to 1 as far as it is noisy, and kept in [0, 1]."""
    apart = raw - raw.mean()
    squares = float(apart @ apart)
    if squares <= 1e-12 * len(raw) * max(float(np.mean(raw**2)), 1e-300):
        return 0.0
    slope = float(apart @ scores) / squares
    residual = scores - scores.mean() - slope * apart
    error = float(np.sum((apart * residual) ** 2)) / squares**2
    return min(max((slope * _PRIOR_SD**2 + error) / (_PRIOR_SD**2 + error), 0.0), 1.0)


def _gain(fit: tuple[F64, CalibratedModel], scores: F64) -> float:
    raw, model = fit
    flat = scores - model.effect
    return float(np.mean((flat - model.slope * (raw - model.centre)) ** 2) - np.mean(flat**2))


def _reason(best: str, losses: Mapping[str, float], slope: F64) -> Mapping[Language, str]:
    if not slope.any():
        return {
            "en": "No learner sees differences between customers beyond chance: all get the mean effect.",
            "zh": "没有学习器能看到超出偶然的客户差异：所有客户都按平均效果处理。",
        }
    ranked = [best, *(name for name in losses if name != best)]
    found = ", ".join(f"{name} {losses[name]:+.2g}" for name in ranked)
    believed = " / ".join(f"{s:.0%}" for s in slope)
    return {
        "en": f"{best} learner: it brings the score loss down most ({found}). "
        f"Its differences between customers are believed to {believed}.",
        "zh": f"{best} 学习器：得分损失降得最多（{found}）。客户差异的可信程度为 {believed}。",
    }
