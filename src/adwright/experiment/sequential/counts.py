"""An exact test of two rates that may be read at every look, and needs no planned size: which arm converts?

Under the null hypothesis of equal rates each conversion falls to the treatment with its share of the traffic,
independently of everything. So the conversions are tosses of a coin whose chance is known, and the beta-binomial
mixture is an e-value for it at every count. Fixed exposures by arm instead of a random split only lower its
variance: the test stays valid.

*Holds when* units are assigned at random with fixed shares, and each converts at most once.

Source: Howard et al. (2021), section 4.3; Robbins (1970) for the mixture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, UsageError
from adwright.experiment.sequential.bernoulli import bernoulli_sequence
from adwright.experiment.sequential.mixtures import BetaBinomialMixture, best_rho
from adwright.schema import F64

MIN_CONVERSIONS = 10
"""Below so many conversions of both arms together there is no answer."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CountSequence:
    """The reading of the counts, arrays of one shape.

    Args:
        log_e: Logarithm of the e-value: evidence against equal rates, 0 at the start.
        p: The p-value that may be read at every look, min(1, 1 / e); NaN below ten conversions.
        answered: Whether there are ten conversions.
    """

    log_e: F64
    p: F64
    answered: npt.NDArray[np.bool_]


def count_sequence(
    successes_a: npt.ArrayLike, successes_b: npt.ArrayLike, *, share_b: float, tuning: float = 100.0
) -> CountSequence:
    """The e-value of the conversions so far.

    Args:
        successes_a: Conversions of the control, any shape.
        successes_b: Of the other arm.
        share_b: Its share of the traffic of these two arms, in (0, 1).
        tuning: Conversions of both arms at which the test is to be strongest; fixed before the test.

    >>> count_sequence(5, 25, share_b=0.5, tuning=50).p.round(4).tolist()
    0.0054
    """
    k_a, k_b = np.asarray(successes_a, np.float64), np.asarray(successes_b, np.float64)
    if np.any(~(k_a >= 0)) or np.any(~(k_b >= 0)):
        raise DataError("a negative count", argument="successes", value=(k_a, k_b), allowed="0 or more")
    variance = _variance(share_b)
    mixture = BetaBinomialMixture(best_rho(tuning * variance), share_b, 1.0 - share_b)
    total = k_a + k_b
    log_e = mixture.log_value(k_b - share_b * total, variance * total)
    answered = np.asarray(total >= MIN_CONVERSIONS)
    p = np.where(answered, np.exp(-np.maximum(log_e, 0.0)), np.nan)
    return CountSequence(log_e=log_e, p=np.asarray(p), answered=answered)


def rate_ratio_sequence(
    successes_a: float, successes_b: float, *, share_b: float, alpha: float = 0.05, tuning: float = 100.0
) -> tuple[float, float]:
    """The interval of rate b over rate a that holds at every look; (0, inf) before there is a conversion.

    >>> low, high = rate_ratio_sequence(50, 90, share_b=0.5)
    >>> round(low, 2), round(high, 2)
    (1.06, 3.16)
    """
    total = successes_a + successes_b
    if total == 0:
        return 0.0, float("inf")
    odds = share_b / (1.0 - share_b)
    _variance(share_b)
    low, high = bernoulli_sequence(successes_b, total, alpha=alpha, t_opt=tuning)
    with np.errstate(divide="ignore"):
        top = np.inf if high >= 1.0 - 1e-12 else high / (1.0 - high) / odds
    return low / (1.0 - low) / odds, float(top)


def _variance(share_b: float) -> float:
    if not 0.0 < share_b < 1.0:
        raise UsageError("not a share", argument="share_b", value=share_b, allowed="between 0 and 1")
    return share_b * (1.0 - share_b)
