"""Platt's calibration: the log-odds are a straight line in the score.

Source: Platt 1999, Advances in Large Margin Classifiers; for counts, with the groups' levels as random effects, so
that a good week does not pass for a good prediction. The slope is drawn towards 1 and never negative.
Holds when: predictions are too far apart, or too close, by the same factor everywhere.
Does not cover: a map that bends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adwright.predict.mixed_logistic import Evidence, logistic_slope
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class Line:
    """log-odds = slope x score."""

    slope: float

    def log_odds(self, score: F64) -> F64:
        """(n,) log-odds up to a shift."""
        return np.asarray(self.slope * score)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"slope": self.slope}


class Platt:
    """A slope; the intercept is the rate model's."""

    name = "platt"

    def fit(self, score: F64, evidence: Evidence, *, prior_sd: float) -> Line:
        """The slope; 1 where there are only successes, or none."""
        return Line(platt_line(score, evidence, prior_sd)[1])

    def from_json(self, values: Mapping[str, Any]) -> Line:
        """The inverse of `Line.to_json`."""
        return Line(float(values["slope"]))


def platt_line(score: F64, evidence: Evidence, prior_sd: float) -> tuple[float, float]:
    """(intercept, slope) of Platt's line; (0, 1) where there are only successes, or none."""
    if not 0 < evidence.y.sum() < evidence.n.sum():
        return 0.0, 1.0
    intercept, slope, _ = logistic_slope(score, evidence, prior_sd=prior_sd)
    return (intercept, slope) if slope > 0 else (intercept, 0.0)
