"""Quantiles (median order value, 90th percentile of load time) from three order statistics an arm.

The variance comes from the distribution-free interval of the quantile: its half-width over 1.96 is a standard
error. Where the rows of a quantile come in clusters (several page views a customer), it is widened by how much
more the share below the quantile varies between clusters than between independent rows.

*Holds when* the interval's order statistics are well inside the sample (n nu (1 - nu) above about 10).

Source: Deng, Knoblich and Lu (2018), section 5, for the clustered case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import DataError
from adwright.experiment.inference.moments import Moments, divide, numbers, plain
from adwright.schema import F64

_Z = float(special.ndtri(0.975))
_LEAST_VARIANCE, _LEAST_N = 1e-5, 100


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class QuantileSummary:
    """A quantile of independent rows.

    Args:
        n: Rows, >= 0; any shape.
        level: Which quantile, in (0, 1).
        quantile: Its estimate.
        low: Lower end of its 95 % interval: the order statistic at `level` - 1.96 sqrt(level (1 - level) / n_used).
        high: Upper end.
        n_used: Rows that the interval was computed for, where they were fewer than `n`; else `n`.
    """

    n: npt.ArrayLike
    level: npt.ArrayLike
    quantile: npt.ArrayLike
    low: npt.ArrayLike
    high: npt.ArrayLike
    n_used: npt.ArrayLike | None = None

    def moments(self) -> Moments:
        """The quantile, and the variance that a mean of `n` rows with its standard error would have."""
        n, low, high, quantile = self._arrays()
        return plain(n, quantile, _floor(n, self._spread(n, low, high)))

    def pair(self, treatment: QuantileSummary) -> tuple[Moments, Moments]:
        """See `Summary`."""
        return self.moments(), treatment.moments()

    def _arrays(self) -> list[F64]:
        values = (
            numbers("n", self.n, least=0),
            numbers("low", self.low),
            numbers("high", self.high),
            numbers("quantile", self.quantile),
        )
        n, low, high, quantile = np.broadcast_arrays(*values)
        if np.any((low > quantile) | (high < quantile)):
            raise DataError("the interval does not hold the quantile", argument="low", value=low)
        level = numbers("level", self.level)
        if np.any((level <= 0) | (level >= 1)):
            raise DataError("not a quantile", argument="level", value=level, allowed="between 0 and 1")
        return [n, low, high, quantile]

    def _spread(self, n: F64, low: F64, high: F64) -> F64:
        used = n if self.n_used is None else numbers("n_used", self.n_used, least=0)
        return np.where(n > 1, divide(used, n) * (n - 1.0) * ((high - low) / (2 * _Z)) ** 2, np.nan)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClusteredQuantileSummary(QuantileSummary):
    """A quantile of rows that come in clusters.

    Args:
        below: Sum over clusters of the rows at or below the quantile.
        below_squares: Sum over clusters of the square of those.
        rows: Sum over clusters of their rows.
        rows_squares: Sum over clusters of the square of their rows.
        products: Sum over clusters of rows below x rows.
        n_clusters: Clusters, >= 0.
    """

    below: npt.ArrayLike
    below_squares: npt.ArrayLike
    rows: npt.ArrayLike
    rows_squares: npt.ArrayLike
    products: npt.ArrayLike
    n_clusters: npt.ArrayLike

    def moments(self) -> Moments:
        """See `QuantileSummary.moments`; the variance is multiplied by that of clustered over independent rows."""
        n, low, high, quantile = self._arrays()
        level = numbers("level", self.level)
        clusters = numbers("n_clusters", self.n_clusters, least=0)
        factor = self._between(clusters) / divide(level * (1.0 - level), n)
        return plain(n, quantile, _floor(n, self._spread(n, low, high) * factor))

    def _between(self, clusters: F64) -> F64:
        names = ("below", "below_squares", "rows", "rows_squares", "products")
        s, s2, m, m2, sm = (numbers(name, getattr(self, name)) for name in names)
        mean_s, mean_m = divide(s, clusters), divide(m, clusters)
        bessel = np.where(clusters > 1, divide(clusters, clusters - 1.0), np.nan)
        var_s = bessel * (divide(s2, clusters) - mean_s**2)
        var_m = bessel * (divide(m2, clusters) - mean_m**2)
        both = bessel * (divide(sm, clusters) - mean_s * mean_m)
        share = divide(mean_s, mean_m)
        return divide(var_s - 2 * share * both + share**2 * var_m, clusters * mean_m**2)


def _floor(n: F64, variance: F64) -> F64:
    """Ties can make the interval a point; a tiny variance then keeps the test defined, as peers do."""
    return np.where(n < _LEAST_N, variance, np.maximum(variance, _LEAST_VARIANCE))
