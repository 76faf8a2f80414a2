"""One rate, click or conversion: a model's score, calibrated and given its spread on calibrate.

The models (`models/`) learn from train and choose on tune; what they order, this turns into rates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import optimize, special, stats

from adwright.predict.level import forecast_level
from adwright.predict.mixed_logistic import logistic_slope
from adwright.predict.models.blend import Blend, fit_blend, refit_blend
from adwright.predict.models.logistic import SLOPE_PRIOR_SD
from adwright.predict.models.model import FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64, Rate
from adwright.stats.content_effects import ContentEffects, fit_content_effects
from adwright.stats.rates import log_binomial, log_predictive


@dataclass(frozen=True, slots=True, eq=False)
class RateModel:
    """A fitted rate.

    Args:
        model: What orders the rows, and its members, whose disagreement says how surely.
        offset: (1 + n_members,) the mean score of each over calibrate rows.
        intercept: Of the calibrated log-odds.
        slope: Of the calibrated log-odds on the score.
        spread: Standard deviation of the score over calibrate rows, the scale of disagreement.
        effects: The content effect's and the level's spread.
        constant: (mean, concentration) of the beta-binomial that knows no features, for comparison.
        half_life: Of the level's weights, in days (or what an ordinal time column counts); infinite where the
            level stands still.
        notes: What could not be done and why.
    """

    model: Blend
    offset: F64
    intercept: float
    slope: float
    spread: float
    effects: ContentEffects
    constant: tuple[float, float]
    half_life: float = float("inf")
    notes: tuple[str, ...] = ()

    def score(self, x: Any, frame: pl.DataFrame) -> tuple[F64, F64]:
        """(n,) scores and (n,) standard deviations of the members' scores.

        Args:
            x: (n, p) sparse features.
            frame: (n, ...) the feature columns.
        """
        return _split(self.model.score(x, frame) - self.offset)

    def mean(self, score: F64) -> F64:
        """(n,) calibrated rates of the scores."""
        return np.asarray(special.expit(self.intercept + self.slope * score))

    def rate(self, score: F64, *, strangeness: F64, foreign: Any = False) -> Rate:
        """The calibrated rate with its spread."""
        return self.effects.rate(self.mean(score), strangeness=strangeness, foreign=foreign)


def fit_rate_model(
    data: FitData,
    calibrate: Rows,
    *,
    kinds: tuple[str, ...],
    strangeness: Callable[[F64, float], F64],
) -> RateModel:
    """The rate model of one target.

    Args:
        data: The rows that weights and choices come from, and how to fit.
        calibrate: Rows that slope, intercept and spread come from.
        kinds: Names of the models.
        strangeness: Of the calibrate rows, from (n,) disagreement and the spread of the scores.
    """
    model = fit_blend(kinds, data)
    members = model.score(calibrate.x, calibrate.frame)
    offset = members.mean(axis=0) if len(members) else np.zeros(members.shape[1])
    score, disagreement = _split(members - offset)
    nuisance = Nuisance.learn(data.train, data.rng)
    intercept, slope = _calibrate(score, calibrate, nuisance, prior=data.train)
    spread = max(float(score.std()), 1e-6) if len(score) else 1.0
    strange = strangeness(disagreement, spread)
    level = forecast_level(calibrate, intercept + slope * score, _likelihood(calibrate, strange))
    mean = np.asarray(special.expit(intercept + slope * score + level.shift))
    effects = _spread(calibrate, mean, strange)
    if np.isfinite(level.half_life):
        data.progress(f"the level follows time, half-life {level.half_life:.3g}")
        intercept = _intercept(slope * score, calibrate, level.weight, prior=data.train)
    if data.config.refit:
        model = refit_blend(model, data.train.joined(data.tune).joined(calibrate), data)
        offset = model.score(calibrate.x, calibrate.frame).mean(axis=0)
    return RateModel(
        model=model,
        offset=offset,
        intercept=intercept,
        slope=slope,
        spread=spread,
        effects=effects,
        constant=fit_beta_binomial(calibrate.successes, calibrate.trials),
        half_life=level.half_life,
        notes=tuple([*data.notes, effects.note] if effects.note else data.notes),
    )


def _likelihood(rows: Rows, strangeness: F64) -> Callable[[F64], F64]:
    """(n,) log-likelihoods of the rows from their means, each around its own best spread."""

    def at(mean: F64) -> F64:
        effects = _spread(rows, mean, strangeness)
        if effects.identified or (rows.knows_content and np.isfinite(effects.variance)):
            return log_predictive(effects.rate(mean, strangeness=strangeness), rows.successes, rows.trials)
        return log_binomial(rows.successes, rows.trials, np.clip(mean, 1e-12, 1 - 1e-12))

    return at


def _split(scores: F64) -> tuple[F64, F64]:
    """(n, 1 + n_members) scores as (n,) of the fit and (n,) standard deviations of the members."""
    return scores[:, 0], scores[:, 1:].std(axis=1, ddof=1)


def _calibrate(score: F64, rows: Rows, nuisance: Nuisance, *, prior: Rows) -> tuple[float, float]:
    """Intercept and slope. The slope allows for levels; the intercept makes expected successes the observed.

    One success at the training rate is added, so a calibrate block without any has a rate above zero.
    """
    slope = 1.0
    if 0 < rows.successes.sum() < rows.trials.sum():
        slope = max(logistic_slope(score, nuisance.evidence(rows), prior_sd=SLOPE_PRIOR_SD)[1], 0.0)
    return _intercept(slope * score, rows, np.ones(len(rows)), prior=prior), slope


def _intercept(score: F64, rows: Rows, weight: F64, *, prior: Rows) -> float:
    """What makes the weighted expected successes the observed ones, one at the training rate added."""
    known = float((prior.successes.sum() + 0.5) / (prior.trials.sum() + 1))
    n = float(weight @ rows.trials)
    if n == 0:
        return float(special.logit(known))
    goal = (float(weight @ rows.successes) + 1) / (n + 1 / known)

    def gap(intercept: float) -> float:
        return float((weight * rows.trials) @ special.expit(intercept + score)) / n - goal

    reach = 40.0 + float(np.abs(score).max(initial=0.0))
    return float(optimize.brentq(gap, -reach, reach, xtol=1e-10))


def _spread(rows: Rows, mean: F64, strangeness: F64) -> ContentEffects:
    if not rows.knows_content:
        return ContentEffects.unknown(
            "one label a row and no content column: level and content effect cannot be known, "
            "so alpha, beta and k_content are null"
        )
    return fit_content_effects(
        successes=rows.successes,
        trials=rows.trials,
        mean=mean,
        content=rows.content,
        group=rows.group,
        strangeness=strangeness,
    )


def fit_beta_binomial(successes: F64, trials: F64) -> tuple[float, float]:
    """(mean, concentration) of the most likely beta-binomial; the null model that intervals must beat."""
    keep = trials > 0
    y, n = successes[keep], trials[keep]
    rate = float((y.sum() + 0.5) / (n.sum() + 1))
    if len(y) < 2 or n.max() <= 1:
        return rate, float("nan")

    def loss(theta: F64) -> float:
        mean, total = special.expit(theta[0]), np.exp(theta[1])
        return -float(np.sum(stats.betabinom.logpmf(y, n, mean * total, (1 - mean) * total)))

    start = np.array([special.logit(rate), np.log(50 / rate)])
    best = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 200})
    return float(special.expit(best.x[0])), float(np.exp(min(best.x[1], 30.0)))
