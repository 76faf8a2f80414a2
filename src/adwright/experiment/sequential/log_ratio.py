"""A confidence sequence of the log ratio of two means: valid at every look, with no planned size.

The effect on the log scale is far closer to normal than the relative effect (b - a) / a, whose skew makes a
nominal 5 % a quarter where the control has few conversions.

*Holds when* each arm's mean is at least some three standard errors from 0 (`MIN_INFORMATION`), which for rates
means ten conversions an arm; before that there is no answer, and rates have the exact test in `counts`.

Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), arXiv:2103.06476, theorem 2.2, with information
1 / se^2 as intrinsic time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.experiment.inference.lift import Lift
from adwright.experiment.inference.moments import Moments
from adwright.experiment.sequential.mixtures import NormalMixture, best_rho
from adwright.schema import F64

MIN_INFORMATION = 10.0
"""Least (mean / se)^2 of each arm: for a rate, its conversions over 1 - rate."""
_REACH = 1.959964 + 0.841621
"""Standard errors at which a fixed two-sided 5 % test has power 80 %."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LogRatioSequence:
    """The reading, arrays of one shape; NaN where there is no answer yet.

    Args:
        point: Relative effect, exp(log ratio) - 1.
        low: Lower end of its interval, valid at every look.
        high: Upper end.
        log_e: Logarithm of the e-value against no effect.
        p: min(1, 1 / e).
        answered: Whether both means are known well enough.
    """

    point: F64
    low: F64
    high: F64
    log_e: F64
    p: F64
    answered: npt.NDArray[np.bool_]


def planned_information(minimum_effect: float) -> float:
    """1 / se^2 of the log ratio at which a single test would find this relative effect with power 80 %.

    The tuning to give where nothing else is known; it must not depend on the results.

    >>> round(planned_information(0.124), 1)
    574.4
    """
    if not minimum_effect > -1.0 or minimum_effect == 0.0:
        raise UsageError(
            "not an effect", argument="minimum_effect", value=minimum_effect, allowed="> -1, not 0"
        )
    return (_REACH / math.log1p(minimum_effect)) ** 2


def log_ratio_sequence(
    effect: Lift, *, information: float, alpha: float = 0.05, enough: npt.ArrayLike = True
) -> LogRatioSequence:
    """The interval of the relative effect, and the evidence against none.

    Args:
        effect: On the log scale; see `inference.lift`.
        information: 1 / se^2 at which the interval is to be narrowest; see `planned_information`.
        alpha: Level over all looks.
        enough: Whether both arms have enough data, see `has_enough`; of a shape that fits.

    >>> from adwright.experiment.inference import ProportionSummary, lift
    >>> a, b = ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=640)
    >>> found = log_ratio_sequence(lift(a, b, scale="log"), information=574.0)
    >>> round(float(found.low), 3), round(float(found.high), 3), round(float(found.p), 4)
    (0.071, 0.53, 0.0015)
    """
    if effect.scale != "log":
        raise UsageError("the effect is not on the log scale", argument="effect", value=effect.scale)
    answered = np.asarray(effect.known & np.asarray(enough, dtype=np.bool_))
    mixture = NormalMixture(best_rho(information, alpha=alpha))
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(answered, 1.0 / effect.se**2, np.nan)
        half = mixture.bound(seen, alpha=alpha) / seen
        log_e = mixture.log_value(effect.point * seen, seen)
    return LogRatioSequence(
        point=np.where(answered, np.expm1(effect.point), np.nan),
        low=np.expm1(effect.point - half),
        high=np.expm1(effect.point + half),
        log_e=log_e,
        p=np.exp(-np.maximum(log_e, 0.0)),
        answered=answered,
    )


def has_enough(control: Moments, treatment: Moments) -> npt.NDArray[np.bool_]:
    """Whether both means are known to about a third: (mean / se)^2 of at least ten in each arm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.minimum(control.mean**2 / control.se2, treatment.mean**2 / treatment.se2)
    positive = (control.mean > 0) & (treatment.mean > 0)
    return np.asarray(positive & (least >= MIN_INFORMATION))
