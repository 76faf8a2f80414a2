"""Summary statistics of means and proportions, plain or adjusted by a covariate (CUPED).

*Holds when* units are independent: one row a customer (or whatever was assigned).
*Does not cover* several rows a unit; sum them up to the unit first, or give a ratio.

Source: Deng, Xu, Kohavi and Walker (2013), equations 2 to 5, for the adjustment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.experiment.inference.moments import Moments, covariance, divide, numbers, plain
from adwright.schema import F64


class Summary(Protocol):
    """What a comparison needs: the moments of both arms, adjusted in common where there is an adjustment."""

    def pair(self, treatment: Self) -> tuple[Moments, Moments]:
        """The moments of this arm (the control) and of the other one."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeanSummary:
    """A mean of unit sums, such as revenue per customer.

    Args:
        n: Units, >= 0; any shape.
        total: Sum over units.
        squares: Sum of the squares over units.
    """

    n: npt.ArrayLike
    total: npt.ArrayLike
    squares: npt.ArrayLike

    def moments(self) -> Moments:
        """Mean and sample variance (n - 1); NaN without units, variance NaN below two.

        Raises:
            DataError: a negative count, or squares too small for the sum.
        """
        n, total, squares = np.broadcast_arrays(
            numbers("n", self.n, least=0), numbers("total", self.total), numbers("squares", self.squares)
        )
        variance = covariance(n, total, total, squares)
        slack = 1e-9 * np.maximum(squares, 1e-300)
        if np.any(variance * np.maximum(n - 1, 1) < -slack):
            raise DataError("the sum of squares is too small for the sum", argument="squares", value=squares)
        return plain(n, divide(total, n), np.maximum(variance, 0.0))

    def pair(self, treatment: MeanSummary) -> tuple[Moments, Moments]:
        """See `Summary`."""
        return self.moments(), treatment.moments()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProportionSummary:
    """A share of units, such as conversions.

    Args:
        n: Units, >= 0; any shape.
        successes: Of them, 0 to n.
    """

    n: npt.ArrayLike
    successes: npt.ArrayLike

    def moments(self) -> Moments:
        """The share p and its variance p (1 - p).

        Raises:
            DataError: a negative count, or more successes than units.
        """
        n, k = np.broadcast_arrays(
            numbers("n", self.n, least=0), numbers("successes", self.successes, least=0)
        )
        if np.any(k > n):
            bad = float(k[k > n].flat[0])
            raise DataError("more successes than units", argument="successes", value=bad, allowed="0 to n")
        p = divide(k, n)
        return plain(n, p, p * (1.0 - p))

    def pair(self, treatment: ProportionSummary) -> tuple[Moments, Moments]:
        """See `Summary`."""
        return self.moments(), treatment.moments()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AdjustedSummary:
    """A mean, less what a covariate from before the test explains of it (CUPED).

    Args:
        n: Units, >= 0; any shape.
        total: Sum of the outcome over units.
        squares: Sum of its squares.
        covariate_total: Sum of the covariate.
        covariate_squares: Sum of its squares.
        products: Sum over units of outcome x covariate.
        binary: Outcome and covariate are 0 or 1: variances are then divided by n, as of proportions.
    """

    n: npt.ArrayLike
    total: npt.ArrayLike
    squares: npt.ArrayLike
    covariate_total: npt.ArrayLike
    covariate_squares: npt.ArrayLike
    products: npt.ArrayLike
    binary: bool = False

    def pair(self, treatment: AdjustedSummary) -> tuple[Moments, Moments]:
        """Both arms, adjusted with the slope of the outcome on the covariate in both together.

        Without variance of the covariate (or of the outcome) there is no adjustment.
        """
        arms = (self._arrays(), treatment._arrays())
        pooled = {name: arms[0][name] + arms[1][name] for name in arms[0]}
        spread = self._covariance(pooled, "covariate_total", "covariate_total", "covariate_squares")
        theta = divide(self._covariance(pooled, "total", "covariate_total", "products"), spread)
        theta = np.where(np.isfinite(theta), theta, 0.0)
        centre = np.nan_to_num(divide(pooled["covariate_total"], pooled["n"]))
        control, other = (self._adjusted(arm, theta, centre) for arm in arms)
        return control, other

    def _arrays(self) -> dict[str, F64]:
        names = ("n", "total", "squares", "covariate_total", "covariate_squares", "products")
        values = [numbers(name, getattr(self, name), least=0 if name == "n" else None) for name in names]
        return dict(zip(names, np.broadcast_arrays(*values), strict=True))

    def _covariance(self, arm: dict[str, F64], a: str, b: str, products: str) -> F64:
        found = covariance(arm["n"], arm[a], arm[b], arm[products])
        return np.asarray(found * (arm["n"] - 1.0) / np.maximum(arm["n"], 1.0)) if self.binary else found

    def _adjusted(self, arm: dict[str, F64], theta: F64, centre: F64) -> Moments:
        mean, before = divide(arm["total"], arm["n"]), divide(arm["covariate_total"], arm["n"])
        spread = self._covariance(arm, "covariate_total", "covariate_total", "covariate_squares")
        return Moments(
            n=arm["n"],
            mean=mean - theta * (before - centre),
            raw_mean=mean,
            raw_variance=self._covariance(arm, "total", "total", "squares"),
            shared=theta * self._covariance(arm, "total", "covariate_total", "products"),
            shift=theta**2 * spread,
        )
