"""How much more the counts of a test vary than independent trials would, learned from its days."""

from __future__ import annotations

import numpy as np

from adwright.schema import F64

MIN_DEGREES_OF_FREEDOM = 10


def day_dispersion(successes: F64, trials: F64) -> float:
    """Pearson's chi-square over its degrees of freedom, at least 1, after removing days and arms.

    Days on which all arms do better cancel in a comparison; what is left is the variation of an arm from
    day to day beyond that. With fewer than ten degrees of freedom it cannot be told from chance, and 1 is
    returned.

    Args:
        successes: (n_arms, n_days) counts.
        trials: (n_arms, n_days) counts.

    Source: McCullagh and Nelder (1989), section 4.5.

    >>> day_dispersion(np.array([[10.0, 12.0], [9.0, 11.0]]), np.full((2, 2), 100.0))
    1.0
    """
    expected = _expected(successes, trials)
    used = (trials > 0) & (expected > 0)
    n_arms, n_days = int(used.any(axis=1).sum()), int(used.any(axis=0).sum())
    freedom = int(used.sum()) - n_arms - n_days + 1
    if freedom < MIN_DEGREES_OF_FREEDOM:
        return 1.0
    rate = np.divide(expected, trials, out=np.zeros_like(expected), where=used)
    variance = expected * (1.0 - np.minimum(rate, 1.0 - 1e-9))
    chi_square = float(np.sum((successes - expected)[used] ** 2 / variance[used]))
    return max(1.0, chi_square / freedom)


def _expected(successes: F64, trials: F64, *, n_sweeps: int = 50) -> F64:
    """trials x day effect x arm effect with the margins of `successes` (iterative proportional fitting)."""
    fitted = np.asarray(trials, dtype=np.float64).copy()
    for _ in range(n_sweeps):
        for axis in (0, 1):
            have, want = fitted.sum(axis=axis, keepdims=True), successes.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(want, have, out=np.zeros_like(have), where=have > 0)
    return fitted
