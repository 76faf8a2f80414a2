"""Confidence sequences of an effect: intervals that hold at every look, as GrowthBook's engine computes them.

*Holds when* the effect is close to normal from the first look on. For relative effects of few conversions it is
not: there the false positives reach a quarter at a nominal 5 %. The experiment's own reading therefore uses the
log ratio, and an exact test at low counts (see `experiment.sequential`); this module is for agreement with
others' numbers.

Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), arXiv:2103.06476v7, equations 9, 155 and 161, and
section B.8 for one side.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.experiment.inference.lift import Lift
from adwright.experiment.inference.t_test import TestResult, check_alternative
from adwright.schema import F64

_P_LOW, _P_HIGH = 1e-5, 0.4999
_BOUND_TOLERANCE, _MAX_STEPS = 1e-6, 100


def sequence_rho(alpha: float, tuning: float, *, two_sided: bool = True) -> float:
    """The mixing parameter that makes the sequence narrowest after `tuning` units.

    >>> round(sequence_rho(0.05, 5000), 6)
    0.03984
    """
    level = alpha if two_sided else 2.0 * alpha
    if not (0.0 < level < 1.0 and tuning > 0.0):
        raise UsageError(
            "not a level or a tuning",
            argument="alpha, tuning",
            value=(alpha, tuning),
            allowed="in (0, 1), > 0",
        )
    spent = -2.0 * np.log(level)
    return float(np.sqrt((spent + np.log1p(spent)) / tuning))


def sequence_halfwidth(
    variance: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    alpha: float | F64 = 0.05,
    rho: float,
    two_sided: bool = True,
) -> F64:
    """Half the width of the interval after n units.

    Args:
        variance: Of one unit: n x the squared standard error of the estimate.
        n: Units so far, both arms together.
        alpha: Level over all looks together.
        rho: See `sequence_rho`.
        two_sided: Whether both ends have to hold.

    >>> round(float(sequence_halfwidth(1.0, 1000, rho=sequence_rho(0.05, 5000))), 6)
    0.106375
    """
    units, s2 = np.asarray(n, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    spread = units * rho**2 + 1.0
    reach = np.log(np.sqrt(spread) / alpha) if two_sided else np.log1p(np.sqrt(spread) / (2.0 * alpha))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(s2 * 2.0 * spread * reach / (units * rho) ** 2)


def two_sided_sequence(
    effect: Lift, *, alpha: float = 0.05, tuning: float = 5000.0, rho: float | None = None, null: float = 0.0
) -> TestResult:
    """The interval that holds at every look, and the p-value that may be read at every look.

    Args:
        effect: See `lift`.
        alpha: Level over all looks.
        tuning: Units (both arms) at which the interval is to be narrowest.
        rho: Instead of `tuning`.
        null: The effect under the null hypothesis.
    """
    check_alternative("two-sided", alpha)
    mixing = sequence_rho(alpha, tuning) if rho is None else rho
    half = sequence_halfwidth(effect.se**2 * effect.n, effect.n, alpha=alpha, rho=mixing)
    spread = effect.n * mixing**2 + 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        z2 = effect.n * ((effect.point - null) / effect.se) ** 2
    log_p = np.minimum(0.5 * np.log(spread) - mixing**2 * z2 / (2.0 * spread), 0.0)
    blind = np.where(effect.known, 1.0, np.nan)
    return TestResult(
        point=effect.point * blind,
        low=(effect.point - half) * blind,
        high=(effect.point + half) * blind,
        p=np.exp(log_p) * blind,
        log_p=log_p * blind,
    )


def one_sided_sequence(
    effect: Lift,
    *,
    alternative: Literal["greater", "lesser"],
    alpha: float = 0.05,
    tuning: float = 5000.0,
    rho: float | None = None,
    null: float = 0.0,
) -> TestResult:
    """The one-sided sequence; its p-value is the level at which the bound would touch `null`, in [1e-5, 0.4999].

    Raises:
        UsageError: a level of 0.5 or more, where the bound is not defined.
    """
    check_alternative(alternative, alpha)
    if alpha >= 0.5:
        raise UsageError("a one-sided sequence needs a level below 0.5", argument="alpha", value=alpha)
    mixing = sequence_rho(alpha, tuning, two_sided=False) if rho is None else rho
    half = sequence_halfwidth(effect.se**2 * effect.n, effect.n, alpha=alpha, rho=mixing, two_sided=False)
    side = 1.0 if alternative == "greater" else -1.0
    gain = side * (effect.point - null)
    p = _p_by_bisection(gain, effect, rho=mixing)
    blind = np.where(effect.known, 1.0, np.nan)
    infinite = np.where(effect.known, np.inf, np.nan)
    return TestResult(
        point=effect.point * blind,
        low=(effect.point - half) * blind if side > 0 else -infinite,
        high=infinite if side > 0 else (effect.point + half) * blind,
        p=p * blind,
        log_p=np.log(p) * blind,
    )


def _p_by_bisection(gain: F64, effect: Lift, *, rho: float) -> F64:
    """The level at which the bound touches the null, found to 1e-6 in the bound, as GrowthBook's engine does.

    The closed form differs from it in the fifth digit; the engine's own digits are the reference here.
    """

    def short(alpha: F64) -> F64:
        half = sequence_halfwidth(effect.se**2 * effect.n, effect.n, alpha=alpha, rho=rho, two_sided=False)
        return half - gain

    low, high = np.full_like(gain, _P_LOW), np.full_like(gain, _P_HIGH)
    p, open_ = (low + high) / 2.0, np.ones_like(gain, dtype=np.bool_)
    for _ in range(_MAX_STEPS):
        missing = short(p)
        low = np.where(open_ & (missing > 0), p, low)
        high = np.where(open_ & ~(missing > 0), p, high)
        p = np.where(open_, (low + high) / 2.0, p)
        open_ = open_ & ~(np.abs(missing) < _BOUND_TOLERANCE)
        if not np.any(open_):
            break
    p = np.where(short(np.full_like(gain, _P_HIGH)) > 0, _P_HIGH, p)
    return np.where(short(np.full_like(gain, _P_LOW)) < 0, _P_LOW, p)
