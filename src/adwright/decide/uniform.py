"""Every arm alike; the yardstick for other policies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.decide.policy import masked_draws
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True)
class Uniform:
    """The same probability for every arm that may be chosen.

    >>> mask = np.array([True, False, True])
    >>> Uniform().probabilities(np.zeros((1, 3)), mask=mask, rng=np.random.default_rng(0)).tolist()
    [0.5, 0.0, 0.5]
    """

    name: str = "uniform"

    def probabilities(self, draws: F64, *, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Policy.probabilities`."""
        masked_draws(draws, mask)
        return np.asarray(mask, dtype=np.float64) / np.count_nonzero(mask)
