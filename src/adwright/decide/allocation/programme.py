"""The linear programme of a spend problem, as sparse matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.decide.allocation.problem import SpendLimit, SpendProblem
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """One row: the sum of some cells' spend is at most (sign 1) or at least (sign -1) a number."""

    limit: SpendLimit
    sign: int
    minor: float

    @property
    def kind(self) -> str:
        """As in `LimitUse.bound`."""
        return "at_most" if self.sign > 0 else "at_least"


def bounds_of(limits: Sequence[SpendLimit]) -> list[Bound]:
    """One bound for each side that a limit has."""
    rows = []
    for limit in limits:
        if limit.at_most_minor is not None:
            rows.append(Bound(limit, 1, limit.at_most_minor))
        if limit.at_least_minor is not None:
            rows.append(Bound(limit, -1, limit.at_least_minor))
    return rows


def matrix(problem: SpendProblem, bounds: Sequence[Bound]) -> tuple[Any, F64]:
    """A (n_bounds, n_cells n_steps) and b of `A x <= b`; columns are the steps of each open cell in order."""
    from scipy import sparse

    open_cells = open_of(problem)
    n_steps = len(problem.steps)
    rows, columns, signs = [], [], []
    for i, bound in enumerate(bounds):
        inside = np.flatnonzero(problem.cells_of(bound.limit).ravel()[open_cells])
        column = (inside[:, None] * n_steps + np.arange(n_steps)).ravel()
        columns.append(column)
        rows.append(np.full(len(column), i))
        signs.append(np.full(len(column), float(bound.sign)))
    shape = (len(bounds), len(open_cells) * n_steps)
    if not bounds:
        return sparse.csr_matrix(shape), np.zeros(0)
    a = sparse.csr_matrix((np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))), shape)
    return a, np.array([bound.sign * bound.minor for bound in bounds])


def open_of(problem: SpendProblem) -> npt.NDArray[np.intp]:
    """Flat indices of the cells that can take spend."""
    return np.flatnonzero(problem.reach_minor.ravel() > 0)


def widths(problem: SpendProblem) -> F64:
    """Most spend of each column."""
    share = np.array([s for s, _ in problem.steps])
    return np.asarray((problem.reach_minor.ravel()[open_of(problem), None] * share).ravel())


def worths(problem: SpendProblem) -> F64:
    """What a unit of spend in each column adds to the objective."""
    factor = np.array([f for _, f in problem.steps])
    return np.asarray((problem.cautious_value.ravel()[open_of(problem), None] * factor).ravel())


def spend_of(problem: SpendProblem, x: F64) -> F64:
    """(H, G) spend from the columns."""
    spend = np.zeros(problem.value.size)
    spend[open_of(problem)] = x.reshape(-1, len(problem.steps)).sum(axis=1)
    return spend.reshape(problem.value.shape)
