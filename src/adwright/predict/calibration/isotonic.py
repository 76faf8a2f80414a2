"""Isotonic calibration: whatever rising map fits best, by pooling adjacent violators.

Rows are weighted by their evidence; each pooled block counts one success more at Platt's rate, so none is 0 or 1.
Between the blocks' centres the log-odds are joined by straight lines, which keeps the order of all but the rows
beyond the outermost centres ("centred" isotonic regression); beyond those the map is flat.

Source: Ayer et al. 1955, Annals of Mathematical Statistics 26; Zadrozny and Elkan 2002, KDD; Oron and Flournoy 2017,
Statistics in Biopharmaceutical Research 9.
Holds when: there are hundreds of successes. Does not cover: levels of groups, which pass for the score's doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

from adwright.predict.calibration.platt import platt_line
from adwright.predict.mixed_logistic import Evidence
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Log-odds at the centres of the blocks.

    Args:
        slope: Platt's.
        centres: (b,) scores, rising.
        values: (b,) log-odds, rising.
    """

    slope: float
    centres: F64
    values: F64

    def log_odds(self, score: F64) -> F64:
        """(n,) log-odds."""
        return np.asarray(np.interp(score, self.centres, self.values))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"slope": self.slope, "centres": self.centres.tolist(), "values": self.values.tolist()}


class Isotonic:
    """Pool adjacent violators."""

    name = "isotonic"

    def fit(self, score: F64, evidence: Evidence, *, prior_sd: float) -> Steps:
        """The blocks of the pooled rates."""
        intercept, slope = platt_line(score, evidence, prior_sd)
        weight = evidence.weight * evidence.n
        fitted = isotonic_rates(score, evidence.y / evidence.n, weight)
        block = np.unique(fitted, return_inverse=True)[1].reshape(-1)
        mass = np.bincount(block, weight)
        centres = np.bincount(block, weight * score) / mass
        prior = special.expit(intercept + slope * centres)
        smoothed = (np.bincount(block, weight * evidence.y / evidence.n) + prior) / (mass + 1)
        rising = optimize.isotonic_regression(smoothed, weights=mass + 1).x
        return Steps(slope, centres, special.logit(np.clip(rising, 1e-12, 1 - 1e-12)))

    def from_json(self, values: Mapping[str, Any]) -> Steps:
        """The inverse of `Steps.to_json`."""
        return Steps(float(values["slope"]), np.array(values["centres"]), np.array(values["values"]))


def isotonic_rates(score: F64, rate: F64, weight: F64) -> F64:
    """(n,) the rates that rise with the score and are nearest to `rate` in weighted squares; equal scores alike.

    >>> isotonic_rates(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.4, 0.2]), np.array([1.0, 1.0, 3.0])).tolist()
    [0.1, 0.25, 0.25]
    """
    index = np.unique(score, return_inverse=True)[1].reshape(-1)
    mass = np.bincount(index, weight)
    mean = np.bincount(index, weight * rate) / mass
    return np.asarray(optimize.isotonic_regression(mean, weights=mass).x[index])
