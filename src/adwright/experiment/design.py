"""What looking before the end costs: how much larger a sequential test is, and how soon it ends on average.

Source: Jennison and Turnbull (2000), sections 2.2 and 7.2 (inflation factors, average sample numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special

from adwright.errors import UsageError
from adwright.experiment.sequential.group_sequential import bounds, crossing_probability
from adwright.experiment.sequential.mixtures import NormalMixture, best_rho
from adwright.experiment.sequential.spending import Spending
from adwright.schema import F64

Design = Literal["fixed", "group_sequential", "anytime"]
DESIGNS = ("fixed", "group_sequential", "anytime")
_LONGEST = 4.0
"""An open-ended test is followed up to so many times the size of a fixed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignCost:
    """The size of a design relative to a test that is read once.

    Args:
        design: Which.
        n_looks: How often it is read.
        inflation: Largest size over that of the fixed test; for "anytime", the size by which the wanted power
            is reached.
        mean_share: Mean size at which it ends, over the largest one, where the planned effect is true.
        mean_share_null: The same where there is no effect.
    """

    design: Design
    n_looks: int
    inflation: float
    mean_share: float
    mean_share_null: float


def design_cost(
    design: Design,
    *,
    n_looks: int = 1,
    alpha: float = 0.05,
    power: float = 0.8,
    spending: Spending | None = None,
) -> DesignCost:
    """What the design costs for looks at equal distances.

    Args:
        design: "fixed", "group_sequential" or "anytime".
        n_looks: Looks until the largest size.
        alpha: Two-sided level.
        power: Wanted power.
        spending: Of the group-sequential design; power family with exponent 3 where None.

    Raises:
        UsageError: an unknown design, no look, or probabilities outside (0, 1).

    >>> cost = design_cost("group_sequential", n_looks=5)
    >>> round(cost.inflation, 3), round(cost.mean_share, 3)
    (1.032, 0.781)
    """
    if design not in DESIGNS:
        raise UsageError("unknown design", argument="design", value=design, allowed=", ".join(DESIGNS))
    if n_looks < 1 or not 0.0 < alpha < 1.0 or not alpha < power < 1.0:
        raise UsageError(
            "not looks or probabilities", argument="n_looks, alpha, power", value=(n_looks, alpha, power)
        )
    reach = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    if design == "fixed":
        return DesignCost(design=design, n_looks=1, inflation=1.0, mean_share=1.0, mean_share_null=1.0)
    t = np.arange(1, n_looks + 1) / n_looks
    if design == "anytime":
        return _anytime(n_looks, reach=reach, alpha=alpha, power=power)
    z = bounds(t, spending=spending, alpha=alpha).z
    drift = float(
        optimize.brentq(
            lambda d: crossing_probability(t, z, drift=d)[-1] - power, reach * 0.5, reach * 3.0, xtol=1e-6
        )
    )
    return DesignCost(
        design=design,
        n_looks=n_looks,
        inflation=(drift / reach) ** 2,
        mean_share=_mean_share(crossing_probability(t, z, drift=drift)),
        mean_share_null=_mean_share(crossing_probability(t, z)),
    )


def _anytime(n_looks: int, *, reach: float, alpha: float, power: float) -> DesignCost:
    """The log-ratio sequence, tuned to the size of the fixed test and read at looks up to four times that."""
    count = int(np.ceil(n_looks * _LONGEST))
    t = np.arange(1, count + 1) / n_looks
    information = reach**2 * t
    z = NormalMixture(best_rho(reach**2, alpha=alpha)).bound(information, alpha=alpha) / np.sqrt(information)
    crossed = crossing_probability(t, z, drift=reach)
    enough = np.flatnonzero(crossed >= power)
    last = int(enough[0]) if len(enough) else count - 1
    cut = crossed[: last + 1]
    null = crossing_probability(t, z)[: last + 1]
    return DesignCost(
        design="anytime",
        n_looks=last + 1,
        inflation=float(t[last]),
        mean_share=_mean_share(cut),
        mean_share_null=_mean_share(null),
    )


def _mean_share(crossed: F64) -> float:
    """Mean of the share of the largest size at which a test with these crossing probabilities ends."""
    return float(1.0 - np.sum(crossed[:-1]) / len(crossed))
