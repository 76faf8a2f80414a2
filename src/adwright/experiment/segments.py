"""How an effect differs between segments: each one's own estimate, drawn towards the whole as far as noise demands.

Segment effects are noisy, and the largest of many is mostly luck. With y_i the log ratio in segment i and s_i its
standard error, the true effects are taken as N(mu, tau^2); each y_i then moves to

    (y_i / s_i^2 + mu / tau^2) / (1 / s_i^2 + 1 / tau^2)

*Holds when* segments do not overlap, and were formed before the test.
*Does not cover* looking for the segments in the same data.

Source: DerSimonian and Laird (1986); Paule and Mandel (1982) for tau; Morris (1983), JASA 78, for the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from adwright.schema import F64
from adwright.stats.intervals import normal_quantile


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SegmentEffects:
    """The effects by segment, shape (n_segments,); NaN where a segment has no data.

    Args:
        own: Each segment's own relative effect.
        shrunk: The same, drawn towards the whole.
        low: Lower end of the interval of `shrunk`.
        high: Upper end.
        whole: The relative effect over segments (random-effects mean).
        tau: Spread of the true log ratios between segments.
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
    ([0.092, 0.083, 0.086], 0.029)
    """
    y, s = np.asarray(log_ratio, np.float64), np.asarray(se, np.float64)
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    nan = np.full(len(y), np.nan)
    if known.sum() == 0:
        return SegmentEffects(
            own=nan, shrunk=nan, low=nan, high=nan, whole=float("nan"), tau=float("nan"), p=1.0
        )
    tau2 = _tau2(y[known], s[known] ** 2)
    weight = 1.0 / (s[known] ** 2 + tau2)
    mu, var_mu = float(weight @ y[known] / weight.sum()), 1.0 / float(weight.sum())
    pull = s[known] ** 2 / (s[known] ** 2 + tau2)
    moved = (1.0 - pull) * y[known] + pull * mu
    sd = np.sqrt((1.0 - pull) * s[known] ** 2 + pull**2 * var_mu)
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
        tau=float(np.sqrt(tau2)),
        p=float(special.gammaincc(freedom / 2.0, q / 2.0)) if freedom else 1.0,
    )


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
