"""The reliability diagram: observed against predicted rates, in bins of equal weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.schema import F64
from adwright.stats.intervals import wilson


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin: mean prediction, observed rate with its 95 % interval, and rows."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


def reliability(mean: F64, successes: F64, trials: F64, *, n_bins: int = 10) -> list[ReliabilityBin]:
    """Bins of about equally many rows, by prediction; rows with equal predictions stay together.

    The interval is Wilson's, widened by the dispersion between the rows of the bin (Pearson's chi-square
    over its degrees of freedom, at least 1), since rows are contents with a rate of their own.

    Args:
        mean: (n,) predicted rates.
        successes: (n,) counts.
        trials: (n,) counts.
        n_bins: At most so many bins.

    >>> bins = reliability(np.array([0.1, 0.1, 0.4, 0.4]), np.array([9.0, 11.0, 38.0, 42.0]), np.full(4, 100.0))
    >>> [(round(b.predicted, 2), round(b.observed, 2), b.n) for b in bins]
    [(0.1, 0.1, 2), (0.4, 0.4, 2)]
    """
    edges = np.unique(np.quantile(mean, np.linspace(0, 1, n_bins + 1)[1:-1], method="nearest"))
    index = np.searchsorted(edges, mean, side="left")
    found = []
    for i in np.unique(index):
        rows = (index == i) & (trials > 0)
        k, n = float(successes[rows].sum()), float(trials[rows].sum())
        if n == 0:
            continue
        low, high = wilson(
            np.array([k]), np.array([n]), level=0.95, dispersion=_dispersion(successes[rows], trials[rows])
        )
        found.append(
            ReliabilityBin(
                predicted=float(mean[rows] @ trials[rows] / n),
                observed=k / n,
                low=float(low[0]),
                high=float(high[0]),
                n=int(rows.sum()),
            )
        )
    return found


def _dispersion(successes: F64, trials: F64) -> float:
    rate = successes.sum() / trials.sum()
    if len(successes) < 2 or not 0 < rate < 1:
        return 1.0
    chi_square = float(np.sum((successes - trials * rate) ** 2 / (trials * rate * (1 - rate))))
    return max(1.0, chi_square / (len(successes) - 1))
