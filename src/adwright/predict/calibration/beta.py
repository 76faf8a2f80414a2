"""Beta calibration: the log-odds are a ln q - b ln(1 - q), q Platt's rate; unlike Platt's it may bend.

Source: Kull, Silva Filho and Flach 2017, AISTATS, eq. 4 and algorithm 1: a logistic regression on ln q and
-ln(1 - q) whose weights are not negative; one that would be is left out. a = b is Platt's line, a = b = 1 no change.
Holds when: the score's two classes are about beta-distributed. Does not cover: a map with several bends.
At rates of a few per cent ln(1 - q) hardly varies, and b stays at its prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from adwright.predict.calibration.platt import platt_line
from adwright.predict.mixed_logistic import Evidence, fit_mixed_logistic
from adwright.schema import F64

_NO_PRIOR = 1e-9


@dataclass(frozen=True, slots=True)
class BetaCurve:
    """log-odds = a ln q - b ln(1 - q), q = expit(intercept + slope x score)."""

    intercept: float
    slope: float
    a: float
    b: float

    def log_odds(self, score: F64) -> F64:
        """(n,) log-odds up to a shift."""
        up, down = _logarithms(self.intercept + self.slope * score)
        return np.asarray(self.a * up + self.b * down)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"intercept": self.intercept, "slope": self.slope, "a": self.a, "b": self.b}


class Beta:
    """Two weights on top of Platt's line."""

    name = "beta"

    def fit(self, score: F64, evidence: Evidence, *, prior_sd: float) -> BetaCurve:
        """Both weights by maximum likelihood, with the groups' levels as random effects."""
        intercept, slope = platt_line(score, evidence, prior_sd)
        if slope == 0 or not 0 < evidence.y.sum() < evidence.n.sum():
            return BetaCurve(intercept, slope, 1.0, 1.0)
        columns = np.column_stack(_logarithms(intercept + slope * score))
        ridge = max(1 / prior_sd**2, _NO_PRIOR)
        kept = [0, 1]
        while True:
            part = replace(evidence, x=sparse.csr_matrix(columns[:, kept]))
            found = fit_mixed_logistic(part, ridge, centre=1.0, tolerance=1e-10).beta
            if len(kept) == 1 or found.min() >= 0:
                break
            kept = [place for place, weight in zip(kept, found, strict=True) if weight > 0] or [0]
        weights = np.zeros(2)
        weights[kept] = np.maximum(found, 0.0)
        return BetaCurve(intercept, slope, float(weights[0]), float(weights[1]))

    def from_json(self, values: Mapping[str, Any]) -> BetaCurve:
        """The inverse of `BetaCurve.to_json`."""
        return BetaCurve(**{name: float(values[name]) for name in ("intercept", "slope", "a", "b")})


def _logarithms(logit: F64) -> tuple[F64, F64]:
    """ln q and -ln(1 - q) of the log-odds."""
    return -np.logaddexp(0, -logit), np.logaddexp(0, logit)
