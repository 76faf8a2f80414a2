"""Holm's step-down procedure: several comparisons, one level."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import F64


def holm(log_p: npt.ArrayLike) -> F64:
    """The adjusted log p-values; those below log(alpha) are found, with error alpha over all of them.

    Holds whatever the dependence between the tests. Source: Holm (1979), Scand. J. Statist. 6.

    Args:
        log_p: (m,) natural logarithms of p-values, so that none underflows. NaN (not tested) stays NaN.

    >>> np.exp(holm(np.log([0.01, 0.04, 0.03]))).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(log_p, dtype=np.float64)
    if np.any(values > 1e-12):
        raise UsageError("not the logarithm of a p-value", argument="log_p", value=float(np.nanmax(values)))
    out = np.full(values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    factors = np.log(np.arange(len(order), 0, -1, dtype=np.float64))
    out[order] = np.minimum(np.maximum.accumulate(values[order] + factors), 0.0) if len(order) else []
    return out
