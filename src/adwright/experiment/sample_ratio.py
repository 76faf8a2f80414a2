"""Did every arm get the traffic that it should have got? If not, no comparison of the arms can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from adwright.errors import UsageError
from adwright.schema import F64

SUSPICIOUS = 0.001
"""Below this p-value the split is held to be broken: one false alarm in a thousand sound tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """The outcome of a sample-ratio check.

    Args:
        counts: Units by arm.
        expected: Units by arm that were to be expected.
        statistic: Chi-square.
        degrees_of_freedom: Arms that could get traffic, less one.
        p: The p-value; 0 where it is below 1e-308 or an arm got traffic that it never could have got.
        log_p: Its natural logarithm.
    """

    counts: tuple[float, ...]
    expected: tuple[float, ...]
    statistic: float
    degrees_of_freedom: int
    p: float
    log_p: float

    @property
    def broken(self) -> bool:
        """Whether the split does not fit the shares."""
        return self.p < SUSPICIOUS


def check_shares(counts: Sequence[float], shares: Sequence[float]) -> SampleRatio:
    """Counts against fixed shares, by chi-square. Arms with a share of 0 cost no degree of freedom.

    Args:
        counts: Units by arm, >= 0.
        shares: Shares by arm, >= 0; only their proportions matter.

    Raises:
        UsageError: negative counts or shares, or none at all.

    >>> round(check_shares([500, 520, 0], [0.5, 0.5, 0.0]).p, 4)
    0.5312
    """
    seen, weights = _checked("counts", counts), _checked("shares", shares)
    if seen.shape != weights.shape or weights.sum() <= 0:
        raise UsageError("counts and shares do not fit", argument="shares", value=list(shares))
    expected = weights / weights.sum() * seen.sum()
    return _result(seen, expected, np.diag(expected) - np.outer(expected, expected) / max(seen.sum(), 1.0))


def check_propensities(counts: Sequence[float], propensities: F64) -> SampleRatio:
    """Counts of the adaptive slice against the sum of the logged propensities.

    Decision i falls on arm a with probability p_i(a), so the counts have mean sum p_i and covariance
    sum (diag(p_i) - p_i p_i'). That holds as well where p_i depends on earlier outcomes (the differences are
    martingale increments).

    Args:
        counts: Decisions by arm.
        propensities: (n_decisions, n_arms) logged vectors.

    >>> check = check_propensities([60, 40], np.full((100, 2), 0.5))
    >>> round(check.statistic, 2), round(check.p, 4)  # (60 - 50)**2 / 25
    (4.0, 0.0455)
    """
    seen = _checked("counts", counts)
    p = np.asarray(propensities, dtype=np.float64)
    if p.ndim != 2 or p.shape[1] != len(seen):
        raise UsageError("propensities and counts do not fit", argument="propensities", value=p.shape)
    expected = p.sum(axis=0)
    return _result(seen, expected, np.diag(expected) - p.T @ p)


def _result(seen: F64, expected: F64, covariance: F64) -> SampleRatio:
    """Chi-square of the deviation in the space in which it can vary at all."""
    impossible = bool(np.any((expected <= 0) & (seen > 0)))
    values, vectors = np.linalg.eigh(covariance)
    varies = values > 1e-9 * max(float(values.max(initial=0.0)), 1e-300)
    freedom = int(varies.sum()) if values.max(initial=0.0) > 1e-9 else 0
    deviation = vectors[:, varies].T @ (seen - expected)
    statistic = float(np.sum(deviation**2 / values[varies])) if freedom else 0.0
    log_p = -np.inf if impossible else _log_chi_square_tail(statistic, freedom)
    return SampleRatio(
        counts=tuple(seen.tolist()),
        expected=tuple(expected.tolist()),
        statistic=float("inf") if impossible else statistic,
        degrees_of_freedom=freedom,
        p=float(np.exp(log_p)),
        log_p=float(log_p),
    )


def _log_chi_square_tail(statistic: float, freedom: int) -> float:
    """log P(chi-square > statistic), also where the tail itself underflows."""
    if freedom == 0:
        return 0.0
    half, shape = statistic / 2.0, freedom / 2.0
    tail = float(special.gammaincc(shape, half))
    if tail > 1e-290:
        return float(np.log(tail))
    # Leading terms of the asymptotic series of the incomplete gamma function (DLMF 8.11.2).
    series = 1.0 + (shape - 1.0) / half + (shape - 1.0) * (shape - 2.0) / half**2
    return float((shape - 1.0) * np.log(half) - half - special.gammaln(shape) + np.log(series))


def _checked(name: str, values: Sequence[float]) -> F64:
    out = np.asarray(values, dtype=np.float64)
    if out.ndim != 1 or not np.all(np.isfinite(out) & (out >= 0)):
        raise UsageError("not counts or shares", argument=name, value=list(values), allowed="0 or more")
    return out
