"""The population stability index between two sets of counts, and what chance alone makes of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.schema import F64

_HALF_A_ROW = 0.5


def stability_index(first: npt.ArrayLike, last: npt.ArrayLike) -> F64:
    """Sum over cells of (p - q) ln(p / q), each share with half a row added, so that none is 0.

    Args:
        first: (..., n_cells) counts >= 0.
        last: (..., n_cells) counts >= 0.

    Source: Siddiqi (2006), Credit Risk Scorecards; symmetric Kullback-Leibler divergence (Jeffreys 1946).

    >>> round(float(stability_index([75, 25], [25, 75])), 3)
    1.075
    """
    p, q = (np.asarray(x, dtype=np.float64) + _HALF_A_ROW for x in (first, last))
    if p.shape[-1] == 0:
        return np.zeros(p.shape[:-1])
    p = p / p.sum(axis=-1, keepdims=True)
    q = q / q.sum(axis=-1, keepdims=True)
    return np.asarray(np.sum((p - q) * np.log(p / q), axis=-1), dtype=np.float64)


def stability_noise(
    n_cells: npt.ArrayLike, n_first: npt.ArrayLike, n_last: npt.ArrayLike, *, alpha: float = 0.01
) -> F64:
    """The index that chance alone exceeds with probability `alpha`, where nothing has changed.

    With equal shares the index is (1 / n_first + 1 / n_last) times a chi-square of n_cells - 1 freedoms, so the
    folklore limits of 0.1 and 0.25 raise alarms on small samples and sleep on large ones.

    Args:
        n_cells: Cells that hold anything.
        n_first: Rows of the first sample.
        n_last: Rows of the last.
        alpha: False alarms, in (0, 1).

    Source: Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14.

    >>> round(float(stability_noise(10, 1000, 1000)), 3)
    0.043
    """
    if not 0.0 < alpha < 1.0:
        raise UsageError("not a rate of alarms", argument="alpha", value=alpha, allowed="between 0 and 1")
    freedom = np.maximum(np.asarray(n_cells, np.float64) - 1.0, 0.0)
    with np.errstate(divide="ignore"):
        rows = 1.0 / np.asarray(n_first, np.float64) + 1.0 / np.asarray(n_last, np.float64)
    tail = 2.0 * special.gammaincinv(np.maximum(freedom, 1e-9) / 2.0, 1.0 - alpha)
    return np.asarray(np.where(freedom > 0, tail * rows, 0.0), dtype=np.float64)
