"""The gain curve, Qini and AUUC, under one definition, with intervals.

Customers are sorted by predicted effect, the highest first. With psi a customer's effect score (its mean is the
effect, see `outcomes.effect_scores`) and u(i) the share of customers with a lower prediction, ties by half:

    gain(f)  = mean(psi x [among the first f])       outcomes gained per customer of the whole population,
                                                     if the share f of it is treated; gain(1) is the mean effect
    AUUC     = area under gain(f), f from 0 to 1    = mean(psi x u)
    Qini     = AUUC - gain(1) / 2                   = mean(psi x (u - 1/2)), the area above random targeting

Neither is divided by a "perfect" curve: that one is known from outcomes only if nobody would have bought
anyway. Both are in outcomes per customer. Other libraries' definitions are in `other_definitions`.

*Holds when* predictions come from models that did not see the customer. *Does not cover* choosing the learner by
the same Qini.

Source: Radcliffe (2007), Direct Marketing Analytics Journal; the variance is that of a two-sample U-statistic
(van der Vaart 1998, chapter 12).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.schema import F64
from adwright.stats.intervals import normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A number with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GainCurve:
    """What targeting by prediction gains.

    Args:
        shares: Treated shares, from 0 to 1.
        gain: Outcomes gained per customer of the population, one for each share.
        auuc: Area under the curve.
        qini: Area between it and random targeting.
        effect: Mean effect: gain at share 1.
    """

    shares: tuple[float, ...]
    gain: tuple[Bounded, ...]
    auuc: Bounded
    qini: Bounded
    effect: Bounded


def gain_curve(
    scores: npt.ArrayLike, predicted: npt.ArrayLike, *, n_points: int = 21, level: float = 0.95
) -> GainCurve:
    """The curve with pointwise intervals, Qini and AUUC.

    Args:
        scores: (n,) effect scores.
        predicted: (n,) predicted effects, or anything to sort by.
        n_points: Points of the curve, with both ends.
        level: Coverage.

    Raises:
        DataError: lengths that differ, fewer than two customers, numbers that are not finite.

    >>> curve = gain_curve([1.0, 1.0, 0.0, 0.0], [0.4, 0.3, 0.2, 0.1])
    >>> curve.effect.value, curve.qini.value
    (0.5, 0.125)
    """
    psi, by = np.asarray(scores, np.float64), np.asarray(predicted, np.float64)
    if psi.shape != by.shape or psi.ndim != 1 or len(psi) < 2:
        raise DataError("lengths differ", argument="predicted", value=by.shape, allowed=str(psi.shape))
    if not (np.isfinite(psi).all() and np.isfinite(by).all()):
        raise DataError("not finite", argument="scores", value=float("nan"))
    n, z = len(psi), normal_quantile(level)

    def bounded(value: float, pull: F64) -> Bounded:
        half = z * float(np.sqrt(np.sum((pull - pull.mean()) ** 2))) / n
        return Bounded(value=value, low=value - half, high=value + half)

    lower = _share_below(by)
    # the mean score of those above each customer, times their share: the other half of the projection
    above = _sum_above(psi, by) / n
    area, effect = float(np.mean(psi * lower)), float(psi.mean())
    shares = np.linspace(0.0, 1.0, n_points)
    points = []
    for share in shares:
        pull = psi * np.clip((lower - (1.0 - share)) * n + 0.5, 0.0, 1.0)
        # the cut itself moves with the sample: less the effect at the cut (Bahadur)
        points.append(
            bounded(float(pull.mean()), pull - _effect_at(psi, lower, share) * (lower > 1.0 - share))
        )
    return GainCurve(
        shares=tuple(float(s) for s in shares),
        gain=tuple(points),
        auuc=bounded(area, psi * lower + above),
        qini=bounded(area - effect / 2.0, psi * lower + above - psi / 2.0),
        effect=bounded(effect, psi),
    )


def _share_below(by: F64) -> F64:
    """(n,) the share of the others with a lower prediction, ties and oneself by half."""
    order = np.sort(by)
    left, right = np.searchsorted(order, by, "left"), np.searchsorted(order, by, "right")
    return np.asarray((left + right) / 2.0 / len(by))


def _sum_above(psi: F64, by: F64) -> F64:
    """(n,) the sum of the scores of those with a higher prediction, ties by half."""
    order = np.argsort(by, kind="stable")
    sorted_by, running = by[order], np.concatenate([[0.0], np.cumsum(psi[order])])
    left, right = np.searchsorted(sorted_by, by, "left"), np.searchsorted(sorted_by, by, "right")
    return np.asarray(running[-1] - (running[left] + running[right]) / 2.0)


def _effect_at(psi: F64, lower: F64, share: float) -> float:
    """The mean score around the cut: of the tenth of the customers next to it."""
    near = np.abs(lower - (1.0 - share)) <= 0.05
    return float(psi[near].mean()) if near.any() else 0.0
