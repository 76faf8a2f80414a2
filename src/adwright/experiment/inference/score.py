"""Score intervals of the difference and of the ratio of two proportions: the most reliable ones at low counts.

Source: Miettinen and Nurminen (1985), Statistics in Medicine 4, equations 8 to 11, with their factor N / (N - 1).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from adwright.schema import F64
from adwright.stats.intervals import checked_counts, normal_quantile

_HALVINGS = 100
_LARGEST_RATIO = 1e12


def score_difference(
    successes_a: npt.ArrayLike,
    trials_a: npt.ArrayLike,
    *,
    successes_b: npt.ArrayLike,
    trials_b: npt.ArrayLike,
    level: float = 0.95,
    as_statsmodels: bool = False,
) -> tuple[F64, F64]:
    """The interval of p_b - p_a: (low, high).

    Args:
        successes_a: Of the control, any shape.
        trials_a: Of the control, above 0.
        successes_b: Of the other arm.
        trials_b: Of the other arm, above 0.
        level: Coverage.
        as_statsmodels: Repeat a slip of statsmodels 0.15 (in one term of the cubic it has the control's successes
            where the source has its trials), to compare digits with it. Not for use: at ten trials an arm its
            limits are up to 0.05 off.

    >>> low, high = score_difference(500, 10_000, successes_b=570, trials_b=10_000)
    >>> round(float(low), 6), round(float(high), 6)
    (0.000764, 0.013255)
    """
    k_a, n_a, k_b, n_b = _arrays(successes_a, trials_a, successes_b, trials_b)
    p_a, p_b = k_a / n_a, k_b / n_b

    def statistic(delta: F64) -> F64:
        weight = k_a if as_statsmodels else n_a
        q_a = _common_given_difference((k_a, n_a), (k_b, n_b), delta, weight=weight)
        q_b = np.clip(q_a + delta, 0.0, 1.0)
        return _standardised(p_b - p_a - delta, q_b * (1 - q_b) / n_b + q_a * (1 - q_a) / n_a, n_a + n_b)

    z = normal_quantile(level)
    seen = p_b - p_a
    return _edge(statistic, z, seen, np.full_like(seen, -1.0)), _edge(statistic, z, seen, np.ones_like(seen))


def score_ratio(
    successes_a: npt.ArrayLike,
    trials_a: npt.ArrayLike,
    *,
    successes_b: npt.ArrayLike,
    trials_b: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[F64, F64]:
    """The interval of p_b / p_a: (low, high); arguments as for `score_difference`.

    >>> low, high = score_ratio(5, 1000, successes_b=15, trials_b=1000)
    >>> round(float(low), 4), round(float(high), 4)
    (1.1383, 7.9195)
    """
    k_a, n_a, k_b, n_b = _arrays(successes_a, trials_a, successes_b, trials_b)
    p_a, p_b = k_a / n_a, k_b / n_b

    def statistic(log_ratio: F64) -> F64:
        ratio = np.exp(log_ratio)
        a, c = (n_a + n_b) * ratio, k_a + k_b
        b = n_b * ratio + k_b + n_a + k_a * ratio
        root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0.0))
        q_a = 2 * c / (b + root)  # the smaller root, without cancellation
        q_b = np.minimum(q_a * ratio, 1.0)
        variance = q_b * (1 - q_b) / n_b + ratio**2 * q_a * (1 - q_a) / n_a
        return _standardised(p_b - ratio * p_a, variance, n_a + n_b)

    z, widest = normal_quantile(level), np.log(_LARGEST_RATIO)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.clip(np.nan_to_num(np.log(p_b / p_a)), -widest, widest)
    low = np.exp(_edge(statistic, z, seen, np.full_like(seen, -widest)))
    high = np.exp(_edge(statistic, z, seen, np.full_like(seen, widest)))
    return np.where(k_b == 0, 0.0, low), np.where(k_a == 0, np.inf, high)


def _arrays(*values: npt.ArrayLike) -> list[F64]:
    k_a, n_a = checked_counts(values[0], values[1])
    k_b, n_b = checked_counts(values[2], values[3])
    return list(np.broadcast_arrays(k_a, n_a, k_b, n_b))


def _standardised(distance: F64, variance: F64, n: F64) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        out = distance / np.sqrt(np.maximum(variance, 0.0) * n / (n - 1.0))
    return np.where(distance == 0, 0.0, out)


def _edge(statistic: Callable[[F64], F64], z: float, inside: F64, outside: F64) -> F64:
    """Where |statistic| reaches z between a point that is inside and one beyond, by bisection."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2.0
        within = np.abs(statistic(middle)) <= z
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return np.asarray((inside + outside) / 2.0)


def _common_given_difference(a: tuple[F64, F64], b: tuple[F64, F64], delta: F64, *, weight: F64) -> F64:
    """The likeliest p_a where p_b = p_a + delta: the root of their cubic, by its trigonometric form.

    Args:
        a: Successes and trials of the control.
        b: Successes and trials of the other arm.
        delta: The difference that is held.
        weight: The control's trials.
    """
    (k_a, n_a), n = a, a[1] + b[1]
    k = k_a + b[0]
    l2 = (b[1] + 2 * n_a) * delta - n - k
    l1 = (weight * delta - n - 2 * k_a) * delta + k
    l0 = k_a * delta * (1 - delta)
    q = l2**3 / (3 * n) ** 3 - l1 * l2 / (6 * n**2) + l0 / (2 * n)
    p = np.sign(q) * np.sqrt(np.maximum(l2**2 / (3 * n) ** 2 - l1 / (3 * n), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.where(p != 0, (np.pi + np.arccos(np.clip(q / p**3, -1.0, 1.0))) / 3.0, 0.0)
    return np.asarray(np.clip(2 * p * np.cos(angle) - l2 / (3 * n), 0.0, 1.0))
