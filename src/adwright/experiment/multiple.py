"""Many tests, one error rate: adjusted p-values, and the procedure for results that are looked at repeatedly.

Which to use: one deciding metric over several arms needs `holm`; many secondary metrics, where some false finding
among the true ones is tolerable, `fdr_bh`; the same while the test runs, `e_bh` on e-values, which needs no
assumption on their dependence and stays valid at every look.

*Holds when* for `hommel`, `simes-hochberg` and the fdr procedures but `fdr_by`: the tests are independent or
positively dependent. The others hold always.

Sources: Holm (1979); Hommel (1988); Hochberg (1988); Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001);
Benjamini, Krieger and Yekutieli (2006); Wang and Ramdas (2022) for e-BH.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, unknown_name
from adwright.schema import F64


def adjust(p: npt.ArrayLike, method: str, *, alpha: float = 0.05) -> F64:
    """The adjusted p-values: those at or below the level are found.

    Args:
        p: (m,) p-values in [0, 1]; NaN (not tested) stays NaN and counts for nothing.
        method: One of `METHODS`.
        alpha: Level; only the two-stage procedures need it.

    Raises:
        NotFoundError: an unknown method.
        DataError: not p-values.

    >>> adjust([0.01, 0.04, 0.03], "fdr_bh").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    if method not in METHODS:
        raise unknown_name("method", method, METHODS)
    values = np.asarray(p, np.float64)
    tested = ~np.isnan(values)
    if values.ndim != 1 or np.any((values[tested] < 0) | (values[tested] > 1)):
        raise DataError("not p-values", argument="p", value=values, allowed="0 to 1")
    out = np.full(values.shape, np.nan)
    order = np.flatnonzero(tested)[np.argsort(values[tested], kind="stable")]
    if len(order):
        out[order] = np.minimum(METHODS[method](values[order], alpha), 1.0)
    return out


def e_bh(log_e: npt.ArrayLike) -> F64:
    """Adjusted p-values from e-values: at or below alpha, the false discoveries are at most alpha of the found.

    Args:
        log_e: (m,) logarithms of e-values; NaN (no answer) counts as no evidence.

    >>> e_bh(np.log([100.0, 30.0, 1.0])).round(3).tolist()
    [0.03, 0.05, 1.0]
    """
    values = np.nan_to_num(np.asarray(log_e, np.float64), nan=0.0)
    return adjust(np.exp(-np.maximum(values, 0.0)), "fdr_bh")


def _down(p: F64) -> F64:
    return np.asarray(np.maximum.accumulate(p))


def _up(p: F64) -> F64:
    return np.asarray(np.minimum.accumulate(p[::-1])[::-1])


def _left(p: F64) -> F64:
    """How many tests have a p-value at least as large."""
    return np.arange(len(p), 0, -1, dtype=np.float64)


def _rank(p: F64) -> F64:
    return np.arange(1, len(p) + 1, dtype=np.float64)


def _sidak(p: F64, m: F64 | float) -> F64:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(m * np.log1p(-p)))


def _bh(p: F64) -> F64:
    return _up(p * len(p) / _rank(p))


def _hommel(p: F64, _alpha: float) -> F64:
    m, out = len(p), p.copy()
    for size in range(m, 1, -1):
        last = p[m - size + 1 :]
        least = float(np.min(size * last / np.arange(2, size + 1)))
        others = np.minimum(size * p[: m - size + 1], least)
        out[: m - size + 1] = np.maximum(out[: m - size + 1], others)
        out[m - size + 1 :] = np.maximum(out[m - size + 1 :], least)
    return np.maximum(out, p)


def _two_stage(p: F64, alpha: float, *, factor: float) -> F64:
    """BH with the number of true nulls estimated by a first BH at alpha / factor."""
    adjusted = np.minimum(_bh(p), 1.0)
    found = int(np.sum(adjusted <= alpha / factor))
    left = len(p) if found in (0, len(p)) else len(p) - found
    return np.asarray(np.minimum(adjusted * left / len(p) * factor, 1.0))


METHODS: Mapping[str, Callable[[F64, float], F64]] = {
    "bonferroni": lambda p, _: p * len(p),
    "holm": lambda p, _: _down(p * _left(p)),
    "hommel": _hommel,
    "simes-hochberg": lambda p, _: _up(p * _left(p)),
    "sidak": lambda p, _: _sidak(p, len(p)),
    "holm-sidak": lambda p, _: _down(_sidak(p, _left(p))),
    "fdr_bh": lambda p, _: _bh(p),
    "fdr_by": lambda p, _: _up(p * len(p) / _rank(p) * float(np.sum(1.0 / _rank(p)))),
    "fdr_tsbh": lambda p, alpha: _two_stage(p, alpha, factor=1.0),
    "fdr_tsbky": lambda p, alpha: _two_stage(p, alpha, factor=1.0 + alpha),
}
"""Name -> what turns sorted p-values into adjusted ones."""
