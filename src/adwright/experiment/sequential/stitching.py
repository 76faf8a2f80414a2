"""Closed-form bounds that hold at all times, of the order of the law of the iterated logarithm.

Source: Howard, Ramdas, McAuliffe and Sekhon (2021), theorem 1 (polynomial stitching); Howard and Ramdas (2022),
"Sequential estimation of quantiles", Bernoulli 28: theorem 1 (empirical process) and theorem 2 (double stitching).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from adwright.errors import UsageError
from adwright.schema import F64


def poly_stitching_bound(
    v: npt.ArrayLike, *, alpha: float = 0.05, v_min: float, c: float = 0.0, s: float = 1.4, eta: float = 2.0
) -> F64:
    """The bound of a sub-gamma sum of scale c at intrinsic time v.

    >>> round(float(poly_stitching_bound(100, alpha=0.05, v_min=10, c=3)), 5)
    64.48755
    """
    if not v_min > 0.0:
        raise UsageError("not a time", argument="v_min", value=v_min, allowed="above 0")
    time = np.maximum(np.asarray(v, np.float64), v_min)
    k1, k2 = _constants(eta)
    offset = np.log(special.zeta(s) / np.log(eta) ** s)
    reach = s * np.log(np.log(eta * time / v_min)) + offset - np.log(alpha)
    linear = k2 * c * reach
    return np.asarray(np.sqrt(k1**2 * time * reach + linear**2) + linear)


def double_stitching_bound(
    quantile: float,
    t: npt.ArrayLike,
    *,
    alpha: float = 0.05,
    t_opt: float,
    delta: float = 0.5,
    s: float = 1.4,
    eta: float = 2.0,
) -> F64:
    """By how many of t rows the count below any quantile strays, over all times and quantiles at once.

    >>> round(float(double_stitching_bound(0.5, 1000, alpha=0.05, t_opt=100)), 5)
    68.62803
    """
    if not 0.0 < quantile < 1.0 or not t_opt >= 1.0:
        raise UsageError("not a quantile or a time", argument="quantile, t_opt", value=(quantile, t_opt))
    time = np.maximum(np.asarray(t, np.float64), t_opt)
    k1, k2 = _constants(eta)
    odds = float(special.logit(quantile))
    moved = special.expit(odds + 2.0 * delta * np.sqrt(t_opt * eta / time))
    level = np.where(quantile >= 0.5, quantile, np.minimum(0.5, moved))
    variance = level * (1.0 - level)
    j = np.sqrt(time / t_opt) * abs(odds) / (2.0 * delta) + 1.0
    zeta = special.zeta(s)
    reach = s * np.log(np.log(eta * time / t_opt)) + s * np.log(j)
    reach = reach + np.log(2.0 * zeta * (2.0 * zeta + 1.0) / (alpha * np.log(eta) ** s))
    linear = k2 * (1.0 - 2.0 * quantile) / 3.0 * reach
    curved = np.sqrt(k1**2 * variance * time * reach + linear**2)
    return np.asarray(delta * np.sqrt(eta * time * variance / t_opt) + curved + linear)


def empirical_process_bound(
    t: npt.ArrayLike, *, alpha: float = 0.05, t_min: float = 1.0, a: float = 0.85
) -> F64:
    """How far the empirical distribution function strays from the true one, at all times from t_min on.

    >>> round(float(empirical_process_bound(1000, t_min=100)), 4)
    0.082
    """
    if not a > np.sqrt(0.5) or not t_min >= 1.0:
        raise UsageError("not constants of the bound", argument="a, t_min", value=(a, t_min))
    time = np.asarray(t, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = a * np.sqrt((np.log1p(np.log(time / t_min)) + _empirical_constant(alpha, a)) / time)
    return np.asarray(np.where(time < t_min, np.inf, size))


def _constants(eta: float) -> tuple[float, float]:
    return (eta**0.25 + eta**-0.25) / np.sqrt(2.0), (np.sqrt(eta) + 1.0) / 2.0


def _empirical_constant(alpha: float, a: float) -> float:
    """The smallest constant C of the theorem whose error is alpha, at its best geometric spacing eta."""

    def error(eta: float, c: float) -> float:
        gamma2 = 2.0 / eta * (a - np.sqrt(2.0 * (eta - 1.0) / c)) ** 2
        if gamma2 <= 1.0:
            return float("inf")
        return float(4.0 * np.exp(-gamma2 * c) * (1.0 + 1.0 / ((gamma2 - 1.0) * np.log(eta))))

    def least(c: float) -> float:
        edge = optimize.brentq(
            lambda eta: np.sqrt(eta / 2.0) + np.sqrt(2.0 * (eta - 1.0) / c) - a, 1.0, 2.0 * a * a
        )
        found = optimize.minimize_scalar(
            error, bounds=(1.0 + 1e-12, edge), args=(c,), method="bounded", options={"xatol": 1e-12}
        )
        return float(found.fun)

    high = 5.0
    while least(high) > alpha:
        high *= 2.0
    low = 1e-3
    return float(optimize.brentq(lambda c: min(least(c), 10.0) - alpha, low, high))
