"""Hyper-parameters chosen on the log itself: SLOPE, or the least bound of the squared error.

*Holds when* variance falls and bias grows along the grid (all hyper-parameters here do that).
*Does not cover* the small optimism of choosing and estimating on the same rounds.

Source: Su, Srinath and Krishnamurthy (2020), ICML (SLOPE); Su et al. (2020), ICML, section 5, and Wang, Agarwal
and Dudik (2017), ICML, for the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from adwright.errors import UsageError, unknown_name
from adwright.experiment.offpolicy.registry import TUNED
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Estimator, Terms
from adwright.schema import F64
from adwright.stats.intervals import normal_quantile

TuningMethod = Literal["slope", "mse bound"]


def tune(
    name: str,
    rounds: LoggedRounds,
    *,
    grid: Sequence[float] | None = None,
    method: TuningMethod = "slope",
    level: float = 0.95,
) -> Estimator:
    """The estimator of that family whose hyper-parameter suits the log best.

    Args:
        name: One of `registry.TUNED`.
        rounds: The log and the policy.
        grid: Values to choose from; by default from the weights that occur.
        method: "slope": the least noisy estimate whose interval still meets those of all noisier ones;
            "mse bound": the least variance plus squared bound of the bias.
        level: Confidence of the intervals and of the bound.

    Raises:
        NotFoundError: no such family, or method.
        UsageError: an empty grid.
    """
    if name not in TUNED:
        raise unknown_name("estimator with a hyper-parameter", name, TUNED)
    if method not in ("slope", "mse bound"):
        raise unknown_name("tuning method", method, ("slope", "mse bound"))
    values = default_grid(name, rounds.weight) if grid is None else list(grid)
    if not values:
        raise UsageError("nothing to choose from", argument="grid", value=values)
    candidates = [TUNED[name](value) for value in values]
    terms = [candidate.terms(rounds) for candidate in candidates]
    best = _slope(terms, level) if method == "slope" else _mse_bound(terms, rounds, level)
    return candidates[best]


def default_grid(name: str, weight: F64) -> list[float]:
    """Hyper-parameters between next to no weighting and all of it, from quantiles of the weights."""
    if name in ("sg_ips", "sg_dr"):
        return [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
    positive = weight[weight > 0]
    if not len(positive):
        return [1.0]
    levels = np.unique(np.quantile(positive, [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0]))
    return [float(x) for x in (levels**2 if name == "dr_shrinkage" else levels)]


def _slope(terms: Sequence[Terms], level: float) -> int:
    z = normal_quantile(level)
    order = sorted(range(len(terms)), key=lambda i: -terms[i].standard_error())
    low, high, best = -np.inf, np.inf, order[0]
    for i in order:
        half = z * terms[i].standard_error()
        low, high = max(low, terms[i].value - half), min(high, terms[i].value + half)
        if low > high:
            break
        best = i
    return best


def _mse_bound(terms: Sequence[Terms], rounds: LoggedRounds, level: float) -> int:
    residual = rounds.reward - (0.0 if not terms[0].plain.any() else rounds.q_logged())
    log = float(np.log(2.0 / (1.0 - level)))
    scale = float(np.abs(residual).max(initial=0.0))

    def bound(one: Terms) -> float:
        lost = rounds.weight - one.weight
        bias = abs(float(np.mean(lost * residual))) + scale * (
            float(np.sqrt(2.0 * np.mean(lost**2) * log / one.n))
            + 2.0 * float(lost.max()) * log / (3.0 * one.n)
        )
        return one.standard_error() ** 2 + bias**2

    return int(np.argmin([bound(one) for one in terms]))
