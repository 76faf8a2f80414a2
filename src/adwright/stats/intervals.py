"""Confidence intervals from summary statistics, for arrays.

*Holds when* the units are independent and each counts once: one exposure is one trial, or one customer is.
*Does not cover* looking at the data again and again (use a sequential interval for that), and clusters: where
one customer brings several trials the intervals are too short unless `dispersion` says by how much.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.schema import F64


def normal_quantile(level: float) -> float:
    """The z with which a two-sided interval reaches `level`, a fraction in (0, 1).

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not 0.0 < level < 1.0:
        raise UsageError("not a level", argument="level", value=level, allowed="between 0 and 1")
    return float(special.ndtri(0.5 + level / 2.0))


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, *, level: float = 0.95, dispersion: npt.ArrayLike = 1.0
) -> tuple[F64, F64]:
    """The Wilson score interval of a proportion: (low, high).

    Args:
        successes: Counts >= 0, any shape.
        trials: Counts >= successes; where it is 0 the interval is [0, 1].
        level: Coverage, a fraction.
        dispersion: Variance relative to the binomial, >= 1; the trials are divided by it.

    Raises:
        UsageError: negative counts, or more successes than trials.

    Source: Wilson (1927), JASA 22.

    >>> low, high = wilson(500, 10_000)
    >>> round(float(low), 5), round(float(high), 5)
    (0.0459, 0.05445)
    """
    k, n = checked_counts(successes, trials)
    phi = np.asarray(dispersion, dtype=np.float64)
    z2 = normal_quantile(level) ** 2
    m = n / phi
    p = np.divide(k, n, out=np.full(np.broadcast_shapes(k.shape, n.shape), 0.5), where=n > 0)
    centre = (m * p + z2 / 2.0) / (m + z2)
    half = np.sqrt(z2) * np.sqrt(m * p * (1.0 - p) + z2 / 4.0) / (m + z2)
    low = np.where((k == 0), 0.0, np.maximum(centre - half, 0.0))
    high = np.where((k == n), 1.0, np.minimum(centre + half, 1.0))
    return low, high


def newcombe(
    successes_a: npt.ArrayLike,
    trials_a: npt.ArrayLike,
    *,
    successes_b: npt.ArrayLike,
    trials_b: npt.ArrayLike,
    level: float = 0.95,
    dispersion: npt.ArrayLike = 1.0,
) -> tuple[F64, F64]:
    """Newcombe's hybrid score interval of the difference p_b - p_a: (low, high).

    Never leaves [-1, 1] and keeps its coverage at low counts, unlike Wald's. Arguments as for `wilson`.

    Source: Newcombe (1998), Statistics in Medicine 17, method 10.

    >>> low, high = newcombe(500, 10_000, successes_b=570, trials_b=10_000)
    >>> round(float(low), 6), round(float(high), 6)
    (0.000761, 0.01325)
    """
    k_a, n_a = checked_counts(successes_a, trials_a)
    k_b, n_b = checked_counts(successes_b, trials_b)
    p_a, p_b = _share(k_a, n_a), _share(k_b, n_b)
    low_a, high_a = wilson(k_a, n_a, level=level, dispersion=dispersion)
    low_b, high_b = wilson(k_b, n_b, level=level, dispersion=dispersion)
    difference = p_b - p_a
    low = difference - np.hypot(p_b - low_b, high_a - p_a)
    high = difference + np.hypot(high_b - p_b, p_a - low_a)
    return low, high


def wald_difference(
    successes_a: npt.ArrayLike,
    trials_a: npt.ArrayLike,
    *,
    successes_b: npt.ArrayLike,
    trials_b: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[F64, F64]:
    """Wald's interval of p_b - p_a: (low, high). For comparison; too short where counts are low.

    >>> low, high = wald_difference(500, 10_000, successes_b=570, trials_b=10_000)
    >>> round(float(low), 6), round(float(high), 6)
    (0.000763, 0.013237)
    """
    k_a, n_a = checked_counts(successes_a, trials_a)
    k_b, n_b = checked_counts(successes_b, trials_b)
    p_a, p_b = _share(k_a, n_a), _share(k_b, n_b)
    half = normal_quantile(level) * np.sqrt(p_a * (1 - p_a) / n_a + p_b * (1 - p_b) / n_b)
    return p_b - p_a - half, p_b - p_a + half


def log_ratio(
    mean_a: npt.ArrayLike,
    se_a: npt.ArrayLike,
    *,
    mean_b: npt.ArrayLike,
    se_b: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[F64, F64, F64]:
    """The relative effect mean_b / mean_a - 1 with its interval: (effect, low, high).

    By the delta method on the logarithm, so the interval never goes below -100 % and swapping the arms
    inverts it. NaN where a mean is not positive: a relative effect has no meaning there.

    Args:
        mean_a: Mean of the control.
        se_a: Its standard error.
        mean_b: Mean of the other arm.
        se_b: Its standard error.
        level: Coverage, a fraction.

    >>> effect, low, high = log_ratio(0.05, 0.00218, mean_b=0.057, se_b=0.00232)
    >>> round(float(effect), 3), round(float(low), 3), round(float(high), 3)
    (0.14, 0.014, 0.281)
    """
    a, b = np.asarray(mean_a, np.float64), np.asarray(mean_b, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        usable = (a > 0) & (b > 0)
        ratio = np.where(usable, b / a, np.nan)
        se = np.sqrt((np.asarray(se_a, np.float64) / a) ** 2 + (np.asarray(se_b, np.float64) / b) ** 2)
        half = normal_quantile(level) * se
        return ratio - 1.0, ratio * np.exp(-half) - 1.0, ratio * np.exp(half) - 1.0


def checked_counts(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[F64, F64]:
    """Both as float arrays; negative, non-finite or impossible counts raise `UsageError`."""
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    for name, values in (("successes", k), ("trials", n)):
        if not np.all(np.isfinite(values) & (values >= 0)):
            bad = np.atleast_1d(values)[~np.atleast_1d(np.isfinite(values) & (values >= 0))][0]
            raise UsageError("not a count", argument=name, value=float(bad), allowed="0 or more")
    if np.any(k > n):
        worst = float(np.max(np.broadcast_to(k, np.broadcast_shapes(k.shape, n.shape))[k > n]))
        raise UsageError(
            "more successes than trials", argument="successes", value=worst, allowed="at most the trials"
        )
    return k, n


def _share(k: F64, n: F64) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(n > 0, k / n, np.nan), dtype=np.float64)
