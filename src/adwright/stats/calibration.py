"""Whether predicted rates mean what they say: slope and intercept on the log-odds, and calibration error.

Each row carries counts, `successes` out of `trials`; weights may carry a bootstrap's resamples, shape (b, n).

Holds when: rows are independent given their cluster. Does not cover: calibration within groups, which
`ranking` and the coverage of intervals look at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import DataError
from adwright.schema import F64

_EDGE = 1e-9


def calibration_slope(
    mean: F64, successes: F64, *, trials: F64 | None = None, weights: F64 | None = None
) -> tuple[F64, F64]:
    """Slope and intercept of the logistic regression of the outcomes on the log-odds of the prediction.

    Perfect is slope 1 and intercept 0; a slope below 1 means that predictions are too far apart.

    Args:
        mean: (n,) predicted rates.
        successes: (n,) counts or labels.
        trials: (n,) counts; None means 1 each.
        weights: (b, n) row weights; None means one resample of ones.

    Returns:
        (b,) slopes and (b,) intercepts; NaN where there is one class or constant predictions.

    Source: Cox 1958, Biometrika 45; Newton's method on two parameters for all resamples at once.

    >>> p = np.array([0.2, 0.4, 0.6, 0.8]); n = np.full(4, 1000.0)
    >>> slope, intercept = calibration_slope(p, p * n, trials=n)
    >>> round(float(slope[0]), 6), round(abs(float(intercept[0])), 6)
    (1.0, 0.0)
    """
    y, n, x, w = _checked(mean, successes, trials, weights)
    scale = float(x.std())
    if scale < _EDGE:
        nothing = np.full(len(w), np.nan)
        return nothing, nothing.copy()
    middle = float(x.mean())
    x = (x - middle) / scale
    hits, all_trials = w @ y, w @ n
    a = special.logit(np.clip(hits / np.maximum(all_trials, _EDGE), _EDGE, 1 - _EDGE))
    b = np.zeros_like(a)
    for _ in range(30):
        p = special.expit(a[:, None] + b[:, None] * x)
        gap = w * (y - n * p)
        curve = w * n * p * (1 - p)
        g0, g1 = gap.sum(axis=1), gap @ x
        h00, h01, h11 = curve.sum(axis=1), curve @ x, curve @ x**2
        det = np.maximum(h00 * h11 - h01**2, 1e-300)
        da, db = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        a, b = a + np.clip(da, -2, 2), b + np.clip(db, -2, 2)
        if max(np.max(np.abs(da)), np.max(np.abs(db))) < 1e-9:
            break
    lost = (hits <= 0) | (hits >= all_trials)
    slope = np.where(lost, np.nan, b / scale)
    return slope, np.where(lost, np.nan, a - slope * middle)


def log_loss(mean: F64, successes: F64, *, trials: F64 | None = None) -> F64:
    """Minus the log-likelihood of each row (n,), without the binomial coefficient: divide by trials.

    >>> round(float(log_loss(np.array([0.5]), np.array([1.0]))[0]), 4)
    0.6931
    """
    y, n, _, _ = _checked(mean, successes, trials, None)
    p = np.clip(np.asarray(mean, np.float64), _EDGE, 1 - _EDGE)
    return np.asarray(-(special.xlogy(y, p) + special.xlogy(n - y, 1 - p)))


def debiased_ece(
    mean: F64,
    successes: F64,
    *,
    trials: F64 | None = None,
    clusters: npt.ArrayLike | None = None,
    weights: F64 | None = None,
    n_bins: int = 15,
) -> F64:
    """The root mean squared calibration error over bins of equal trials, less what noise alone would show.

    Each bin's squared gap between mean outcome and mean prediction loses its own sampling variance,
    estimated over clusters, so a perfect predictor scores 0 on average and not the square root of the noise.

    Args:
        mean: (n,) predicted rates.
        successes: (n,) counts or labels.
        trials: (n,) counts; None means 1 each.
        clusters: (n,) ids of what shares noise; None makes every row its own.
        weights: (b, n) row weights, constant within a cluster; None means one resample of ones.
        n_bins: Bins at most; fewer where predictions tie.

    Returns:
        (b,) errors, in units of the rate; 0 where the noise explains all of the gap.

    Source: Kumar, Liang and Ma 2019, Verified Uncertainty Calibration, section 4 (binomial variance there).
    """
    squared = squared_calibration_error(
        mean, successes, trials=trials, clusters=clusters, weights=weights, n_bins=n_bins
    )
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def squared_calibration_error(
    mean: F64,
    successes: F64,
    *,
    trials: F64 | None = None,
    clusters: npt.ArrayLike | None = None,
    weights: F64 | None = None,
    n_bins: int = 15,
) -> F64:
    """The square of `debiased_ece` before it is cut at 0: unbiased, so it may be negative. Same arguments."""
    y, n, _, w = _checked(mean, successes, trials, weights)
    ids = np.arange(len(y)) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    ids = ids.reshape(-1)
    bins = _equal_bins(np.asarray(mean, np.float64), n, n_bins)
    size = int(bins.max(initial=0)) + 1
    cell, first, index = np.unique(ids * size + bins, return_index=True, return_inverse=True)
    gap = np.bincount(index, y - n * np.asarray(mean, np.float64))
    total = np.bincount(index, n)
    onto = np.zeros((len(cell), size))
    onto[np.arange(len(cell)), cell % size] = 1.0
    wc = w[:, first]
    n_bin = np.maximum(wc @ (onto * total[:, None]), _EDGE)
    mean_gap = (wc @ (onto * gap[:, None])) / n_bin
    squares = wc @ (onto * (gap**2)[:, None]) - 2 * mean_gap * (wc @ (onto * (gap * total)[:, None]))
    squares += mean_gap**2 * (wc @ (onto * (total**2)[:, None]))
    members = wc @ onto
    variance = squares / n_bin**2 * members / np.maximum(members - 1, 1)
    return np.asarray(np.sum(n_bin * (mean_gap**2 - variance), axis=1) / n_bin.sum(axis=1))


def _equal_bins(mean: F64, trials: F64, n_bins: int) -> npt.NDArray[np.intp]:
    """(n,) bin numbers 0.. of about equal trials; equal predictions share a bin."""
    index = np.unique(mean, return_inverse=True)[1].reshape(-1)
    per_value = np.bincount(index, trials)
    middle = np.cumsum(per_value) - per_value / 2
    raw = np.floor(n_bins * middle / max(float(per_value.sum()), _EDGE)).astype(np.intp)
    return np.unique(np.minimum(raw, n_bins - 1), return_inverse=True)[1].reshape(-1)[index]


def _checked(mean: F64, successes: F64, trials: F64 | None, weights: F64 | None) -> tuple[F64, F64, F64, F64]:
    y = np.asarray(successes, dtype=np.float64)
    n = np.ones_like(y) if trials is None else np.asarray(trials, dtype=np.float64)
    p = np.asarray(mean, dtype=np.float64)
    if not len(y) == len(n) == len(p):
        raise DataError("mean, successes and trials differ in length", value=(len(p), len(y), len(n)))
    x = special.logit(np.clip(p, _EDGE, 1 - _EDGE))
    return y, n, x, np.ones((1, len(y))) if weights is None else weights
