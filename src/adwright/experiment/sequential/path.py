"""One comparison over its looks: statistic, bound, where it crossed, and the interval that holds at all looks.

Which method reads it depends on the design and the counts, never on the result:

| design | rates with up to `MOST_EXACT` conversions | else |
|---|---|---|
| group-sequential | exact bounds on the counts | normal bounds on z |
| anytime (up to `FEW_CONVERSIONS`) | exact count test, from ten conversions on | log-ratio confidence sequence |

Rates whose counts vary more than independent trials would (`dispersion` above 1) are read by the normal methods
with a widened variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.experiment.inference.lift import Lift, lift
from adwright.experiment.inference.moments import Moments
from adwright.experiment.inference.summaries import ProportionSummary, Summary
from adwright.experiment.inference.t_test import log_t_tail
from adwright.experiment.sequential.counts import MIN_CONVERSIONS, count_sequence, rate_ratio_sequence
from adwright.experiment.sequential.exact_groups import count_bounds
from adwright.experiment.sequential.group_sequential import bounds
from adwright.experiment.sequential.log_ratio import has_enough, log_ratio_sequence
from adwright.experiment.sequential.spending import Spending
from adwright.schema import F64

Method = Literal["exact bounds", "normal bounds", "exact counts", "log-ratio sequence"]
Reason = Literal["", "few_conversions", "no_variance"]

MOST_EXACT = 5000
"""Conversions up to which the exact distribution is computed; beyond, the normal one has the same digits."""
_EXACT_COUNTS: Method = "exact counts"
_LOG_RATIO: Method = "log-ratio sequence"

FEW_CONVERSIONS = 500
"""Up to so many the exact count test reads an anytime test of rates: it is the sharper one there."""
COUNT_TUNING = 100.0
"""Conversions at which the exact count test is strongest."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LookPath:
    """The comparison of an arm with the control, look by look.

    Args:
        t: (looks,) share of the planned size; of an anytime test, exposures so far.
        statistic: (looks,) z of the difference; NaN where there is no answer.
        bound: (looks,) |statistic| at or above it decides; NaN where there is no bound on this scale.
        low: (looks,) relative effect, lower end of the interval that holds at all looks; NaN without an answer.
        high: (looks,) upper end.
        crossed: First look that decides, None while none has.
        side: +1 or -1 where it decided, 0 while it has not.
        log_e: (looks,) evidence of an anytime test, NaN for the others.
        methods: (looks,) how each look was read.
        reason: Why the last look has no answer, "" where it has one.
    """

    t: F64
    statistic: F64
    bound: F64
    low: F64
    high: F64
    crossed: int | None
    side: int
    log_e: F64
    methods: tuple[Method, ...]
    reason: Reason


def group_path_counts(
    control: ProportionSummary,
    treatment: ProportionSummary,
    *,
    t: npt.ArrayLike,
    alpha: float = 0.05,
    spending: Spending | None = None,
    dispersion: float = 1.0,
) -> LookPath:
    """Two rates at planned looks; the summaries hold cumulative counts, shape (looks,).

    >>> n = np.array([1000, 2000, 3000])
    >>> a, b = ProportionSummary(n=n, successes=[5, 11, 15]), ProportionSummary(n=n, successes=[9, 25, 42])
    >>> path = group_path_counts(a, b, t=[1 / 3, 2 / 3, 1.0])
    >>> path.crossed, path.side, path.methods[-1]
    (2, 1, 'exact bounds')
    """
    k_a, k_b = (np.asarray(s.successes, np.float64) for s in (control, treatment))
    n_a, n_b = (np.broadcast_to(np.asarray(s.n, np.float64), k_a.shape) for s in (control, treatment))
    if dispersion > 1.0 or float((k_a + k_b)[-1]) > MOST_EXACT:
        effect = _widened(lift(control, treatment, scale="absolute"), dispersion)
        log = _widened(lift(control, treatment, scale="log"), dispersion)
        return _group_path(effect, log, t=t, alpha=alpha, spending=spending)
    exact = count_bounds(n_a, k_a, trials_b=n_b, successes_b=k_b, t=t, alpha=alpha, spending=spending)
    answered = (k_a + k_b) >= MIN_CONVERSIONS
    above, below = exact.seen >= exact.high, exact.seen <= exact.low
    log = lift(control, treatment, scale="log")
    statistic = np.where(answered, _pooled_z(n_a, k_a, n_b, k_b), np.nan)
    return _path(
        t,
        statistic,
        exact.z,
        log=log,
        answered=answered,
        sides=above.astype(np.int64) - below.astype(np.int64),
        method="exact bounds",
        reason="few_conversions",
    )


def group_path(
    control: Summary,
    treatment: Summary,
    *,
    t: npt.ArrayLike,
    alpha: float = 0.05,
    spending: Spending | None = None,
) -> LookPath:
    """Any metric at planned looks, by normal bounds; the summaries hold cumulative numbers, shape (looks,)."""
    effect, log = lift(control, treatment, scale="absolute"), lift(control, treatment, scale="log")
    return _group_path(effect, log, t=t, alpha=alpha, spending=spending)


def anytime_path_counts(
    control: ProportionSummary,
    treatment: ProportionSummary,
    *,
    share_b: float,
    information: float,
    alpha: float = 0.05,
    dispersion: float = 1.0,
) -> LookPath:
    """Two rates at any looks.

    Args:
        control: Cumulative counts, shape (looks,).
        treatment: Those of the other arm.
        share_b: Its share of the traffic of these two arms.
        information: See `log_ratio.planned_information`.
        alpha: Level over all looks.
        dispersion: Variance of the counts over that of independent trials, at least 1.
    """
    path = anytime_path(control, treatment, information=information, alpha=alpha, dispersion=dispersion)
    if dispersion > 1.0:
        return path
    found = count_evidence(control, treatment, share_b=share_b, information=information, alpha=alpha)
    low, high = path.low.copy(), path.high.copy()
    for look in np.flatnonzero(found.exact):
        k_a, k_b = (float(np.asarray(s.successes)[look]) for s in (control, treatment))
        ends = rate_ratio_sequence(k_a, k_b, share_b=share_b, alpha=alpha, tuning=COUNT_TUNING)
        low[look], high[look] = ends[0] - 1.0, ends[1] - 1.0
    crossed, side = _first(found.log_e, found.z, alpha)
    return LookPath(
        t=path.t,
        statistic=found.z,
        bound=np.where(found.exact, np.nan, path.bound),
        low=low,
        high=high,
        crossed=crossed,
        side=side,
        log_e=found.log_e,
        methods=tuple(_EXACT_COUNTS if exact else _LOG_RATIO for exact in found.exact),
        reason="" if np.isfinite(found.log_e[-1]) else "few_conversions",
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CountEvidence:
    """Evidence of an anytime test of two rates, arrays of any shape; NaN where there is no answer.

    Args:
        log_e: Logarithm of the e-value: at or above log(1 / alpha) it decides.
        z: The difference in standard errors, for its side.
        exact: Where the exact count test reads it.
    """

    log_e: F64
    z: F64
    exact: npt.NDArray[np.bool_]


def count_evidence(
    control: ProportionSummary,
    treatment: ProportionSummary,
    *,
    share_b: float,
    information: float,
    alpha: float = 0.05,
) -> CountEvidence:
    """The evidence at each look, for counts of any shape; arguments as for `anytime_path_counts`."""
    k_a, k_b = (np.asarray(s.successes, np.float64) for s in (control, treatment))
    log = lift(control, treatment, scale="log")
    enough = has_enough(*control.pair(treatment))
    sequence = log_ratio_sequence(log, information=information, alpha=alpha, enough=enough)
    counts = count_sequence(k_a, k_b, share_b=share_b, tuning=COUNT_TUNING)
    total = k_a + k_b
    exact = counts.answered & (~sequence.answered | (total <= FEW_CONVERSIONS))
    with np.errstate(divide="ignore", invalid="ignore"):
        z_counts = (k_b - share_b * total) / np.sqrt(total * share_b * (1.0 - share_b))
        z = np.where(exact, z_counts, log.point / log.se)
    log_e = np.where(exact, counts.log_e, np.where(counts.answered, sequence.log_e, np.nan))
    return CountEvidence(log_e=log_e, z=np.where(np.isnan(log_e), np.nan, z), exact=np.asarray(exact))


def anytime_path(
    control: Summary,
    treatment: Summary,
    *,
    information: float,
    alpha: float = 0.05,
    dispersion: float = 1.0,
) -> LookPath:
    """Any metric at any looks, by the log-ratio sequence; see `anytime_path_counts` for the arguments."""
    moments = control.pair(treatment)
    log = _widened(lift(control, treatment, scale="log"), dispersion)
    enough = has_enough(*(_scaled(m, dispersion) for m in moments))
    found = log_ratio_sequence(log, information=information, alpha=alpha, enough=enough)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(found.answered, log.point / log.se, np.nan)
        bound = np.where(found.answered, z * (np.log1p(found.high) - log.point) / log.point, np.nan)
    crossed, side = _first(found.log_e, z, alpha)
    return LookPath(
        t=log.n,
        statistic=z,
        bound=np.abs(bound),
        low=found.low,
        high=found.high,
        crossed=crossed,
        side=side,
        log_e=found.log_e,
        methods=(_LOG_RATIO,) * len(z),
        reason="" if found.answered[-1] else "few_conversions",
    )


def z_statistic(effect: Lift) -> F64:
    """The effect in standard errors, a t of few units brought to the z with the same tail; NaN without variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(effect.known, effect.point / effect.se, np.nan)
    tail = np.minimum(log_t_tail(np.abs(t), effect.dof), np.log(0.5))
    return np.asarray(np.sign(t) * -special.ndtri_exp(tail))


def _first(log_e: F64, z: F64, alpha: float) -> tuple[int | None, int]:
    """The first look whose evidence decides, and its side."""
    decided = np.nan_to_num(log_e, nan=-np.inf) >= -np.log(alpha)
    if not decided.any():
        return None, 0
    look = int(np.argmax(decided))
    return look, int(np.sign(z[look]))


def _group_path(
    effect: Lift, log: Lift, *, t: npt.ArrayLike, alpha: float, spending: Spending | None
) -> LookPath:
    limit = bounds(t, alpha=alpha, spending=spending).z
    z = z_statistic(effect)
    crossed = np.abs(np.nan_to_num(z)) >= limit
    return _path(
        t,
        z,
        limit,
        log=log,
        answered=effect.known,
        sides=np.where(crossed, np.sign(np.nan_to_num(z)), 0).astype(np.int64),
        method="normal bounds",
        reason="no_variance",
    )


def _path(
    t: npt.ArrayLike,
    statistic: F64,
    bound: F64,
    *,
    log: Lift,
    answered: npt.NDArray[np.bool_],
    sides: npt.NDArray[np.int64],
    method: Method,
    reason: Reason,
) -> LookPath:
    decided = (sides != 0) & answered
    crossed = int(np.argmax(decided)) if decided.any() else None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low, high = np.expm1(log.point - bound * log.se), np.expm1(log.point + bound * log.se)
    return LookPath(
        t=np.asarray(t, np.float64),
        statistic=statistic,
        bound=bound,
        low=np.where(answered, low, np.nan),
        high=np.where(answered, high, np.nan),
        crossed=crossed,
        side=0 if crossed is None else int(sides[crossed]),
        log_e=np.full(len(statistic), np.nan),
        methods=(method,) * len(statistic),
        reason="" if answered[-1] else reason,
    )


def _pooled_z(n_a: F64, k_a: F64, n_b: F64, k_b: F64) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (k_a + k_b) / (n_a + n_b)
        return np.asarray((k_b / n_b - k_a / n_a) / np.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b)))


def _widened(effect: Lift, dispersion: float) -> Lift:
    return Lift(
        scale=effect.scale,
        point=effect.point,
        se=effect.se * np.sqrt(dispersion),
        dof=effect.dof,
        n=effect.n,
        control=effect.control,
    )


def _scaled(moments: Moments, dispersion: float) -> Moments:
    return Moments(
        n=moments.n / dispersion,
        mean=moments.mean,
        raw_mean=moments.raw_mean,
        raw_variance=moments.raw_variance,
        shared=moments.shared,
        shift=moments.shift,
        grows_with_adjusted=moments.grows_with_adjusted,
    )
