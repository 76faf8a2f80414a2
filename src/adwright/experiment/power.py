"""Power, sample size and smallest effect of a comparison of two arms, for a standardised effect.

Means by the noncentral t law, or by the normal one; proportions also on the arcsine scale, where their variance
does not depend on the rate. (Exact formulas for two proportions: `stats.proportions`.)

Source: Cohen (1988), Statistical Power Analysis, chapters 2 and 6.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from adwright.errors import InfeasibleError, UsageError
from adwright.schema import F64

Alternative = Literal["two-sided", "larger", "smaller"]
_ALTERNATIVES = ("two-sided", "larger", "smaller")
_MOST = 1e12


def effect_size_proportions(p_b: npt.ArrayLike, p_a: npt.ArrayLike) -> F64:
    """Cohen's h, the standardised effect of p_b against p_a.

    >>> round(float(effect_size_proportions(0.055, 0.05)), 6)
    0.022424
    """
    first, second = np.asarray(p_b, np.float64), np.asarray(p_a, np.float64)
    if np.any((first < 0) | (first > 1) | (second < 0) | (second > 1)):
        raise UsageError("not proportions", argument="p_b, p_a", value=(p_b, p_a), allowed="0 to 1")
    return np.asarray(2.0 * (np.arcsin(np.sqrt(first)) - np.arcsin(np.sqrt(second))))


def power_t(
    effect_size: float,
    *,
    n_a: float,
    ratio: float = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> float:
    """The power of the t test of two independent means.

    Args:
        effect_size: Difference of the means over the common standard deviation.
        n_a: Units of the control, above 1.
        ratio: Units of the other arm per unit of the control.
        alpha: Level.
        alternative: "two-sided", "larger" or "smaller".

    >>> round(power_t(0.2, n_a=20), 6)
    0.094567
    """
    _check(alpha, ratio, alternative)
    dof = n_a * (1.0 + ratio) - 2.0
    if not dof > 0:
        raise UsageError("too few units", argument="n_a", value=n_a, allowed="more than one")
    shift = effect_size * math.sqrt(n_a * ratio / (1.0 + ratio))
    tail = alpha / 2.0 if alternative == "two-sided" else alpha
    critical = float(special.stdtrit(dof, 1.0 - tail))
    power = 0.0
    if alternative in ("two-sided", "larger"):
        power += float(stats.nct.sf(critical, dof, shift))
    if alternative in ("two-sided", "smaller"):
        power += float(stats.nct.cdf(-critical, dof, shift))
    return power


def power_normal(
    effect_size: float,
    *,
    n_a: float,
    ratio: float = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> float:
    """The power of the z test; arguments as for `power_t`.

    >>> round(power_normal(0.2, n_a=20), 6)
    0.096935
    """
    _check(alpha, ratio, alternative)
    shift = effect_size * math.sqrt(n_a * ratio / (1.0 + ratio))
    tail = alpha / 2.0 if alternative == "two-sided" else alpha
    critical = float(special.ndtri(1.0 - tail))
    power = 0.0
    if alternative in ("two-sided", "larger"):
        power += float(special.ndtr(shift - critical))
    if alternative in ("two-sided", "smaller"):
        power += float(special.ndtr(-shift - critical))
    return power


def size_normal(
    effect_size: float,
    *,
    power: float = 0.8,
    ratio: float = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> float:
    """The units that the control needs for this power, not rounded.

    Raises:
        InfeasibleError: an effect of 0, or on the other side than the alternative.

    >>> round(size_normal(float(effect_size_proportions(0.055, 0.05))), 2)
    31217.42
    """

    def lacking(log_n: float) -> float:
        found = power_normal(
            effect_size, n_a=math.exp(log_n), ratio=ratio, alpha=alpha, alternative=alternative
        )
        return found - power

    return _solve(lacking, effect_size, power)


def size_t(
    effect_size: float,
    *,
    power: float = 0.8,
    ratio: float = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> float:
    """As `size_normal`, for the t test.

    >>> round(size_t(0.5), 2)
    63.77
    """

    def lacking(log_n: float) -> float:
        found = power_t(effect_size, n_a=math.exp(log_n), ratio=ratio, alpha=alpha, alternative=alternative)
        return found - power

    return _solve(lacking, effect_size, power, least=1.0 + 2.0 / (1.0 + ratio))


def _solve(lacking: object, effect_size: float, power: float, least: float = 1e-3) -> float:
    assert callable(lacking)
    if not 0.0 < power < 1.0:
        raise UsageError("not a probability", argument="power", value=power, allowed="between 0 and 1")
    low, high = math.log(least), math.log(_MOST)
    if effect_size == 0.0 or lacking(high) < 0:
        raise InfeasibleError(
            "no number of units finds this effect", argument="effect_size", value=effect_size
        )
    if lacking(low) >= 0:
        return least
    return math.exp(float(optimize.brentq(lacking, low, high, xtol=1e-13)))


def _check(alpha: float, ratio: float, alternative: str) -> None:
    if not 0.0 < alpha < 1.0 or not ratio > 0.0 or alternative not in _ALTERNATIVES:
        raise UsageError(
            "not a level, a ratio or an alternative",
            argument="alpha, ratio, alternative",
            value=(alpha, ratio, alternative),
            allowed="(0, 1), above 0, " + ", ".join(_ALTERNATIVES),
        )
