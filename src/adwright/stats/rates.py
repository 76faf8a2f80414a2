"""The marginal distribution of a rate: level and content effect together, as shown and reported.

For row i the latent rate is, in the gamma family,

    X_i = m_i * L * r,   log L ~ N(-s^2 / 2, s^2),   r ~ Gamma(k, k)

so that E[X_i] = m_i, and in the logistic family, which takes over where rates exceed 20 %,

    logit X_i = c_i + b + u,   b ~ N(0, s^2),   u ~ N(0, tau^2),   c_i such that E[X_i] = m_i

with `tau` stored as the relative variance it brings about, 1 / k = tau^2 (1 - m)^2 (delta method).

Holds when: the content effect and the level are independent, and counts are Poisson (gamma) or binomial
(logistic) given the latent rate. Does not cover: a content effect that differs between customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from adwright.schema import F64, Rate

_K_GRID = np.geomspace(1e-2, 1e7, 109)
_NORMAL_K = 400.0  # above this concentration log r is normal to four digits
_CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """Mean `p`, 5 % and 95 % quantiles of the latent rate, and the Beta with the same mean and variance.

    All arrays have shape (n,); all but `p` are NaN where the concentrations cannot be known.
    """

    p: F64
    p_low: F64
    p_high: F64
    alpha: F64
    beta: F64


def marginal(rate: Rate) -> Marginal:
    """The distribution of the latent rate of each row.

    >>> one = Rate(mean=np.array([0.02]), k=np.array([50.0]), level_sd=np.array([0.0]))
    >>> m = marginal(one)  # without a level the rate is 0.02 * Gamma(50, 50)
    >>> round(float(m.p_low[0]), 5), round(float(m.p_high[0]), 5), round(float(m.alpha[0]), 2)
    (0.01558, 0.02487, 48.98)
    """
    if rate.family == "logistic":
        return _marginal_logistic(rate)
    p_low, p_high = (np.minimum(rate.mean * q, 1.0) for q in relative_quantiles(rate, (0.05, 0.95)))
    relative = np.exp(rate.level_sd**2) * (1 + 1 / rate.k) - 1
    return Marginal(rate.mean, p_low, p_high, *_beta(rate.mean, relative * rate.mean**2))


def relative_quantiles(rate: Rate, probabilities: tuple[float, ...]) -> tuple[F64, ...]:
    """Quantiles of L * r, the latent rate over its mean, one array (n,) a probability (gamma family)."""
    out = tuple(np.full(len(rate), np.nan) for _ in probabilities)
    for level_sd in np.unique(rate.level_sd[np.isfinite(rate.level_sd)]):
        rows = (rate.level_sd == level_sd) & np.isfinite(rate.k)
        log_k = np.log(np.clip(rate.k[rows], _K_GRID[0], _K_GRID[-1]))
        for quantiles, probability in zip(out, probabilities, strict=True):
            table = _log_quantile_table(float(level_sd), probability)
            quantiles[rows] = np.exp(np.interp(log_k, np.log(_K_GRID), table))
    return out


def successes_interval(rate: Rate, trials: F64, *, level: float = 0.9) -> tuple[F64, F64]:
    """The equal-tailed interval of the successes to be seen in `trials`, both ends included.

    Args:
        rate: n rows.
        trials: (n,) numbers of trials, >= 0.
        level: Coverage in (0, 1); discrete counts make it at least this much.

    Returns:
        (n,) lower and (n,) upper counts, NaN where the concentrations cannot be known.
    """
    trials = np.asarray(trials, dtype=np.float64)
    low = np.full(len(rate), np.nan)
    high = np.full(len(rate), np.nan)
    known = np.flatnonzero(np.isfinite(rate.k) & np.isfinite(rate.level_sd) & np.isfinite(trials))
    for start in range(0, len(known), _CHUNK):
        rows = known[start : start + _CHUNK]
        part = rate.take(rows)
        low[rows] = _count_quantile(part, trials[rows], (1 - level) / 2)
        high[rows] = _count_quantile(part, trials[rows], (1 + level) / 2)
    return low, high


def log_predictive(rate: Rate, successes: F64, trials: F64) -> F64:
    """The log probability (n,) of the observed successes under the marginal; NaN where it is unknown."""
    out = np.full(len(rate), np.nan)
    known = np.flatnonzero(np.isfinite(rate.k) & np.isfinite(rate.level_sd))
    for start in range(0, len(known), _CHUNK):
        rows = known[start : start + _CHUNK]
        y, n = np.asarray(successes, float)[rows], np.asarray(trials, float)[rows]
        part = rate.take(rows)
        shift, weight = _nodes(part, n)
        if part.family == "logistic":
            p = special.expit(_logit_centre(part)[:, None] + _logit_sd(part)[:, None] * shift)
            log_pmf = log_binomial(y[:, None], n[:, None], p)
        else:
            mu = (part.mean * n)[:, None] * np.exp(_log_level(part, shift))
            log_pmf = log_negative_binomial(y[:, None], part.k[:, None], mu)
        out[rows] = special.logsumexp(log_pmf, axis=1, b=weight)
    return out


def log_negative_binomial(y: F64, k: F64, mu: F64) -> F64:
    """log P(y) where y ~ Poisson(r mu), r ~ Gamma(k, k); the arguments broadcast."""
    mu = np.maximum(mu, 1e-300)
    constant = special.gammaln(y + k) - special.gammaln(k) - special.gammaln(y + 1)
    # log1p keeps the limit k -> infinity (Poisson) exact
    return np.asarray(constant + y * (np.log(mu) - np.log(k + mu)) - k * np.log1p(mu / k))


def log_binomial(y: F64, n: F64, p: F64) -> F64:
    """log P(y) where y ~ Binomial(n, p); the arguments broadcast."""
    choose = special.gammaln(n + 1) - special.gammaln(y + 1) - special.gammaln(n - y + 1)
    return np.asarray(choose + special.xlogy(y, p) + special.xlog1py(n - y, -p))


def content_logit_sd(rate: Rate) -> F64:
    """tau (n,): the standard deviation of the logistic random effect that the stored `k` stands for."""
    return np.asarray(1 / (np.sqrt(rate.k) * (1 - np.minimum(rate.mean, 1 - 1e-9))))


@lru_cache(maxsize=256)
def _log_quantile_table(level_sd: float, probability: float) -> F64:
    """log of the quantile of L * r on `_K_GRID`, by bisection of its distribution function."""
    k = _K_GRID
    log_r_mean, log_r_sd = special.digamma(k) - np.log(k), np.sqrt(special.polygamma(1, k))
    total_sd = np.sqrt(log_r_sd**2 + level_sd**2)
    middle = log_r_mean - level_sd**2 / 2
    normal = middle + special.ndtri(probability) * total_sd
    low, high = middle - 40 * total_sd, middle + 12 * total_sd
    shift, weight = _trapezoid(401)
    log_level = level_sd * shift - level_sd**2 / 2
    for _ in range(60):
        guess = (low + high) / 2
        below = special.gammainc(k[:, None], k[:, None] * np.exp(guess[:, None] - log_level)) @ weight
        low, high = np.where(below < probability, guess, low), np.where(below < probability, high, guess)
    return np.where(k > _NORMAL_K, normal, (low + high) / 2)


def _count_quantile(rate: Rate, trials: F64, probability: float) -> F64:
    """The smallest count whose distribution function reaches `probability`, by bisection on integers."""
    shift, weight = _nodes(rate, trials)
    if rate.family == "logistic":
        p = special.expit(_logit_centre(rate)[:, None] + _logit_sd(rate)[:, None] * shift)
    else:
        mu = (rate.mean * trials)[:, None] * np.exp(_log_level(rate, shift))
        p = rate.k[:, None] / (rate.k[:, None] + mu)
    low, high = np.full(len(rate), -1.0), trials.copy()
    for _ in range(int(np.ceil(np.log2(max(trials.max(initial=1.0), 1.0) + 2))) + 1):
        guess = np.floor((low + high) / 2)
        if rate.family == "logistic":
            left = np.maximum(trials - guess, 1e-9)[:, None]
            below = special.betainc(left, np.maximum(guess, 0)[:, None] + 1, 1 - p) @ weight
            below = np.where(guess >= trials, 1.0, below)
        else:
            below = special.betainc(rate.k[:, None], np.maximum(guess, 0)[:, None] + 1, p) @ weight
        below = np.where(guess < 0, 0.0, below)
        reached = below >= probability
        low, high = np.where(reached, low, guess), np.where(reached, guess, high)
    return high


def _nodes(rate: Rate, trials: F64) -> tuple[F64, F64]:
    """Standard-normal quadrature nodes, fine enough for the narrowest likelihood among the rows."""
    if rate.family == "logistic":
        width = 1 / np.sqrt(np.maximum(trials * rate.mean * (1 - rate.mean), 1.0))
        spread = _logit_sd(rate)
    else:
        width = np.sqrt(1 / rate.k + 1 / np.maximum(rate.mean * trials, 1e-9))
        spread = rate.level_sd
    ratio = float(np.max(spread / width, initial=0.0))
    # a step of 1.4 widths: the trapezoidal rule errs by about exp(-2 pi^2 / 1.4^2) on a normal
    return _trapezoid(int(np.clip(np.ceil(7 * ratio), 41, 801)) | 1)


@lru_cache(maxsize=512)
def _trapezoid(n_nodes: int) -> tuple[F64, F64]:
    """Trapezoidal nodes and weights for a standard normal; spectrally accurate for smooth integrands."""
    nodes = np.linspace(-5.0, 5.0, n_nodes)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def _log_level(rate: Rate, shift: F64) -> F64:
    return rate.level_sd[:, None] * shift - rate.level_sd[:, None] ** 2 / 2


def _logit_sd(rate: Rate) -> F64:
    return np.sqrt(rate.level_sd**2 + content_logit_sd(rate) ** 2)


def _logit_centre(rate: Rate) -> F64:
    """c_i such that the mean of expit(c_i + e), e normal, is the calibrated mean (Newton)."""
    shift, weight = _trapezoid(81)
    mean = np.clip(rate.mean, 1e-9, 1 - 1e-9)
    noise = np.nan_to_num(_logit_sd(rate))[:, None] * shift
    centre = special.logit(mean)
    for _ in range(30):
        p = special.expit(centre[:, None] + noise)
        step = (p @ weight - mean) / np.maximum((p * (1 - p)) @ weight, 1e-12)
        centre = centre - np.clip(step, -1.0, 1.0)
        if np.max(np.abs(step), initial=0.0) < 1e-10:
            break
    return np.asarray(centre)


def _marginal_logistic(rate: Rate) -> Marginal:
    shift, weight = _trapezoid(161)
    centre, sd = _logit_centre(rate), _logit_sd(rate)
    p = special.expit(centre[:, None] + np.nan_to_num(sd)[:, None] * shift)
    variance = np.where(np.isfinite(sd), (p**2) @ weight - (p @ weight) ** 2, np.nan)
    z = special.ndtri(0.95)
    return Marginal(
        rate.mean,
        special.expit(centre - z * sd),
        special.expit(centre + z * sd),
        *_beta(rate.mean, variance),
    )


def _beta(mean: F64, variance: F64) -> tuple[F64, F64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        total = mean * (1 - mean) / variance - 1
    total = np.where(np.isfinite(variance), np.clip(total, 1e-6, 1e12), np.nan)
    return mean * total, (1 - mean) * total
