"""The baseline: a logistic regression on n-grams, categories and numbers, with a level per group.

Once tune has chosen the ridge, its rows join the training rows for the final fit: later rows are worth having.
Members are fitted on a Bayesian bootstrap of the groups (Rubin 1981, Annals of Statistics 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.mixed_logistic import Evidence, MixedFit, fit_mixed_logistic, logistic_slope
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

SLOPE_PRIOR_SD = 0.5
"""A calibration slope's prior is N(1, 0.5^2): a handful of contents cannot turn the prediction round."""

MIN_EVENTS = 10
"""Successes, and failures, below which tune cannot choose."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearScore:
    """A linear score with members.

    Args:
        beta: (1 + n_members, p) weights of the features: of the fit, then of the members.
        ridge: The penalty that tune chose; infinite where there was nothing to learn.
    """

    beta: F64
    ridge: float

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores of sparse rows (n, p); the frame is not needed."""
        del frame
        return np.asarray(x @ self.beta.T)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        return {"ridge": self.ridge}, {"beta": self.beta}

    def summary(self) -> dict[str, Any]:
        """What tune chose."""
        return {"ridge_chosen_on_tune": None if np.isinf(self.ridge) else self.ridge}


class Logistic:
    """Logistic regression whose levels are random effects, so that what differs between groups counts too."""

    name = "logistic"

    def fit(self, data: FitData) -> Fit:
        """The ridge from tune, the weights from train and tune together."""
        return fit_linear(data, Nuisance.learn(data.train, data.rng))

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        return linear_on_tune(data, Nuisance.learn(data.train, data.rng))

    def refit(self, model: LinearScore, rows: Rows, data: FitData) -> LinearScore:
        """The weights from other rows, with the same ridge."""
        return learn_linear(rows, data, Nuisance.learn(data.train, data.rng), model.ridge)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> LinearScore:
        """The inverse of `LinearScore.pack`."""
        return LinearScore(np.asarray(arrays["beta"], np.float64), float(values["ridge"]))


def fit_linear(data: FitData, nuisance: Nuisance) -> Fit:
    """The linear score with the ridge that tune likes best, and its members."""
    train, tune = data.train, data.tune
    evidence = nuisance.evidence(train)
    n_members, p = data.config.n_members, train.x.shape[1]
    if not 0 < train.successes.sum() < train.trials.sum():
        data.notes.append("every training outcome is the same: the rate is a constant")
        return Fit(LinearScore(np.zeros((1 + n_members, p)), float("inf")), np.zeros(len(tune)))
    ridge, chosen = _choose_ridge(evidence, nuisance, data)
    model = learn_linear(train.joined(tune), data, nuisance, ridge, start=chosen)
    return Fit(model, np.asarray(tune.x @ chosen.beta))


def linear_on_tune(data: FitData, nuisance: Nuisance) -> F64:
    """(n_tune,) scores for tune of the weights learned from train, with the ridge that tune likes best."""
    train = data.train
    if not 0 < train.successes.sum() < train.trials.sum():
        return np.zeros(len(data.tune))
    _, chosen = _choose_ridge(nuisance.evidence(train), nuisance, data)
    return np.asarray(data.tune.x @ chosen.beta)


def learn_linear(
    rows: Rows, data: FitData, nuisance: Nuisance, ridge: float, *, start: MixedFit | None = None
) -> LinearScore:
    """The weights of the fit and of its members with that ridge; zeros where it is infinite."""
    n_members = data.config.n_members
    if np.isinf(ridge):
        return LinearScore(np.zeros((1 + n_members, rows.x.shape[1])), ridge)
    evidence = nuisance.evidence(rows)
    if start is not None:
        start = MixedFit(start.beta, start.intercept, np.zeros(evidence.n_groups), np.inf)
    final = fit_mixed_logistic(evidence, ridge, start=start)
    fits = [final]
    for m in range(n_members):
        data.progress(f"member {m + 1} of {n_members}")
        resampled = evidence.weighted(evidence.weight * bootstrap_weights(rows, evidence, data.rng))
        fits.append(fit_mixed_logistic(resampled, ridge, start=final))
    return LinearScore(np.array([fit.beta for fit in fits]), ridge)


def bootstrap_weights(rows: Rows, evidence: Evidence, rng: np.random.Generator) -> F64:
    """(n,) exponential weights, one a group, or a row where there are no groups (the Bayesian bootstrap)."""
    draw = rng.standard_exponential(evidence.n_groups if rows.group is not None else len(rows))
    return draw[evidence.group] if rows.group is not None else draw


def _choose_ridge(evidence: Evidence, nuisance: Nuisance, data: FitData) -> tuple[float, MixedFit]:
    """The ridge whose score explains tune best, at its own best slope, and its fit; from large to small."""
    path, tune = sorted(data.config.ridges, reverse=True), data.tune
    hits = float(tune.successes.sum())
    if min(hits, float(tune.trials.sum()) - hits) < MIN_EVENTS:
        middle = path[len(path) // 3]
        data.notes.append(f"tune has {hits:.0f} successes: too few to choose the ridge, {middle:g} is used")
        return middle, fit_mixed_logistic(evidence, middle)
    judge = nuisance.evidence(tune)
    best: tuple[float, float, MixedFit] | None = None
    fit, worse = None, 0
    for ridge in path:
        fit = fit_mixed_logistic(evidence, ridge, start=fit)
        loss = logistic_slope(np.asarray(tune.x @ fit.beta), judge, prior_sd=SLOPE_PRIOR_SD)[2]
        data.progress(f"ridge {ridge:g}: loss on tune {loss:.6f}")
        if best is None or loss < best[0]:
            best, worse = (loss, ridge, fit), 0
        else:
            worse += 1
        if worse == 2:
            break
    return (best[1], best[2]) if best else (path[0], fit_mixed_logistic(evidence, path[0]))
