"""Fieller's interval of a ratio b / a: exact for normal means, also where the denominator may be near 0.

Source: Fieller (1954), JRSS B 16, "Some problems in interval estimation".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import F64
from adwright.stats.intervals import normal_quantile


def fieller(
    mean_a: npt.ArrayLike,
    se_a: npt.ArrayLike,
    *,
    mean_b: npt.ArrayLike,
    se_b: npt.ArrayLike,
    covariance: npt.ArrayLike = 0.0,
    level: float = 0.95,
) -> tuple[F64, F64]:
    """The interval of mean_b / mean_a: (low, high); (-inf, inf) where the data allow a denominator of 0.

    Args:
        mean_a: The denominator's estimate, any shape.
        se_a: Its standard error, >= 0.
        mean_b: The numerator's estimate.
        se_b: Its standard error, >= 0.
        covariance: Of the two estimates; 0 for two arms.
        level: Coverage.

    >>> low, high = fieller(0.05, 0.0022, mean_b=0.057, se_b=0.0023)
    >>> round(float(low), 4), round(float(high), 4)
    (1.0144, 1.2827)
    """
    a, sa, b, sb, cov = (np.asarray(x, np.float64) for x in (mean_a, se_a, mean_b, se_b, covariance))
    if np.any(sa < 0) or np.any(sb < 0):
        raise UsageError("not a standard error", argument="se_a, se_b", value=(sa, sb), allowed="0 or more")
    z2 = normal_quantile(level) ** 2
    inside = a**2 - z2 * sa**2
    middle = a * b - z2 * cov
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(middle**2 - inside * (b**2 - z2 * sb**2))
        low, high = (middle - root) / inside, (middle + root) / inside
    bounded = inside > 0
    return np.where(bounded, low, -np.inf), np.where(bounded, high, np.inf)
