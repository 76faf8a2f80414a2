"""Whether two arms have the same quantile, at every look, without assuming anything of the distributions.

Source: Howard and Ramdas (2022), "Sequential estimation of quantiles", Bernoulli 28, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from adwright.errors import DataError, UsageError
from adwright.experiment.sequential.mixtures import BetaBinomialMixture, best_rho
from adwright.schema import F64


def quantile_p(
    control: npt.ArrayLike,
    treatment: npt.ArrayLike,
    *,
    quantile: float,
    t_opt: float = 100.0,
    alpha_opt: float = 0.05,
) -> float:
    """The p-value that may be read at every look.

    Args:
        control: Rows of the control, at least one.
        treatment: Rows of the other arm, at least one.
        quantile: In (0, 1).
        t_opt: Rows an arm at which the test is to be strongest.
        alpha_opt: Level for which it is tuned.

    Raises:
        UsageError: not a quantile.
        DataError: an arm without rows, or rows that are not numbers.

    >>> p = quantile_p(np.arange(1, 1001), np.arange(1, 1001) + 100, quantile=0.5)
    >>> round(p, 6)
    0.005495
    """
    if not 0.0 < quantile < 1.0:
        raise UsageError("not a quantile", argument="quantile", value=quantile, allowed="between 0 and 1")
    variance = quantile * (1.0 - quantile)
    mixture = BetaBinomialMixture(best_rho(t_opt * variance, alpha=alpha_opt), quantile, 1.0 - quantile)
    first, second = (_Arm.of(rows, quantile, mixture) for rows in (control, treatment))
    if first.best_high > second.best_high:
        first, second = second, first
    return min(1.0, float(np.exp(-_least_evidence(first, second))))


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    """Sorted rows, and the evidence of each against its quantile being x."""

    rows: F64
    quantile: float
    mixture: BetaBinomialMixture
    best_share: float
    best_low: float
    best_high: float

    @classmethod
    def of(cls, values: npt.ArrayLike, quantile: float, mixture: BetaBinomialMixture) -> _Arm:
        rows = np.sort(np.asarray(values, np.float64))
        if rows.ndim != 1 or not len(rows) or not np.all(np.isfinite(rows)):
            raise DataError("an arm without rows, or not numbers", argument="control, treatment", value=rows)
        n = len(rows)

        def evidence(share: float) -> float:
            return float(mixture.log_value((share - quantile) * n, quantile * (1.0 - quantile) * n))

        # Golden section to about 20 bits, the precision that the published values were computed with.
        share = float(
            optimize.minimize_scalar(evidence, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-7}).x
        )
        low, high = rows[max(int(np.ceil(share * n)), 1) - 1], rows[min(int(np.floor(share * n)), n - 1)]
        return cls(rows, quantile, mixture, share, float(low), float(high))

    def evidence(self, x: F64) -> F64:
        n = len(self.rows)
        up_to = np.searchsorted(self.rows, x, side="right") / n
        before = np.searchsorted(self.rows, x, side="left") / n
        share = np.where(x < self.best_low, up_to, np.where(x > self.best_high, before, self.best_share))
        return self.mixture.log_value((share - self.quantile) * n, self.quantile * (1.0 - self.quantile) * n)


def _least_evidence(first: _Arm, second: _Arm) -> float:
    """The least joint evidence over all common values of the quantile; it is at a row or at an end."""
    between = second.rows[(second.rows >= first.best_high) & (second.rows <= second.best_low)]
    before = second.rows[second.rows <= first.best_high][-1:]
    points = np.concatenate([[first.best_high, second.best_low], before, between])
    return float(np.min(first.evidence(points) + second.evidence(points)))
