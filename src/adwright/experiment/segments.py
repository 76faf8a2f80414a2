"""How an effect differs between segments: each one's own estimate, drawn towards the whole as far as noise demands.

Segment effects are noisy, and the largest of many is mostly luck. With y_i the log ratio in segment i and s_i its
standard error, the true effects are taken as N(mu, tau^2); each y_i then moves to

    (y_i / s_i^2 + mu / tau^2) / (1 / s_i^2 + 1 / tau^2)

averaged over tau by how likely each is, since a single estimate of it is often 0 and would make all segments alike.

*Holds when* segments do not overlap, and were formed before the test.
*Does not cover* looking for the segments in the same data.

Source: Gelman (2006), Bayesian Analysis 1, for the prior on tau; Paule and Mandel (1982) for the tau that is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from adwright.schema import F64
from adwright.stats.intervals import normal_quantile

_TAU_SCALE = 0.2
"""Median of the half-Cauchy prior on tau: segments' effects differ by some 20 per cent, perhaps far more."""
_N_TAU = 200


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SegmentEffects:
    """The effects by segment, shape (n_segments,); NaN where a segment has no data.

    Args:
        own: Each segment's own relative effect.
        shrunk: The same, drawn towards the whole.
        low: Lower end of the interval of `shrunk`.
        high: Upper end.
        whole: The relative effect over segments.
        tau: Spread of the true log ratios between segments, by Paule and Mandel.
        p: Of the hypothesis that all segments have the same effect (Cochran's Q).
    """

    own: F64
    shrunk: F64
    low: F64
    high: F64
    whole: float
    tau: float
    p: float


def shrink(log_ratio: npt.ArrayLike, se: npt.ArrayLike, *, level: float = 0.95) -> SegmentEffects:
    """The effects by segment.

    Args:
        log_ratio: (n,) log ratios of arm and control; NaN where there is none.
        se: (n,) standard errors.
        level: Coverage of the intervals.

    >>> found = shrink([0.3, -0.1, 0.05], [0.2, 0.2, 0.2])
    >>> found.shrunk.round(3).tolist(), round(found.tau, 3)
    ([0.165, 0.025, 0.075], 0.029)
    """
    y, s = np.asarray(log_ratio, np.float64), np.asarray(se, np.float64)
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    nan = np.full(len(y), np.nan)
    if known.sum() == 0:
        return SegmentEffects(
            own=nan, shrunk=nan, low=nan, high=nan, whole=float("nan"), tau=float("nan"), p=1.0
        )
    moved, sd, mu = _posterior(y[known], s[known] ** 2)
    z = normal_quantile(level)
    shrunk, low, high = nan.copy(), nan.copy(), nan.copy()
    shrunk[known], low[known], high[known] = (
        np.expm1(moved),
        np.expm1(moved - z * sd),
        np.expm1(moved + z * sd),
    )
    plain = 1.0 / s[known] ** 2
    q = float(plain @ (y[known] - plain @ y[known] / plain.sum()) ** 2)
    freedom = int(known.sum()) - 1
    return SegmentEffects(
        own=np.expm1(y),
        shrunk=shrunk,
        low=low,
        high=high,
        whole=float(np.expm1(mu)),
        tau=float(np.sqrt(_tau2(y[known], s[known] ** 2))),
        p=float(special.gammaincc(freedom / 2.0, q / 2.0)) if freedom else 1.0,
    )


def _posterior(y: F64, v: F64) -> tuple[F64, F64, float]:
    """Mean and standard deviation of each segment's effect, and the mean of the whole, over all tau together."""
    tau2 = (
        _TAU_SCALE * np.tan(np.pi / 2.0 * (np.arange(_N_TAU) + 0.5) / _N_TAU)
    ) ** 2  # half-Cauchy quantiles
    total = v + tau2[:, None]
    weight = 1.0 / total
    sums = weight.sum(axis=1)
    mu = weight @ y / sums
    log_likelihood = -0.5 * (np.log(total).sum(axis=1) + np.log(sums))
    log_likelihood -= 0.5 * (weight * (y - mu[:, None]) ** 2).sum(axis=1)
    chance = np.exp(log_likelihood - log_likelihood.max())
    chance /= chance.sum()
    pull = v / total
    each = (1.0 - pull) * y + pull * mu[:, None]
    variance = (1.0 - pull) * v + pull**2 / sums[:, None]
    mean = chance @ each
    spread = chance @ (variance + (each - mean) ** 2)
    return np.asarray(mean), np.sqrt(spread), float(chance @ mu)


def _tau2(y: F64, v: F64) -> float:
    """The variance at which the weighted squares are what they should be; 0 where they are less already."""

    def excess(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        return float(w @ (y - w @ y / w.sum()) ** 2) - (len(y) - 1)

    if len(y) < 2 or excess(0.0) <= 0.0:
        return 0.0
    high = float(np.var(y)) + float(v.max())
    while excess(high) > 0:
        high *= 2.0
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-12))
