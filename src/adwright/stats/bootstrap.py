"""Intervals for any statistic of rows that come in clusters, by resampling whole clusters.

Holds when: clusters are independent and there are some dozens of them.
Does not cover: dependence between clusters (neighbouring weeks, say), and extremes such as a maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.schema import F64

_CELLS_AT_ONCE = 4_000_000

Statistic = Callable[[F64], F64]
"""Takes weights of shape (b, n), how often each row stands in each of b resamples, and gives (b,)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Args:
        value: The statistic on the rows as they are.
        low: Lower end of the interval; NaN where resampling says nothing (one cluster).
        high: Upper end.
        n: Rows it rests on.
        n_clusters: Clusters it rests on.
        level: Nominal coverage.
    """

    value: float
    low: float
    high: float
    n: int
    n_clusters: int
    level: float = 0.95


def cluster_bootstrap(
    statistic: Statistic,
    clusters: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    n_boot: int = 400,
    level: float = 0.95,
    centred: bool = False,
) -> Estimate:
    """The statistic with its percentile interval over resampled clusters.

    Args:
        statistic: Vectorised over resamples: weights (b, n) to values (b,). NaN values (a resample in which
            it is not defined) are left out of the quantiles.
        clusters: (n,) cluster ids; rows of one cluster are drawn together.
        rng: The generator.
        n_boot: Resamples.
        level: Nominal coverage, in (0, 1).
        centred: Shift the resampled values so that their mean is the statistic; for a statistic that is
            unbiased on the rows but not on resamples, such as a debiased square.

    Raises:
        DataError: no rows.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3.

    >>> y = np.repeat([0.0, 1.0], 50)
    >>> mean = lambda w: (w @ y) / w.sum(axis=1)
    >>> e = cluster_bootstrap(mean, np.arange(100), rng=np.random.default_rng(0))
    >>> round(e.value, 2), round(e.low, 1), round(e.high, 1)
    (0.5, 0.4, 0.6)
    """
    ids = np.asarray(clusters)
    n = len(ids)
    if n == 0:
        raise DataError("no rows to resample", argument="clusters", value=ids.shape)
    index = np.unique(ids, return_inverse=True)[1].reshape(-1)
    n_clusters = int(index.max()) + 1
    value = float(statistic(np.ones((1, n)))[0])
    if n_clusters < 2:
        return Estimate(value, float("nan"), float("nan"), n, n_clusters, level)
    chunk = max(1, _CELLS_AT_ONCE // max(n, n_clusters))
    draws = []
    for start in range(0, n_boot, chunk):
        size = (min(chunk, n_boot - start), n_clusters)
        drawn = rng.integers(n_clusters, size=size) + n_clusters * np.arange(size[0])[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size[0] * n_clusters).reshape(size)
        draws.append(statistic(counts[:, index].astype(np.float64)))
    values = np.concatenate(draws)
    values = values[np.isfinite(values)]
    if not len(values):
        return Estimate(value, float("nan"), float("nan"), n, n_clusters, level)
    if centred:
        values = values + (value - values.mean())
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), n, n_clusters, level)


def ratio(numerator: F64, denominator: F64) -> Statistic:
    """The statistic sum of `numerator` over sum of `denominator`, both (n,): a mean, a share, a rate."""
    top, bottom = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)

    def statistic(weights: F64) -> F64:
        total = weights @ bottom
        return np.asarray(np.divide(weights @ top, total, out=np.full(len(total), np.nan), where=total > 0))

    return statistic
