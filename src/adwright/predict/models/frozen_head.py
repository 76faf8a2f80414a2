"""A linear head on frozen features, solved exactly.

The contrasts' loss is quadratic in the scores f w, so that the best w for a ridge solves

    (sum_c F_c' P_c F_c + ridge I) w = sum_c F_c' P_c t_c

with F_c the features of a contrast's texts, P_c its precision, t_c its targets. Members weigh the groups by a
Bayesian bootstrap (Rubin 1981, Annals of Statistics 9).

Holds when: what the texts' effect hangs on is a direction of the features. Does not cover: what is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from adwright.predict.models.contrasts import Contrast
from adwright.schema import F64

RIDGES = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0, 30_000.0, 100_000.0, 300_000.0)
"""Candidates; a text encoder's features have a mean square of about one a dimension."""

DEFAULT_RIDGE = 10_000.0
"""Where there is nothing to choose by."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of all contrasts, one below the other.

    Args:
        x: (cells, d) features.
        target: (cells,) targets.
        precision: (cells, cells) block-diagonal, sparse.
        contrast: (cells,) number of each cell's contrast.
    """

    x: F64
    target: F64
    precision: sparse.csr_matrix
    contrast: F64

    @classmethod
    def of(cls, features: F64, contrasts: Sequence[Contrast]) -> Cells:
        """From the (n_texts, d) features of the texts that contrasts number; at least one contrast."""
        sizes = [len(c.text) for c in contrasts]
        return cls(
            features[np.concatenate([c.text for c in contrasts])],
            np.concatenate([c.target for c in contrasts]),
            sparse.csr_matrix(sparse.block_diag([c.precision for c in contrasts], format="csr")),
            np.repeat(np.arange(len(contrasts)), sizes),
        )

    def equations(self, weight: F64 | None = None) -> tuple[F64, F64]:
        """((d, d), (d,)): both sides without the ridge, each contrast weighted; by one, if None."""
        held = np.ones(int(self.contrast[-1]) + 1) if weight is None else weight
        weighted = sparse.diags(held[self.contrast]) @ self.precision
        return np.asarray(self.x.T @ (weighted @ self.x)), np.asarray(self.x.T @ (weighted @ self.target))


def solve_head(equations: tuple[F64, F64], ridge: float) -> F64:
    """(d,) weights."""
    left, right = equations
    return np.asarray(linalg.solve(left + ridge * np.eye(len(right)), right, assume_a="pos"))


def bootstrap_heads(cells: Cells, ridge: float, n: int, rng: np.random.Generator) -> list[F64]:
    """n heads, each of its own weights of the groups."""
    n_contrasts = int(cells.contrast[-1]) + 1
    return [solve_head(cells.equations(rng.standard_exponential(n_contrasts)), ridge) for _ in range(n)]
