"""Ratios of two sums over units (clicks per page view, revenue per order), by the delta method.

A unit is what was assigned, so this is also the cluster-robust comparison: a customer with ten page views is
one unit with numerator and denominator summed over them.

*Holds when* units are independent and the denominator's mean is well away from 0 (its standard error below a
tenth of it); see `fieller` where it is not.

Source: Deng, Knoblich and Lu (2018), "Applying the delta method in metric analytics", equation 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.experiment.inference.moments import Moments, covariance, divide, numbers, plain
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RatioSummary:
    """A ratio of sums over units.

    Args:
        n: Units, >= 0; any shape.
        numerator: Sum of the numerator.
        numerator_squares: Sum over units of its square.
        denominator: Sum of the denominator.
        denominator_squares: Sum over units of its square.
        products: Sum over units of numerator x denominator.
    """

    n: npt.ArrayLike
    numerator: npt.ArrayLike
    numerator_squares: npt.ArrayLike
    denominator: npt.ArrayLike
    denominator_squares: npt.ArrayLike
    products: npt.ArrayLike

    def moments(self) -> Moments:
        """The ratio, and the variance of one unit's part in it."""
        n, m, m2, d, d2, md = self.arrays()
        mean = divide(m, d)
        mean_d = divide(d, n)
        spread = covariance(n, m, m, m2) - 2 * mean * covariance(n, m, d, md)
        spread = spread + mean**2 * covariance(n, d, d, d2)
        return plain(n, mean, np.maximum(divide(spread, mean_d**2), 0.0))

    def pair(self, treatment: RatioSummary) -> tuple[Moments, Moments]:
        """See `Summary`."""
        return self.moments(), treatment.moments()

    def arrays(self) -> list[F64]:
        """The six arguments as arrays of one shape."""
        names = ("numerator", "numerator_squares", "denominator", "denominator_squares", "products")
        first = numbers("n", self.n, least=0)
        return list(np.broadcast_arrays(first, *(numbers(name, getattr(self, name)) for name in names)))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AdjustedRatioSummary:
    """A ratio, less what the same ratio before the test explains of it.

    Args:
        after: The ratio in the test.
        before: The same units' ratio before it.
        numerators: Sum over units of numerator after x numerator before.
        denominators: Sum of denominator after x denominator before.
        numerator_denominator: Sum of numerator after x denominator before.
        denominator_numerator: Sum of denominator after x numerator before.
    """

    after: RatioSummary
    before: RatioSummary
    numerators: npt.ArrayLike
    denominators: npt.ArrayLike
    numerator_denominator: npt.ArrayLike
    denominator_numerator: npt.ArrayLike

    def pair(self, treatment: AdjustedRatioSummary) -> tuple[Moments, Moments]:
        """Both arms, adjusted with one slope: the covariance of the two ratios over the earlier one's variance."""
        arms = (self._parts(), treatment._parts())
        together = arms[0]["both"] + arms[1]["both"]
        theta = divide(together, arms[0]["before_variance"] + arms[1]["before_variance"])
        theta = np.where(np.isfinite(theta) & (np.abs(theta) >= 1e-8), theta, 0.0)
        earlier = divide(arms[0]["before_m"] + arms[1]["before_m"], arms[0]["before_d"] + arms[1]["before_d"])
        centre = np.nan_to_num(earlier)
        control, other = (
            Moments(
                n=arm["n"],
                mean=arm["mean"] - theta * (arm["before_mean"] - centre),
                raw_mean=arm["mean"],
                raw_variance=arm["variance"],
                shared=theta * arm["both"],
                shift=theta**2 * arm["before_variance"],
                grows_with_adjusted=True,
            )
            for arm in arms
        )
        return control, other

    def _parts(self) -> dict[str, F64]:
        after, before = self.after.moments(), self.before.moments()
        n, m, _, d, _, _ = self.after.arrays()
        _, m0, _, d0, _, _ = self.before.arrays()
        mm = covariance(n, m, m0, numbers("numerators", self.numerators))
        dd = covariance(n, d, d0, numbers("denominators", self.denominators))
        md = covariance(n, m, d0, numbers("numerator_denominator", self.numerator_denominator))
        dm = covariance(n, d, m0, numbers("denominator_numerator", self.denominator_numerator))
        both = mm - before.mean * md - after.mean * dm + after.mean * before.mean * dd
        return {
            "n": n,
            "mean": after.mean,
            "variance": after.raw_variance,
            "before_mean": before.mean,
            "before_variance": before.raw_variance,
            "before_m": m0,
            "before_d": d0,
            "both": divide(both, divide(d, n) * divide(d0, n)),
        }
