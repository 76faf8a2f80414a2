"""How far reality strays from the calibrated mean: the level's and the content effect's variance, by likelihood.

Outcomes are aggregated to one count a content within a group (a test, a period, a placement). Gamma family,
with mu_c the sum of the means over the trials of content c in group g:

    y_c | L_g, r_c ~ Poisson(mu_c L_g r_c),   r_c ~ Gamma(k_c, k_c),   log L_g ~ N(-s^2 / 2, s^2)
    1 / k_c = v + slope * strangeness_c

r_c is integrated out exactly (negative binomial), L_g by adaptive Gauss-Hermite quadrature around each
group's mode (Liu and Pierce 1994, Biometrika 81, eq. 3). The logistic family uses the empirical logit with
its sampling variance and normal effects, whose likelihood is closed (a random-effects meta-analysis).

Two weak log-normal priors, v about 0.03 (a factor of e^2 either way) and s about 0.3 (e^1.5), keep a handful
of contents from giving an answer of zero or infinity; a few hundred outweigh them.

Holds when: contents are nested in groups, and each count is given its content. Does not cover: a content in
several groups having the same effect there (it is treated as a new draw in each).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from adwright.errors import DataError
from adwright.schema import F64, Rate, RateFamily
from adwright.stats.rates import log_negative_binomial

LOGISTIC_ABOVE = 0.2
"""Mean rate above which the logistic family takes the place of the gamma family."""

FOREIGN_LEVEL_SD = 1.0
"""Added (in quadrature) to the level's log-sd where the model comes from another domain: a factor of e."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_LOG_WEIGHTS = np.log(_WEIGHTS) + _NODES**2 / 2
_PRIOR_LOG_V = (np.log(0.03), 2.0)
_PRIOR_LOG_S = (np.log(0.3), 1.5)


@dataclass(frozen=True, slots=True)
class ContentEffects:
    """The fitted spread around the calibrated mean.

    Args:
        family: gamma or logistic.
        variance: Of the content effect of a text like the training texts (relative, or of the logit).
        slope: By how much that variance grows from strangeness 0 to 1.
        level_sd: Standard deviation of the level (of the logarithm, or of the logit).
        n_contents: Contents that the fit rests on.
        n_groups: Groups that the fit rests on.
        identified: False where level and content cannot be told apart; `note` says why.
        note: In words, empty when all is well.
    """

    family: RateFamily
    variance: float
    slope: float
    level_sd: float
    n_contents: int
    n_groups: int
    identified: bool = True
    note: str = ""

    def rate(self, mean: F64, *, strangeness: F64 | None = None, foreign: npt.ArrayLike = False) -> Rate:
        """The `Rate` with these concentrations around the calibrated means.

        Args:
            mean: (n,) calibrated means.
            strangeness: (n,) in [0, 1], the distance from the training texts; None means 0.
            foreign: (n,) or one bool: the model was trained on another domain, its level is not known here.
        """
        n = len(mean)
        strange = np.zeros(n) if strangeness is None else np.clip(strangeness, 0.0, 1.0)
        variance = np.maximum(self.variance + self.slope * strange, 1e-9)
        if self.family == "logistic":
            variance = variance * (1 - np.minimum(mean, 1 - 1e-9)) ** 2
        extra = np.where(np.broadcast_to(foreign, (n,)), FOREIGN_LEVEL_SD, 0.0)
        level_sd = np.sqrt(self.level_sd**2 + extra**2)
        return Rate(mean=np.asarray(mean, float), k=1 / variance, level_sd=level_sd, family=self.family)

    def to_json(self) -> dict[str, Any]:
        """Plain values, NaN as None."""
        return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ContentEffects:
        """The inverse of `to_json`."""
        numbers = ("variance", "slope", "level_sd")
        fixed: dict[str, Any] = {
            k: float("nan") if k in numbers and v is None else v for k, v in values.items()
        }
        return cls(**fixed)

    @classmethod
    def unknown(cls, note: str, *, family: RateFamily = "gamma") -> ContentEffects:
        """The answer where the data cannot tell: every concentration is NaN and `note` says why."""
        nan = float("nan")
        return cls(family, nan, nan, nan, n_contents=0, n_groups=0, identified=False, note=note)


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """One row a content within a group, sorted by group."""

    y: F64
    n: F64
    mu: F64
    strangeness: F64
    group: npt.NDArray[np.intp]
    n_groups: int


def fit_content_effects(
    *,
    successes: F64,
    trials: F64,
    mean: F64,
    content: npt.ArrayLike,
    group: npt.ArrayLike | None = None,
    strangeness: F64 | None = None,
    family: RateFamily | None = None,
) -> ContentEffects:
    """The content effect's and the level's variance that make the aggregated outcomes most likely.

    Args:
        successes: (n,) counts, each at most its trials.
        trials: (n,) counts.
        mean: (n,) calibrated means of the rows, in (0, 1).
        content: (n,) content ids.
        group: (n,) ids of the test, period or placement; None: no level is fitted.
        strangeness: (n,) in [0, 1], for the slope; None: slope as the fallback below.
        family: None chooses the logistic family above a mean rate of 20 %.

    A text unlike all training texts (strangeness 1) is at least as uncertain as if the model did not exist:
    the slope is never less than the content variance around a constant mean, nor than the variance itself.

    Raises:
        DataError: lengths differ, negative counts, more successes than trials.
    """
    counts = _aggregate(successes, trials, mean, content=content, group=group, strangeness=strangeness)
    total = float(counts.n.sum())
    if len(counts.y) < 2 or total <= 0:
        return ContentEffects.unknown(f"only {len(counts.y)} contents with trials: too few to see a spread")
    if family is None:
        family = "logistic" if counts.mu.sum() / total > LOGISTIC_ABOVE else "gamma"
    sizes = np.bincount(counts.group, minlength=counts.n_groups)
    has_level = group is not None and bool(np.any(sizes > 1))
    variance, slope, level_sd = _maximise(
        counts, family, has_level=has_level, with_slope=strangeness is not None
    )
    constant = counts.n * (counts.y.sum() + 0.5) / (total + 1)
    blind = _Counts(counts.y, counts.n, constant, counts.strangeness, counts.group, counts.n_groups)
    blind_variance = _maximise(blind, family, has_level=has_level, with_slope=False)[0]
    note = "" if has_level else "no group holds two contents: all spread is given to the content effect"
    return ContentEffects(
        family=family,
        variance=variance,
        slope=max(slope, blind_variance - variance, variance),
        level_sd=level_sd,
        n_contents=len(counts.y),
        n_groups=counts.n_groups if group is not None else 0,
        identified=has_level,
        note=note,
    )


def _aggregate(
    successes: F64,
    trials: F64,
    mean: F64,
    *,
    content: npt.ArrayLike,
    group: npt.ArrayLike | None,
    strangeness: F64 | None,
) -> _Counts:
    y, n, m = (np.asarray(a, dtype=np.float64) for a in (successes, trials, mean))
    ids = np.asarray(content)
    if not len(y) == len(n) == len(m) == len(ids):
        raise DataError(
            "successes, trials, mean and content differ in length", value=(len(y), len(n), len(ids))
        )
    if np.any(y < 0) or np.any(y > n):
        row = int(np.flatnonzero((y < 0) | (y > n))[0])
        raise DataError(
            "successes must lie between 0 and trials", argument=f"row {row}", value=(y[row], n[row])
        )
    group_index = np.zeros(len(y), np.intp)
    if group is not None:
        group_index = np.unique(np.asarray(group), return_inverse=True)[1].reshape(-1)
    content_index = np.unique(ids, return_inverse=True)[1].reshape(-1)
    strange = np.zeros(len(y)) if strangeness is None else np.asarray(strangeness, float)
    keep = n > 0
    pair = (group_index * (int(content_index.max(initial=0)) + 1) + content_index)[keep]
    cells, first, cell = np.unique(pair, return_index=True, return_inverse=True)
    size = len(cells)
    total = _total(cell, n[keep], size)
    groups, cell_group = np.unique(group_index[keep][first], return_inverse=True)
    return _Counts(
        y=_total(cell, y[keep], size),
        n=total,
        mu=_total(cell, (n * np.clip(m, 1e-12, 1 - 1e-12))[keep], size),
        strangeness=_total(cell, (n * strange)[keep], size) / np.maximum(total, 1),
        group=cell_group,
        n_groups=len(groups),
    )


def _total(index: npt.NDArray[np.intp], weights: F64, size: int) -> F64:
    return np.asarray(np.bincount(index, weights, size), dtype=np.float64)


def _maximise(
    counts: _Counts, family: RateFamily, *, has_level: bool, with_slope: bool
) -> tuple[float, float, float]:
    """(variance, slope, level_sd) at the maximum of the penalised likelihood."""
    likelihood = _log_likelihood_gamma if family == "gamma" else _log_likelihood_logistic

    def loss(theta: F64) -> Any:
        variance, slope, level_sd = _unpack(theta, has_level)
        per_content = variance + slope * counts.strangeness
        penalty = ((theta[0] - _PRIOR_LOG_V[0]) / _PRIOR_LOG_V[1]) ** 2
        if has_level:
            penalty += ((theta[1] - _PRIOR_LOG_S[0]) / _PRIOR_LOG_S[1]) ** 2
        return -likelihood(counts, per_content, level_sd) + penalty / 2

    start = [_PRIOR_LOG_V[0]] + ([_PRIOR_LOG_S[0]] if has_level else [])
    if with_slope and np.ptp(counts.strangeness) > 1e-6:
        start.append(0.05)
    bounds = [(np.log(1e-7), np.log(20.0))] + ([(np.log(1e-4), np.log(5.0))] if has_level else [])
    bounds += [(0.0, 20.0)] * (len(start) - len(bounds))
    best = optimize.minimize(loss, np.array(start), method="L-BFGS-B", bounds=bounds)
    return _unpack(best.x, has_level)


def _unpack(theta: F64, has_level: bool) -> tuple[float, float, float]:
    n_fixed = 2 if has_level else 1
    slope = float(theta[n_fixed]) if len(theta) > n_fixed else 0.0
    return float(np.exp(theta[0])), slope, float(np.exp(theta[1])) if has_level else 0.0


def _log_likelihood_gamma(counts: _Counts, variance: F64, level_sd: float) -> float:
    k = 1 / variance
    if level_sd == 0.0:
        return float(np.sum(log_negative_binomial(counts.y, k, counts.mu)))
    mode, width = _level_mode(counts, k, level_sd)
    log_level = mode[:, None] + width[:, None] * _NODES
    rows = log_negative_binomial(
        counts.y[:, None], k[:, None], counts.mu[:, None] * np.exp(log_level[counts.group])
    )
    inside = np.zeros_like(log_level)
    np.add.at(inside, counts.group, rows)
    prior = -0.5 * ((log_level + level_sd**2 / 2) / level_sd) ** 2 - np.log(level_sd)
    terms = inside + prior + _LOG_WEIGHTS + np.log(width)[:, None] - 0.5 * np.log(2 * np.pi)
    return float(np.sum(special.logsumexp(terms, axis=1)))


def _level_mode(counts: _Counts, k: F64, level_sd: float) -> tuple[F64, F64]:
    """Mode and standard deviation of log L in each group, by Newton's method (the problem is log-concave)."""
    mode = np.zeros(counts.n_groups)
    curvature = np.ones(counts.n_groups)
    for _ in range(25):
        mu = counts.mu * np.exp(mode[counts.group])
        slope_rows: F64 = counts.y - (counts.y + k) * mu / (k + mu)
        bend_rows = (counts.y + k) * mu * k / (k + mu) ** 2
        slope = _total(counts.group, slope_rows, counts.n_groups) - (mode + level_sd**2 / 2) / level_sd**2
        curvature = _total(counts.group, bend_rows, counts.n_groups) + 1 / level_sd**2
        step = np.clip(slope / curvature, -2.0, 2.0)
        mode = mode + step
        if np.max(np.abs(step)) < 1e-8:
            break
    return mode, 1 / np.sqrt(curvature)


def _log_likelihood_logistic(counts: _Counts, variance: F64, level_sd: float) -> float:
    expected = counts.mu / counts.n
    observed = special.logit((counts.y + 0.5) / (counts.n + 1))
    noise = 1 / np.maximum(counts.n * expected * (1 - expected), 1e-9)
    spread = variance + noise
    gap = observed - special.logit(expected)
    weight = _total(counts.group, 1 / spread, counts.n_groups)
    moment = _total(counts.group, gap / spread, counts.n_groups)
    rows = -0.5 * (np.log(2 * np.pi * spread) + gap**2 / spread)
    shrunk = moment**2 * level_sd**2 / (1 + weight * level_sd**2)
    return float(rows.sum() + 0.5 * np.sum(shrunk - np.log1p(weight * level_sd**2)))
