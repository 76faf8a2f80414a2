"""Welch's t test of an effect, one- or two-sided, with its interval; read once, at the planned size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.inference.lift import Lift
from adwright.schema import F64

Alternative = Literal["two-sided", "greater", "lesser"]
_ALTERNATIVES = ("two-sided", "greater", "lesser")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TestResult:
    """An effect with its interval and p-value, arrays of one shape; NaN where there is no test.

    Args:
        point: The estimate.
        low: Lower end of the interval, -inf where the test looks below only.
        high: Upper end, inf where it looks above only.
        p: The p-value.
        log_p: Its natural logarithm, exact where `p` underflows.
        reason: Why a test cannot be had, one string for all; "" where it can.
    """

    __test__ = False

    point: F64
    low: F64
    high: F64
    p: F64
    log_p: F64
    reason: str = ""


def t_test(
    effect: Lift, *, alternative: Alternative = "two-sided", alpha: float = 0.05, null: float = 0.0
) -> TestResult:
    """The test that the effect is `null`.

    Args:
        effect: See `lift`.
        alternative: "two-sided", "greater" (the arm is better) or "lesser".
        alpha: Level; the interval covers 1 - alpha.
        null: The effect under the null hypothesis, on the scale of `effect`.

    Raises:
        UsageError: an unknown alternative, or a level outside (0, 1).

    >>> from adwright.experiment.inference import ProportionSummary, lift
    >>> both = lift(ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=570))
    >>> round(float(t_test(both).p), 5)
    0.03942
    """
    check_alternative(alternative, alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(effect.known, (effect.point - null) / effect.se, np.nan)
    tail = alpha / 2.0 if alternative == "two-sided" else alpha
    half = special.stdtrit(effect.dof, 1.0 - tail) * effect.se
    if alternative == "two-sided":
        log_p = np.minimum(np.log(2.0) + log_t_tail(np.abs(statistic), effect.dof), 0.0)
    else:
        log_p = log_t_tail(statistic if alternative == "greater" else -statistic, effect.dof)
    blind = np.where(effect.known, 1.0, np.nan)
    infinite = np.where(effect.known, np.inf, np.nan)
    return TestResult(
        point=effect.point * blind,
        low=-infinite if alternative == "lesser" else (effect.point - half) * blind,
        high=infinite if alternative == "greater" else (effect.point + half) * blind,
        p=np.exp(log_p),
        log_p=log_p,
        reason=""
        if np.any(effect.known)
        else "an arm has no data, or no variance, or the control's mean is 0",
    )


def log_t_tail(t: F64, dof: F64) -> F64:
    """log P(T > t), from the normal law where the t law's tail underflows.

    >>> round(float(log_t_tail(np.array(2.0), np.array(30.0))), 4)
    -3.6004
    """
    with np.errstate(divide="ignore"):
        exact = np.log(special.stdtr(dof, -np.asarray(t)))
    return np.where(np.isneginf(exact), special.log_ndtr(-np.asarray(t)), exact)


def check_alternative(alternative: str, alpha: float) -> None:
    """Raises `UsageError` for an unknown alternative or a level outside (0, 1)."""
    if alternative not in _ALTERNATIVES:
        raise UsageError(
            "unknown alternative",
            argument="alternative",
            value=alternative,
            allowed=", ".join(_ALTERNATIVES),
        )
    if not 0.0 < alpha < 1.0:
        raise UsageError("not a level", argument="alpha", value=alpha, allowed="between 0 and 1")
