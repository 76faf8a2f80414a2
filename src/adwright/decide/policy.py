"""What a policy is: draws of the value of each arm in, a probability for each arm out."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from adwright.errors import DataError, InfeasibleError, UsageError
from adwright.schema import F64, Bools


@runtime_checkable
class Policy(Protocol):
    """Turns beliefs into probabilities. Policies hold settings only, so they pickle and can be shared."""

    @property
    def name(self) -> str:
        """The policy's name in the registry and in the log."""
        ...

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """The probability of each arm: not negative, 0 where masked out, sums to 1.

        Args:
            draws: (n_draws, n_arms) draws of the value per exposure, one row a possible world.
            mask: (n_arms,) True where the arm may be chosen.
            rng: Source of randomness, for policies that need some.

        Raises:
            UsageError: shapes that do not fit.
            DataError: a value of an arm that may be chosen is not finite.
            InfeasibleError: no arm may be chosen.
        """
        ...


def masked_draws(draws: F64, mask: Bools) -> F64:
    """The draws, checked, with minus infinity where an arm is masked out."""
    draws = np.asarray(draws, dtype=np.float64)
    mask = np.asarray(mask, dtype=np.bool_)
    if draws.ndim != 2 or draws.shape[0] == 0 or mask.shape != draws.shape[1:]:
        raise UsageError(
            "draws and mask do not fit",
            argument="draws",
            value=(draws.shape, mask.shape),
            allowed="(n_draws, n_arms) with n_draws >= 1, and (n_arms,)",
        )
    if not mask.any():
        raise InfeasibleError("no arm may be chosen", argument="mask", value=mask.tolist())
    broken = ~np.isfinite(draws).all(axis=0) & mask
    if broken.any():
        raise DataError(
            "the value of an arm is not finite", argument="draws", value=np.flatnonzero(broken).tolist()
        )
    return np.where(mask, draws, -np.inf)


def share_of_wins(values: F64) -> F64:
    """The share of rows in which each column is the largest, (n_columns,); ties are split evenly.

    >>> share_of_wins(np.array([[1.0, 2.0, 0.0], [3.0, 3.0, 1.0]])).tolist()
    [0.25, 0.75, 0.0]
    """
    wins = values == values.max(axis=1, keepdims=True)
    shares = (wins / wins.sum(axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(shares / shares.sum())
