"""The intercept: what makes the expected successes of calibrate the observed ones."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from adwright.predict.rows import Rows
from adwright.schema import F64


def matching_intercept(log_odds: F64, rows: Rows, weight: F64, *, prior: Rows) -> float:
    """The shift under which the weighted expected successes are the observed ones.

    One success at the training rate is added, so a calibrate block without any has a rate above zero.

    Args:
        log_odds: (n,) up to the shift.
        rows: n rows.
        weight: (n,) of each, 1 for the latest.
        prior: Training rows.
    """
    known = float((prior.successes.sum() + 0.5) / (prior.trials.sum() + 1))
    n = float(weight @ rows.trials)
    if n == 0:
        return float(special.logit(known))
    goal = (float(weight @ rows.successes) + 1) / (n + 1 / known)

    def gap(intercept: float) -> float:
        return float((weight * rows.trials) @ special.expit(intercept + log_odds)) / n - goal

    reach = 40.0 + float(np.abs(log_odds).max(initial=0.0))
    return float(optimize.brentq(gap, -reach, reach, xtol=1e-10))
