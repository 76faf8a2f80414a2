"""One rate, click or conversion: a model's score, calibrated and given its spread on calibrate.

The models (`models/`) learn from train and choose on tune; what they order, this turns into rates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import optimize, special, stats

from adwright.predict.calibration.calibration_config import CalibrationConfig
from adwright.predict.calibration.choice import (
    CurveChoice,
    choose_curve,
    clusters_of,
    deal_folds,
    held_out_log_odds,
)
from adwright.predict.calibration.curve import Curve
from adwright.predict.calibration.intercept import matching_intercept
from adwright.predict.calibration.registry import curve_named
from adwright.predict.calibration.segments import Segments, fit_segments
from adwright.predict.conformal import ConformalBand, fit_conformal
from adwright.predict.level import LevelState, forecast_level
from adwright.predict.models.blend import Blend, fit_blend, refit_blend
from adwright.predict.models.model import FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.observation.sampling import from_sampled, log_slope, to_sampled
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
        curve: The calibrated log-odds over the score, up to the intercept.
        segments: By how much they differ between segments.
        spread: Standard deviation of the score over calibrate rows, the scale of disagreement.
        effects: The content effect's and the level's spread.
        constant: (mean, concentration) of the beta-binomial that knows no features, for comparison.
        level: What the intercept rests on.
        calibration: How the curve was chosen, for the model's card.
        negative_rate: Share of the failures that the rows of the fit hold; `mean` is the rate of the whole.
        conformal: Intervals of the successes that rest on calibrate's residuals; None where not asked for.
        notes: What could not be done and why.
    """

    model: Blend
    offset: F64
    intercept: float
    curve: Curve
    segments: Segments
    spread: float
    effects: ContentEffects
    constant: tuple[float, float]
    level: LevelState
    calibration: Mapping[str, Any] = field(default_factory=dict)
    negative_rate: float = 1.0
    conformal: ConformalBand | None = None
    notes: tuple[str, ...] = ()

    def score(self, x: Any, frame: pl.DataFrame) -> tuple[F64, F64]:
        """(n,) scores and (n,) standard deviations of the members' scores.

        Args:
            x: (n, p) sparse features.
            frame: (n, ...) the feature columns.
        """
        return _split(self.model.score(x, frame) - self.offset)

    @property
    def slope(self) -> float:
        """Platt's: of the calibrated log-odds on the score, on the whole."""
        return self.curve.slope

    def log_odds(self, score: F64, frame: pl.DataFrame) -> F64:
        """(n,) calibrated log-odds of the scores.

        Args:
            score: (n,) of the rows.
            frame: (n, ...) with the segment columns; without them the map is that of all segments.
        """
        shape = self.curve.log_odds(score)
        sampled = self.intercept + shape + self.segments.adjust(shape, frame)
        return np.asarray(sampled + np.log(self.negative_rate))

    def mean(self, score: F64, frame: pl.DataFrame) -> F64:
        """(n,) calibrated rates of the scores; arguments as for `log_odds`."""
        return np.asarray(special.expit(self.log_odds(score, frame)))

    def sampled_mean(self, score: F64, frame: pl.DataFrame) -> F64:
        """(n,) calibrated rates among rows of which failures are as sampled as in the fit."""
        return to_sampled(self.mean(score, frame), self.negative_rate)

    def unsampled(self, negative_rate: float, notes: tuple[str, ...] = ()) -> RateModel:
        """The model of the whole, of whose failures the fit held that share, with notes added."""
        return replace(self, negative_rate=negative_rate, notes=self.notes + notes)

    def updated(self, mean: F64, successes: F64, trials: F64, time: F64 | None) -> RateModel:
        """The same after more outcomes: the intercept moves, what orders rows and the spread stay.

        Args:
            mean: (m,) rates predicted for the rows, among failures as sampled as in the fit.
            successes: (m,) counts.
            trials: (m,) counts, or what they are worth.
            time: (m,) of the rows; None without a time column.
        """
        level, rise = self.level.updated(successes, trials, mean, time)
        return replace(self, level=level, intercept=self.intercept + rise)

    def rate(self, score: F64, frame: pl.DataFrame, *, strangeness: F64, foreign: Any = False) -> Rate:
        """The calibrated rate with its spread; that is larger, relative to it, in the whole than in a sample."""
        mean = self.mean(score, frame)
        if self.negative_rate == 1 or self.effects.family == "logistic":
            return self.effects.rate(mean, strangeness=strangeness, foreign=foreign)
        typical = from_sampled(np.asarray(self.constant[0]), self.negative_rate)
        level_sd = self.effects.level_sd / float(log_slope(typical, self.negative_rate))
        rate = replace(self.effects, level_sd=level_sd).rate(mean, strangeness=strangeness, foreign=foreign)
        return replace(rate, k=rate.k * log_slope(mean, self.negative_rate) ** 2)


def fit_rate_model(
    data: FitData,
    calibrate: Rows,
    *,
    kinds: tuple[str, ...],
    strangeness: Callable[[F64, float], F64],
    calibration: CalibrationConfig | None = None,
) -> RateModel:
    """The rate model of one target.

    Args:
        data: The rows that weights and choices come from, and how to fit.
        calibrate: Rows that curve, segments, intercept and spread come from.
        kinds: Names of the models.
        strangeness: Of the calibrate rows, from (n,) disagreement and the spread of the scores.
        calibration: How to calibrate; None means as a recipe that says nothing about it.
    """
    model = fit_blend(kinds, data)
    members = model.score(calibrate.x, calibrate.frame)
    offset = members.mean(axis=0) if len(members) else np.zeros(members.shape[1])
    score, disagreement = _split(members - offset)
    settings = calibration or CalibrationConfig()
    nuisance = Nuisance.learn(data.train, data.rng)
    mapped = _calibrate(score, calibrate, data, settings, nuisance)
    spread = max(float(score.std()), 1e-6) if len(score) else 1.0
    strange = strangeness(disagreement, spread)
    level = forecast_level(calibrate, mapped.intercept + mapped.log_odds, _likelihood(calibrate, strange))
    mean = np.asarray(special.expit(mapped.intercept + mapped.log_odds + level.shift))
    effects = _spread(calibrate, mean, strange)
    band = None
    if settings.conformal:
        held_out = mapped.held_out(score, calibrate, data, settings, nuisance) + level.shift
        band = _conformal(effects.rate(special.expit(held_out), strangeness=strange), calibrate, data)
    intercept = mapped.intercept
    if np.isfinite(level.half_life):
        data.progress(f"the level follows time, half-life {level.half_life:.3g}")
        intercept = matching_intercept(mapped.log_odds, calibrate, level.weight, prior=data.train)
    if data.config.refit:
        model = refit_blend(model, data.train.joined(data.tune).joined(calibrate), data)
        offset = model.score(calibrate.x, calibrate.frame).mean(axis=0)
    return RateModel(
        model=model,
        offset=offset,
        intercept=intercept,
        curve=mapped.choice.curve,
        segments=mapped.segments,
        spread=spread,
        effects=effects,
        constant=fit_beta_binomial(calibrate.successes, calibrate.trials),
        level=LevelState.of(calibrate, level.weight, level.half_life),
        calibration=mapped.summary(),
        conformal=band,
        notes=tuple([*data.notes, effects.note] if effects.note else data.notes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Calibrated:
    """The calibrate rows' log-odds, (n,) up to the intercept, and what made them so."""

    choice: CurveChoice
    segments: Segments
    log_odds: F64
    intercept: float

    def held_out(
        self, score: F64, rows: Rows, data: FitData, config: CalibrationConfig, nuisance: Nuisance
    ) -> F64:
        """(n,) log-odds of the rows, each from a map fitted on the other folds; segments as they are."""
        cluster = clusters_of(rows)
        n_folds = min(config.n_folds, int(cluster.max(initial=0)) + 1)
        if n_folds < 2:
            return self.intercept + self.log_odds
        folds = deal_folds(score, cluster, n_folds)
        kind = curve_named(self.choice.name)
        held = held_out_log_odds(kind, score, rows, nuisance, folds=folds, prior=data.train)
        return held + self.log_odds - self.choice.curve.log_odds(score)

    def summary(self) -> dict[str, Any]:
        """For the model's card."""
        found: dict[str, Any] = {
            "method": self.choice.name,
            "reason": self.choice.reason,
            "gain_in_log_loss_over_platt": {
                name: {"value": gain, "standard_error": error}
                for name, (gain, error) in self.choice.gains.items()
            },
        }
        if self.segments.columns:
            found["segments"] = {
                "columns": list(self.segments.columns),
                "n": len(self.segments.shifts),
                "sd_of_shifts": self.segments.sd[0],
                "sd_of_slopes": self.segments.sd[1],
            }
        return found


def _calibrate(
    score: F64, rows: Rows, data: FitData, config: CalibrationConfig, nuisance: Nuisance
) -> _Calibrated:
    """The curve, what segments add to it, and the intercept under which expected successes are the observed."""
    choice = choose_curve(score, rows, nuisance, config=config, prior=data.train)
    data.progress(f"calibration: {choice.name} ({choice.reason})")
    shape, ones = choice.curve.log_odds(score), np.ones(len(rows))
    intercept = matching_intercept(shape, rows, ones, prior=data.train)
    segments = fit_segments(config.segments, shape, intercept, rows, nuisance)
    if config.segments:
        shape = shape + segments.adjust(shape, rows.frame)
        intercept = matching_intercept(shape, rows, ones, prior=data.train)
    return _Calibrated(choice, segments, shape, intercept)


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


def _conformal(rate: Rate, rows: Rows, data: FitData) -> ConformalBand | None:
    if not rows.knows_content:
        data.notes.append(
            "one label a row and no content column: there are no counts for conformal intervals"
        )
        return None
    band = fit_conformal(rate, rows)
    if np.isinf(band.high):
        data.notes.append(
            f"calibrate holds {band.n_groups} groups: too few for conformal intervals of {band.level:.0%}, "
            "which are [0, trials]"
        )
    return band


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
