"""One rate, click or conversion: fitted on train, chosen on tune, calibrated and given its spread on calibrate.

Once tune has chosen the ridge, its rows join the training rows for the final fit: later rows are worth having.

The evidence of a row of n trials at rate m is weighted by 1 / (1 + n m (1 - m) v), v the variance of the
content effect: n trials of one content tell how that content did, not n times how its words do. With v = 0
that is the binomial likelihood, with n m v large every content counts the same. v and the level's variance
come from the training rows with a constant mean, so no text is needed to get them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special, stats

from adwright.predict.mixed_logistic import (
    Evidence,
    MixedFit,
    fit_mixed_logistic,
    logistic_slope,
)
from adwright.predict.recipe import ModelConfig
from adwright.predict.rows import Rows
from adwright.schema import F64, Rate
from adwright.stats.content_effects import ContentEffects, fit_content_effects

SLOPE_PRIOR_SD = 0.5
"""The calibration slope's prior is N(1, 0.5^2): a handful of contents cannot turn the prediction round."""

_MIN_EVENTS = 10  # successes, and failures, below which tune cannot choose
_MAX_GROUPS = 500  # enough for two variances

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class RateModel:
    """A fitted rate.

    Args:
        beta: (1 + n_members, p) weights of the features: of the fit, then of the members, each fitted on a
            Bayesian bootstrap of the groups. The fit predicts; the members' disagreement says how surely.
        offset: (1 + n_members,) the mean score of each over calibrate rows.
        intercept: Of the calibrated log-odds.
        slope: Of the calibrated log-odds on the score.
        spread: Standard deviation of the score over calibrate rows, the scale of disagreement.
        effects: The content effect's and the level's spread.
        constant: (mean, concentration) of the beta-binomial that knows no features, for comparison.
        ridge: The penalty that tune chose.
        notes: What could not be done and why.
    """

    beta: F64
    offset: F64
    intercept: float
    slope: float
    spread: float
    effects: ContentEffects
    constant: tuple[float, float]
    ridge: float
    notes: tuple[str, ...] = ()

    def score(self, x: Any) -> tuple[F64, F64]:
        """(n,) scores and (n,) standard deviations of the members' scores, of sparse rows (n, p)."""
        return _split(np.asarray(x @ self.beta.T) - self.offset)

    def mean(self, score: F64) -> F64:
        """(n,) calibrated rates of the scores."""
        return np.asarray(special.expit(self.intercept + self.slope * score))

    def rate(self, score: F64, *, strangeness: F64, foreign: Any = False) -> Rate:
        """The calibrated rate with its spread."""
        return self.effects.rate(self.mean(score), strangeness=strangeness, foreign=foreign)


def fit_rate_model(
    train: Rows,
    tune: Rows,
    calibrate: Rows,
    *,
    config: ModelConfig,
    rng: np.random.Generator,
    strangeness: Callable[[F64, float], F64],
    progress: Progress,
) -> RateModel:
    """The rate model of one target.

    Args:
        train: Rows with outcomes that weights are learned from.
        tune: Rows that choose the ridge penalty.
        calibrate: Rows that slope, intercept and spread come from.
        config: How to fit.
        rng: Of the bootstrap.
        strangeness: Of the calibrate rows, from (n,) disagreement and the spread of the scores.
        progress: Takes a line a step.
    """
    notes: list[str] = []
    nuisance = _Nuisance.learn(train, rng)
    fits = _fit_members(train, tune, nuisance, config=config, rng=rng, notes=notes, progress=progress)
    beta = np.array([fit.beta for fit in fits[1]])
    members = np.asarray(calibrate.x @ beta.T)
    offset = members.mean(axis=0) if len(members) else np.zeros(len(beta))
    score, disagreement = _split(members - offset)
    intercept, slope = _calibrate(score, calibrate, nuisance, prior=train)
    spread = max(float(score.std()), 1e-6) if len(score) else 1.0
    mean = np.asarray(special.expit(intercept + slope * score))
    effects = _spread(calibrate, mean, strangeness(disagreement, spread))
    if effects.note:
        notes.append(effects.note)
    return RateModel(
        beta=beta,
        offset=offset,
        intercept=intercept,
        slope=slope,
        spread=spread,
        effects=effects,
        constant=fit_beta_binomial(calibrate.successes, calibrate.trials),
        ridge=fits[0],
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Nuisance:
    """What weights and levels need: the content effect's variance and the level's, on the log-odds."""

    content_variance: float
    level_variance: float

    @classmethod
    def learn(cls, rows: Rows, rng: np.random.Generator) -> _Nuisance:
        part = rows.some_groups(_MAX_GROUPS, rng)
        rate = float((part.successes.sum() + 0.5) / (part.trials.sum() + 1))
        constant = np.full(len(part), rate)
        if not part.knows_content:
            if part.group is None:
                return cls(0.0, 0.0)
            by_group = fit_content_effects(
                successes=part.successes, trials=part.trials, mean=constant, content=part.group
            )
            return cls(0.0, by_group.variance if by_group.n_contents > 1 else 0.0)
        found = fit_content_effects(
            successes=part.successes,
            trials=part.trials,
            mean=constant,
            content=part.content,
            group=part.group,
        )
        if not np.isfinite(found.variance):
            return cls(0.0, 0.0)
        return cls(found.variance, found.level_sd**2)

    def evidence(self, rows: Rows) -> Evidence:
        """The rows with their weights; a content's trials count together."""
        rate = float((rows.successes.sum() + 0.5) / (rows.trials.sum() + 1))
        information = rows.trials_of_content * rate * (1 - rate)
        group, n_groups = rows.group_index
        has_level = rows.group is not None and self.level_variance > 1e-6 and n_groups > 1
        return Evidence(
            x=rows.x,
            y=rows.successes,
            n=rows.trials,
            weight=1 / (1 + information * self.content_variance),
            group=group,
            n_groups=n_groups,
            level_ridge=1 / self.level_variance if has_level else float("inf"),
        )


def _fit_members(
    train: Rows,
    tune: Rows,
    nuisance: _Nuisance,
    *,
    config: ModelConfig,
    rng: np.random.Generator,
    notes: list[str],
    progress: Progress,
) -> tuple[float, list[MixedFit]]:
    """The chosen ridge, and the fit with it followed by the members on a Bayesian bootstrap of the groups."""
    evidence = nuisance.evidence(train)
    p = train.x.shape[1]
    if not 0 < train.successes.sum() < train.trials.sum():
        notes.append("every training outcome is the same: the rate is a constant")
        nothing = MixedFit(np.zeros(p), 0.0, np.zeros(evidence.n_groups), 0.0)
        return float("inf"), [nothing] * (1 + config.n_members)
    ridge, chosen = _choose_ridge(
        evidence, tune, nuisance, ridges=config.ridges, notes=notes, progress=progress
    )
    learned = train.joined(tune)
    evidence = nuisance.evidence(learned)
    start = MixedFit(chosen.beta, chosen.intercept, np.zeros(evidence.n_groups), np.inf)
    final = fit_mixed_logistic(evidence, ridge, start=start)
    members = [final]
    for m in range(config.n_members):
        progress(f"member {m + 1} of {config.n_members}")
        draw = rng.standard_exponential(evidence.n_groups if learned.group is not None else len(learned))
        per_row = draw[evidence.group] if learned.group is not None else draw
        resampled = evidence.weighted(evidence.weight * per_row)
        members.append(fit_mixed_logistic(resampled, ridge, start=final))
    return ridge, members


def _choose_ridge(
    evidence: Evidence,
    tune: Rows,
    nuisance: _Nuisance,
    *,
    ridges: Sequence[float],
    notes: list[str],
    progress: Progress,
) -> tuple[float, MixedFit]:
    """The ridge whose score explains tune best, at its own best slope, and its fit; from large to small."""
    path = sorted(ridges, reverse=True)
    hits = float(tune.successes.sum())
    if min(hits, float(tune.trials.sum()) - hits) < _MIN_EVENTS:
        middle = path[len(path) // 3]
        notes.append(f"tune has {hits:.0f} successes: too few to choose the ridge, {middle:g} is used")
        return middle, fit_mixed_logistic(evidence, middle)
    judge = nuisance.evidence(tune)
    best: tuple[float, float, MixedFit] | None = None
    fit, worse = None, 0
    for ridge in path:
        fit = fit_mixed_logistic(evidence, ridge, start=fit)
        loss = logistic_slope(np.asarray(tune.x @ fit.beta), judge, prior_sd=SLOPE_PRIOR_SD)[2]
        progress(f"ridge {ridge:g}: loss on tune {loss:.6f}")
        if best is None or loss < best[0]:
            best, worse = (loss, ridge, fit), 0
        else:
            worse += 1
        if worse == 2:
            break
    return (best[1], best[2]) if best else (path[0], fit_mixed_logistic(evidence, path[0]))


def _split(scores: F64) -> tuple[F64, F64]:
    """(n, 1 + n_members) scores as (n,) of the fit and (n,) standard deviations of the members."""
    return scores[:, 0], scores[:, 1:].std(axis=1, ddof=1)


def _calibrate(score: F64, rows: Rows, nuisance: _Nuisance, *, prior: Rows) -> tuple[float, float]:
    """Intercept and slope. The slope allows for levels; the intercept makes expected successes the observed.

    One success at the training rate is added, so a calibrate block without any has a rate above zero.
    """
    known = float((prior.successes.sum() + 0.5) / (prior.trials.sum() + 1))
    n = float(rows.trials.sum())
    slope = 1.0
    if 0 < rows.successes.sum() < n:
        slope = max(logistic_slope(score, nuisance.evidence(rows), prior_sd=SLOPE_PRIOR_SD)[1], 0.0)
    goal = (float(rows.successes.sum()) + 1) / (n + 1 / known)
    if n == 0:
        return float(special.logit(known)), slope

    def gap(intercept: float) -> float:
        return float(rows.trials @ special.expit(intercept + slope * score)) / n - goal

    reach = 40.0 + slope * float(np.abs(score).max(initial=0.0))
    return float(optimize.brentq(gap, -reach, reach, xtol=1e-10)), slope


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
