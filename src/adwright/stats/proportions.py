"""Comparing two proportions: the test, its power, and how many trials it takes.

*Holds when* trials are independent and the data are tested once, at a size that was fixed before.
*Does not cover* repeated looks, or trials that come in clusters (several a customer) unless the caller
gives `dispersion`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from adwright.errors import InfeasibleError, UsageError
from adwright.schema import F64, Bools
from adwright.stats.intervals import checked_counts

MIN_EXPECTED = 5.0
"""Below this expected count in any cell of the two-by-two table Fisher's exact test takes over (Cochran)."""

_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProportionTest:
    """n two-sided tests of p_b = p_a.

    Args:
        difference: (n,) p_b - p_a.
        z: (n,) the pooled score statistic, also where Fisher's test gave the p-value.
        p: (n,) two-sided p-value; 0 only where it is below 1e-308.
        log_p: (n,) its natural logarithm, finite however small p is.
        exact: (n,) True where Fisher's exact test was used.
    """

    difference: F64
    z: F64
    p: F64
    log_p: F64
    exact: Bools


def compare_proportions(
    successes_a: npt.ArrayLike,
    trials_a: npt.ArrayLike,
    *,
    successes_b: npt.ArrayLike,
    trials_b: npt.ArrayLike,
    dispersion: npt.ArrayLike = 1.0,
) -> ProportionTest:
    """Two-sided tests of p_b = p_a, for arrays: pooled z, Fisher's exact test where counts are low.

    Args:
        successes_a: (n,) or scalar counts of the control.
        trials_a: (n,) or scalar.
        successes_b: (n,) or scalar counts of the other arm.
        trials_b: (n,) or scalar.
        dispersion: Variance relative to the binomial, >= 1. Above 1 the z test is used throughout, since
            the exact test cannot be widened.

    Raises:
        UsageError: negative counts, more successes than trials, or no trials.

    >>> test = compare_proportions([500, 5], [10_000, 1000], successes_b=[570, 15], trials_b=[10_000, 1000])
    >>> test.p.round(4).tolist()
    [0.0278, 0.0246]
    """
    k_a, n_a = checked_counts(successes_a, trials_a)
    k_b, n_b = checked_counts(successes_b, trials_b)
    k_a, n_a, k_b, n_b, phi = np.broadcast_arrays(*np.atleast_1d(k_a, n_a, k_b, n_b, np.asarray(dispersion)))
    if np.any(n_a == 0) or np.any(n_b == 0):
        raise UsageError("an arm has no trials", argument="trials", value=0, allowed="1 or more")
    if np.any(~(phi >= 1.0)):
        raise UsageError("not a dispersion", argument="dispersion", value=dispersion, allowed="1 or more")
    pooled = (k_a + k_b) / (n_a + n_b)
    variance = pooled * (1.0 - pooled) * (1.0 / n_a + 1.0 / n_b) * phi
    difference = k_b / n_b - k_a / n_a
    z = np.divide(difference, np.sqrt(variance), out=np.zeros_like(difference), where=variance > 0)
    log_p = np.minimum(np.log(2.0) + special.log_ndtr(-np.abs(z)), 0.0)
    smallest = np.minimum(n_a, n_b) * np.minimum(pooled, 1.0 - pooled)
    exact = (smallest < MIN_EXPECTED) & (phi == 1.0)
    if np.any(exact):
        log_p[exact] = fisher_log_p(k_a[exact], n_a[exact], successes_b=k_b[exact], trials_b=n_b[exact])
    return ProportionTest(difference=difference, z=z, p=np.exp(log_p), log_p=log_p, exact=exact)


def fisher_log_p(successes_a: F64, trials_a: F64, *, successes_b: F64, trials_b: F64) -> F64:
    """Natural logarithms of the two-sided p-values of Fisher's exact test, for arrays of shape (n,).

    The sum over all tables with the same margins that are no likelier than the one seen. The likelihoods
    come from the ratio of neighbouring tables, so they stay exact where factorials would lose digits.

    Source: Fisher (1922); two-sided as in R's fisher.test.

    >>> one = np.ones(1)
    >>> float(np.exp(fisher_log_p(1 * one, 10 * one, successes_b=8 * one, trials_b=10 * one))[0]).__round__(6)
    0.005477
    """
    total = successes_a + successes_b
    first = np.maximum(0.0, total - trials_b)
    last = np.minimum(total, trials_a)
    out = np.empty(len(total))
    order = np.argsort(last - first, kind="stable")
    start = 0
    while start < len(order):
        widest = np.cumsum(np.ones(len(order) - start)) * (last - first + 1.0)[order[start:]]
        stop = start + max(1, int(np.searchsorted(widest, _CELLS_AT_ONCE)))
        rows = order[start:stop]
        out[rows] = _fisher_block(
            successes_a[rows],
            trials_a[rows],
            n_b=trials_b[rows],
            total=total[rows],
            first=first[rows],
            last=last[rows],
        )
        start = stop
    return out


def _fisher_block(seen: F64, n_a: F64, *, n_b: F64, total: F64, first: F64, last: F64) -> F64:
    width = int(np.max(last - first)) + 1
    x = first[:, None] + np.arange(width)
    inside = x <= last[:, None]
    previous = x[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.log(
            (total[:, None] - previous)
            * (n_a[:, None] - previous)
            / ((previous + 1.0) * (n_b[:, None] - total[:, None] + previous + 1.0))
        )
    log_mass = np.zeros_like(x)
    np.cumsum(np.where(inside[:, 1:], step, 0.0), axis=1, out=log_mass[:, 1:])
    log_mass[~inside] = -np.inf
    at_seen = np.take_along_axis(log_mass, (seen - first).astype(np.int64)[:, None], axis=1)
    as_rare = np.where(log_mass <= at_seen + 1e-7, log_mass, -np.inf)
    p = special.logsumexp(as_rare, axis=1) - special.logsumexp(log_mass, axis=1)
    return np.minimum(np.asarray(p, dtype=np.float64), 0.0)


def power_proportions(
    p_a: float, p_b: float, *, n_a: npt.ArrayLike, n_b: npt.ArrayLike, alpha: float = 0.05
) -> F64:
    """The probability that the two-sided pooled z test at `alpha` finds p_b > p_a (or <, the true side).

    Args:
        p_a: True proportion of the control, in (0, 1).
        p_b: True proportion of the other arm, in (0, 1).
        n_a: Trials of the control.
        n_b: Trials of the other arm.
        alpha: Two-sided level.

    >>> float(power_proportions(0.05, 0.055, n_a=31234, n_b=31234)).__round__(4)
    0.8
    """
    _check_proportion("p_a", p_a)
    _check_proportion("p_b", p_b)
    _check_open("alpha", alpha)
    n1, n2 = np.asarray(n_a, np.float64), np.asarray(n_b, np.float64)
    # The variances under the null weigh both arms alike, as in the sample-size formula below.
    pooled = (n1 * p_a + n2 * p_b) / (n1 + n2)
    null = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    alternative = np.sqrt(p_a * (1 - p_a) / n1 + p_b * (1 - p_b) / n2)
    shift = abs(p_b - p_a) - special.ndtri(1 - alpha / 2) * null
    return np.asarray(special.ndtr(shift / alternative), dtype=np.float64)


def size_proportions(
    p_a: float, p_b: float, *, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """The trials that the control needs so that the test of p_b against p_a has this power, unrounded.

    Args:
        p_a: Proportion of the control, in (0, 1).
        p_b: Proportion to be told from it, in (0, 1).
        alpha: Two-sided level.
        power: Wanted power.
        ratio: Trials of the other arm per trial of the control.

    Source: Fleiss, Levin and Paik (2003), section 4.2, without the continuity correction.

    >>> round(size_proportions(0.05, 0.055), 1)
    31233.4
    """
    for name, value in (("p_a", p_a), ("p_b", p_b)):
        _check_proportion(name, value)
    for name, value in (("alpha", alpha), ("power", power)):
        _check_open(name, value)
    if not ratio > 0:
        raise UsageError("not a ratio", argument="ratio", value=ratio, allowed="above 0")
    if p_a == p_b:
        raise InfeasibleError("no number of trials tells equal proportions apart", argument="p_b", value=p_b)
    pooled = (p_a + ratio * p_b) / (1 + ratio)
    null = np.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    alternative = np.sqrt(p_a * (1 - p_a) + p_b * (1 - p_b) / ratio)
    reach = special.ndtri(1 - alpha / 2) * null + special.ndtri(power) * alternative
    return float((reach / (p_b - p_a)) ** 2)


def detectable_proportion(
    p_a: float, *, n_a: float, n_b: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest p_b above p_a that the test finds with this power at these sizes.

    Raises:
        InfeasibleError: not even p_b = 1 would be found.

    >>> round(detectable_proportion(0.05, n_a=31234, n_b=31234), 4)
    0.055
    """
    _check_proportion("p_a", p_a)
    _check_open("power", power)

    def lacking(p_b: float) -> float:
        return float(power_proportions(p_a, p_b, n_a=n_a, n_b=n_b, alpha=alpha)) - power

    top = 1.0 - 1e-9
    if lacking(top) < 0:
        raise InfeasibleError(
            "too few trials to find any effect", argument="n_a", value=n_a, hint="Plan for more traffic."
        )
    return float(optimize.brentq(lacking, p_a * (1 + 1e-9), top, xtol=1e-12))


def _check_proportion(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise UsageError("not a proportion", argument=name, value=value, allowed="between 0 and 1")


def _check_open(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise UsageError("not a probability", argument=name, value=value, allowed="between 0 and 1")
