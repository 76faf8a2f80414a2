"""The purchase: click times conversion, calibrated on exposures.

Click is calibrated on exposures and conversion on clicks; their product is not thereby calibrated on exposures,
since who clicks differs from who does not, and the two errors go together. Two numbers, a shift and a slope on
its log-odds, mend that.

Source: Platt 1999. Holds when: conversions are given click. Does not cover: the purchase of one content against
another's; that is `value`, from the two rates and their correlation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, sparse, special

from adwright.predict.exposures import Exposures
from adwright.predict.mixed_logistic import logistic_slope
from adwright.predict.models.nuisance import Nuisance
from adwright.schema import F64

_SLOPE_PRIOR_SD = 0.5


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """Purchases an exposure: expit(intercept + slope * logit(click * conversion))."""

    intercept: float
    slope: float

    def mean(self, product: F64) -> F64:
        """(n,) calibrated, from the (n,) products of the two rates."""
        return np.asarray(special.expit(self.intercept + self.slope * _logit(product)))


def fit_purchase(product: F64, exposures: Exposures, rng: np.random.Generator) -> PurchaseModel | None:
    """The calibration of the products on exposures; None where no purchase is known.

    Args:
        product: (n,) click times conversion, each calibrated on its own rows.
        exposures: n rows that neither was learned from.
        rng: Of the groups that the spread is told by.
    """
    if exposures.purchases is None or not exposures.knows_purchases.any():
        return None
    known = np.flatnonzero(exposures.knows_purchases)
    rows = exposures.first.take(known)
    rows = replace(rows, successes=exposures.purchases[known], x=sparse.csr_matrix((len(known), 1)))
    score = _logit(product[known])
    slope = 1.0
    if 0 < rows.successes.sum() < rows.trials.sum():
        evidence = Nuisance.learn(rows, rng).evidence(rows)
        slope = max(logistic_slope(score, evidence, prior_sd=_SLOPE_PRIOR_SD)[1], 0.0)
    expected = float(rows.trials @ product[known])
    goal = (float(rows.successes.sum()) + 1) / (float(rows.trials.sum()) * (1 + 1 / max(expected, 1e-9)))

    def gap(intercept: float) -> float:
        return float(rows.trials @ special.expit(intercept + slope * score)) / float(rows.trials.sum()) - goal

    reach = 40.0 + float(np.abs(score).max()) * max(slope, 1.0)
    return PurchaseModel(float(optimize.brentq(gap, -reach, reach, xtol=1e-10)), slope)


def _logit(rate: F64) -> F64:
    return np.asarray(special.logit(np.clip(rate, 1e-12, 1 - 1e-12)))
