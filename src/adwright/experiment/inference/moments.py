"""Mean and variance of one unit of an arm, whatever the metric: what every comparison is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Moments:
    """An arm's mean with the variance of one unit, arrays of one shape.

    A covariate adjustment subtracts theta x (covariate - its pooled mean) from the outcome. Its parts are kept
    apart, since a relative effect weighs them differently: variance of a unit = raw - 2 shared + shift.

    Args:
        n: Units, >= 0.
        mean: The mean, adjusted where there is an adjustment.
        raw_mean: The mean without adjustment; what a relative effect is relative to.
        raw_variance: Variance of the unadjusted outcome of a unit.
        shared: theta x covariance of outcome and covariate; 0 without adjustment.
        shift: theta^2 x variance of the covariate; 0 without adjustment.
        grows_with_adjusted: Whether the growth in a relative variance is that of the adjusted means (ratios)
            or of the raw ones (means).
    """

    n: F64
    mean: F64
    raw_mean: F64
    raw_variance: F64
    shared: F64
    shift: F64
    grows_with_adjusted: bool = False

    @property
    def variance(self) -> F64:
        """Variance of the (adjusted) outcome of a unit."""
        return np.asarray(self.raw_variance - 2.0 * self.shared + self.shift)

    @property
    def se2(self) -> F64:
        """Squared standard error of the mean; NaN without units."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.variance / self.n)


def plain(n: F64, mean: F64, variance: F64) -> Moments:
    """The moments of an outcome without adjustment; all three of one shape."""
    zero = np.zeros_like(mean)
    return Moments(n=n, mean=mean, raw_mean=mean, raw_variance=variance, shared=zero, shift=zero)


def numbers(name: str, value: npt.ArrayLike, *, least: float | None = None) -> F64:
    """`value` as floats, each finite and at least `least`.

    Raises:
        DataError: a number that is not; names the argument.
    """
    out = np.asarray(value, dtype=np.float64)
    if not np.all(np.isfinite(out)):
        bad = out[~np.isfinite(out)].flat[0]
        raise DataError("not a number", argument=name, value=float(bad), allowed="finite numbers")
    if least is not None and np.any(out < least):
        raise DataError(
            "a negative count" if least == 0 else "too small",
            argument=name,
            value=float(out.min()),
            allowed=f"{least:g} or more",
        )
    return out


def divide(a: F64, b: F64) -> F64:
    """a / b, NaN where b is 0."""
    out = np.full(np.broadcast_shapes(a.shape, b.shape), np.nan)
    np.divide(a, b, out=out, where=b != 0)
    return out


def covariance(n: F64, sum_a: F64, sum_b: F64, products: F64) -> F64:
    """The sample covariance from sums; NaN below two units."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(n > 1, (products - sum_a * sum_b / n) / (n - 1.0), np.nan))
