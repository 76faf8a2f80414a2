"""How many exposures a test takes, read once or looked at on the way.

*Holds when* exposures are independent, and the test is read as its design says: once, at the planned looks (any
looks that the results do not time will do), or at any time.
*Does not cover* exposures that come in clusters (several a customer).

Several arms are each compared with the control; the level is divided by their number (Bonferroni). Dunnett's
test, which uses that all comparisons share the control, would need some 1 to 4 % fewer exposures; the
analysis uses Holm's step-down procedure, which is at least as powerful as what is planned for here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import InfeasibleError, UsageError
from adwright.experiment.design import Design, DesignCost, design_cost
from adwright.experiment.inference.moments import Moments
from adwright.schema import F64
from adwright.stats.proportions import detectable_proportion, size_proportions

DAYS_A_WEEK = 7

Kind = Literal["proportion", "mean", "ratio", "quantile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a test takes.

    Args:
        kind: What is compared: a proportion, a mean, a ratio of sums or a quantile.
        baseline: Of the control: a proportion, or a mean, ratio or quantile in its unit.
        minimum_effect_relative: The relative effect that is found with probability `power`, a fraction.
        n_by_arm: Exposures by arm, the control first.
        alpha: Two-sided level of the whole test.
        alpha_each: Two-sided level of each comparison with the control.
        power: Of each comparison.
        days: Whole days at `daily_exposures`, None where that is not given.
        weeks: The same, rounded up to whole weeks, since weekdays differ; better plan with this.
        design: How it is read: once, at planned looks, or at any time.
        n_looks: Looks until the planned size.
        inflation: Planned size over that of a test that is read once.
        mean_n_total: Exposures at which it ends on average if the planned effect is true.
        explained: Share of the variance that the adjustment by earlier behaviour takes away.
    """

    kind: Kind
    baseline: float
    minimum_effect_relative: float
    n_by_arm: tuple[int, ...]
    alpha: float
    alpha_each: float
    power: float
    daily_exposures: float | None = None
    days: int | None = None
    weeks: int | None = None
    design: Design = "fixed"
    n_looks: int = 1
    inflation: float = 1.0
    mean_n_total: float | None = None
    explained: float = 0.0

    @property
    def n_total(self) -> int:
        """Exposures of all arms."""
        return sum(self.n_by_arm)

    @property
    def n_per_arm(self) -> int:
        """Exposures that every arm must have reached: those of the smallest arm."""
        return min(self.n_by_arm)


def plan_proportions(
    baseline: float,
    minimum_effect_relative: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    n_arms: int = 2,
    shares: Sequence[float] | None = None,
    daily_exposures: float | None = None,
    design: Design = "fixed",
    n_looks: int = 1,
    explained: float = 0.0,
) -> Plan:
    """The exposures that tell a rate from `baseline x (1 + minimum_effect_relative)`.

    Args:
        baseline: Rate of the control, in (0, 1).
        minimum_effect_relative: Smallest effect worth finding, a fraction; may be negative.
        alpha: Two-sided level of the whole test.
        power: Probability of finding that effect.
        n_arms: Arms with the control.
        shares: Of the traffic by arm, the control first; None for equal ones.
        daily_exposures: Exposures a day of all arms together.
        design: "fixed", "group_sequential" or "anytime".
        n_looks: Looks until the planned size, for the latter two.
        explained: Share of the variance that earlier behaviour explains (its squared correlation), in [0, 1).

    Raises:
        UsageError: an argument outside its range.
        InfeasibleError: an effect of 0, or one that would take the rate outside (0, 1).

    >>> plan_proportions(0.05, 0.1).n_by_arm
    (31234, 31234)
    """
    traffic, alpha_each = _traffic(n_arms, shares, alpha)
    _check_open("baseline", baseline)
    target = baseline * (1.0 + minimum_effect_relative)
    if not 0.0 < target < 1.0 or minimum_effect_relative == 0.0:
        raise InfeasibleError(
            "no such effect can be found",
            argument="minimum_effect_relative",
            value=minimum_effect_relative,
            allowed="not 0, and a rate that stays between 0 and 1",
        )
    total = max(
        size_proportions(baseline, target, alpha=alpha_each, power=power, ratio=share / traffic[0])
        / traffic[0]
        for share in traffic[1:]
    )
    cost = design_cost(design, n_looks=n_looks, alpha=alpha_each, power=power)
    return _plan(
        Plan(
            kind="proportion",
            baseline=baseline,
            minimum_effect_relative=minimum_effect_relative,
            n_by_arm=(),
            alpha=alpha,
            alpha_each=alpha_each,
            power=power,
            daily_exposures=daily_exposures,
            explained=explained,
        ),
        total,
        traffic=traffic,
        cost=cost,
    )


def plan_means(
    baseline: float,
    minimum_effect_relative: float,
    *,
    sd: float,
    alpha: float = 0.05,
    power: float = 0.8,
    n_arms: int = 2,
    shares: Sequence[float] | None = None,
    daily_exposures: float | None = None,
    design: Design = "fixed",
    n_looks: int = 1,
    explained: float = 0.0,
    kind: Kind = "mean",
) -> Plan:
    """The exposures that tell a mean (value per exposure) from `baseline x (1 + minimum_effect_relative)`.

    Normal approximation, with the same standard deviation in all arms.

    Args:
        baseline: Mean of the control per exposure, minor units, not 0.
        minimum_effect_relative: Smallest effect worth finding, a fraction.
        sd: Standard deviation of the value of one exposure, minor units (see `value_sd`).
        alpha: Two-sided level of the whole test.
        power: Probability of finding that effect.
        n_arms: Arms with the control.
        shares: Of the traffic by arm, the control first; None for equal ones.
        daily_exposures: Exposures a day of all arms together.
        design: "fixed", "group_sequential" or "anytime".
        n_looks: Looks until the planned size, for the latter two.
        explained: Share of the variance that earlier behaviour explains (its squared correlation), in [0, 1).
        kind: "mean"; or "ratio" or "quantile", whose `sd` is that of one unit (`unit_sd`).

    >>> plan_means(100.0, 0.05, sd=100.0).n_by_arm
    (6280, 6280)
    """
    traffic, alpha_each = _traffic(n_arms, shares, alpha)
    effect = baseline * minimum_effect_relative
    if effect == 0.0 or not math.isfinite(effect):
        raise InfeasibleError("no such effect can be found", argument="baseline x effect", value=effect)
    if not sd > 0.0:
        raise UsageError("not a standard deviation", argument="sd", value=sd, allowed="above 0")
    _check_open("power", power)
    reach = float(special.ndtri(1 - alpha_each / 2) + special.ndtri(power))
    total = max((reach * sd / effect) ** 2 * (1 / traffic[0] + 1 / share) for share in traffic[1:])
    cost = design_cost(design, n_looks=n_looks, alpha=alpha_each, power=power)
    return _plan(
        Plan(
            kind=kind,
            baseline=baseline,
            minimum_effect_relative=minimum_effect_relative,
            n_by_arm=(),
            alpha=alpha,
            alpha_each=alpha_each,
            power=power,
            daily_exposures=daily_exposures,
            explained=explained,
        ),
        total,
        traffic=traffic,
        cost=cost,
    )


def minimum_effect(
    baseline: float,
    n_total: float,
    *,
    sd: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    n_arms: int = 2,
    shares: Sequence[float] | None = None,
    design: Design = "fixed",
    n_looks: int = 1,
    explained: float = 0.0,
) -> float:
    """The smallest relative rise that this many exposures (all arms together) find.

    Args:
        baseline: Of the control: a rate, or with `sd` a mean, ratio or quantile.
        n_total: Exposures of all arms.
        sd: Standard deviation of one exposure (of one unit, see `unit_sd`); None for a rate.
        alpha: Two-sided level of the whole test.
        power: Probability of finding it.
        n_arms: Arms with the control.
        shares: Of the traffic by arm, the control first; None for equal ones.
        design: See `plan_proportions`, as the following.
        n_looks: Looks until `n_total`.
        explained: Share of the variance that earlier behaviour explains.

    >>> round(minimum_effect(0.05, 2 * 31234), 3), round(minimum_effect(100.0, 2 * 6280, sd=100.0), 3)
    (0.1, 0.05)
    """
    traffic, alpha_each = _traffic(n_arms, shares, alpha)
    _check_explained(explained)
    if not n_total > 0.0:
        raise UsageError("no exposures", argument="n_total", value=n_total, allowed="above 0")
    cost = design_cost(design, n_looks=n_looks, alpha=alpha_each, power=power)
    size = n_total / cost.inflation / (1.0 - explained)
    smallest = min(traffic[1:])
    if sd is None:
        found = detectable_proportion(
            baseline, n_a=size * traffic[0], n_b=size * smallest, alpha=alpha_each, power=power
        )
        return found / baseline - 1.0
    if not sd > 0.0 or baseline == 0.0 or not size > 0.0:
        raise UsageError(
            "not a mean, its spread and a size",
            argument="baseline, sd, n_total",
            value=(baseline, sd, n_total),
        )
    reach = float(special.ndtri(1 - alpha_each / 2) + special.ndtri(power))
    return reach * sd * math.sqrt((1 / traffic[0] + 1 / smallest) / size) / abs(baseline)


def power_means(effect_size: npt.ArrayLike, *, n_a: float, n_b: float, alpha: float = 0.05) -> F64:
    """The power of the two-sided comparison of two means, normal approximation.

    Args:
        effect_size: Difference of the means over the standard deviation.
        n_a: Exposures of the control.
        n_b: Exposures of the other arm.
        alpha: Two-sided level.

    >>> round(float(power_means(0.05, n_a=6280, n_b=6280)), 4)
    0.8001
    """
    _check_open("alpha", alpha)
    shift = np.abs(np.asarray(effect_size, np.float64)) / math.sqrt(1 / n_a + 1 / n_b)
    z = special.ndtri(1 - alpha / 2)
    return np.asarray(special.ndtr(shift - z) + special.ndtr(-shift - z), dtype=np.float64)


def value_sd(p_conversion: float, *, order_mean: float, order_sd: float) -> float:
    """The standard deviation of the value of one exposure, most of which bring nothing.

    Args:
        p_conversion: Conversions per exposure.
        order_mean: Mean value of an order, minor units.
        order_sd: Standard deviation of the value of an order, minor units.

    >>> round(value_sd(0.01, order_mean=5000, order_sd=2500), 1)
    556.8
    """
    second_moment = p_conversion * (order_mean**2 + order_sd**2)
    return math.sqrt(second_moment - (p_conversion * order_mean) ** 2)


def unit_sd(moments: Moments) -> float:
    """The standard deviation of one unit from an arm's moments, as a plan for a ratio or a quantile needs it.

    Args:
        moments: Of a single arm, for example `RatioSummary(...).moments()` of last month's traffic.
    """
    return float(np.sqrt(moments.variance))


def _plan(made: Plan, total: float, *, traffic: Sequence[float], cost: DesignCost) -> Plan:
    """The plan with its sizes: those of a test that is read once, times what the design and adjustment make."""
    _check_explained(made.explained)
    size = total * (1.0 - made.explained) * cost.inflation
    days, weeks = _duration(size, made.daily_exposures)
    return replace(
        made,
        n_by_arm=tuple(_whole(size * share) for share in traffic),
        days=days,
        weeks=weeks,
        design=cost.design,
        n_looks=cost.n_looks,
        inflation=cost.inflation,
        mean_n_total=size * cost.mean_share,
    )


def _traffic(n_arms: int, shares: Sequence[float] | None, alpha: float) -> tuple[tuple[float, ...], float]:
    """Shares by arm, and the level of each comparison."""
    _check_open("alpha", alpha)
    if n_arms < 2:
        raise UsageError("a test needs a control and another arm", argument="n_arms", value=n_arms)
    traffic = tuple(shares) if shares is not None else (1.0 / n_arms,) * n_arms
    if len(traffic) != n_arms or min(traffic) <= 0.0 or abs(sum(traffic) - 1.0) > 1e-9:
        raise UsageError(
            "not the shares of the arms",
            argument="shares",
            value=traffic,
            allowed=f"{n_arms} shares above 0 that sum to 1",
        )
    return traffic, alpha / (n_arms - 1)


def _duration(n_total: float, daily_exposures: float | None) -> tuple[int | None, int | None]:
    if daily_exposures is None:
        return None, None
    if not daily_exposures > 0:
        raise UsageError("no traffic", argument="daily_exposures", value=daily_exposures, allowed="above 0")
    days = _whole(n_total / daily_exposures)
    return days, -(-days // DAYS_A_WEEK)


def _whole(number: float) -> int:
    """Rounded up, but not for the sake of a rounding error."""
    return max(1, math.ceil(number * (1 - 1e-12)))


def _check_open(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise UsageError("not a fraction", argument=name, value=value, allowed="between 0 and 1")


def _check_explained(explained: float) -> None:
    if not 0.0 <= explained < 1.0:
        raise UsageError(
            "not a share of the variance", argument="explained", value=explained, allowed="0 to below 1"
        )
