"""Two simple ways to spread a budget, as yardsticks: by reach, and the best cell first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adwright.decide.allocation.problem import SpendProblem
from adwright.decide.allocation.programme import open_of, spend_of, widths, worths
from adwright.schema import F64, Bools


def proportional_split(problem: SpendProblem) -> F64:
    """(H, G) spend in proportion to the reach of each cell, cut down where a limit is passed.

    What a cut frees is spread over the other cells in the same way, a few times. Limits from below are met
    where raising their cells in proportion meets them; else they are missed.
    """
    spend = np.zeros_like(problem.reach_minor)
    for limit in problem.limits:
        if limit.at_least_minor:
            cells = problem.cells_of(limit)
            short = limit.at_least_minor - spend[cells].sum()
            spend += _spread(short, (problem.reach_minor - spend) * cells)
    for _ in range(20):
        room = problem.reach_minor - spend
        for most, cells in _upper(problem):
            if spend[cells].sum() >= most - 1e-9:
                room = np.where(cells, 0.0, room)
        left = problem.budget_minor - spend.sum()
        if left <= 1e-6 or room.sum() <= 0:
            break
        spend += _spread(left, room)
        for most, cells in _upper(problem):
            total = spend[cells].sum()
            if total > most:
                spend = np.where(cells, spend * (most / total), spend)
    return spend


def greedy_split(problem: SpendProblem) -> F64:
    """(H, G) spend, the step of the largest value first, as far as budget and limits from above allow.

    Limits from below are filled first, each by its own best cells.
    """
    wide, worth = widths(problem), worths(problem)
    n_steps = len(problem.steps)
    cell = np.repeat(open_of(problem), n_steps)
    member = [cells.ravel()[cell] for _, cells in _upper(problem)]
    room = [limit for limit, _ in _upper(problem)]
    x, left = np.zeros_like(wide), problem.budget_minor
    order = np.argsort(-worth, kind="stable")
    inside = np.array(member).reshape(len(member), len(cell))

    def fill(columns: npt.NDArray[np.intp], at_most: float) -> float:
        nonlocal left
        filled = 0.0
        for j in columns:
            mine = np.flatnonzero(inside[:, j])
            amount = min(wide[j] - x[j], left, at_most - filled, *(room[i] for i in mine))
            if amount <= 0:
                continue
            x[j] += amount
            left -= amount
            filled += amount
            for i in mine:
                room[i] -= amount
        return filled

    for limit in problem.limits:
        if limit.at_least_minor:
            own = problem.cells_of(limit).ravel()[cell]
            fill(order[own[order]], limit.at_least_minor - float(x[own].sum()))
    fill(order[worth[order] > 0], np.inf)
    return spend_of(problem, x)


def _spread(amount: float, room: F64) -> F64:
    total = room.sum()
    if amount <= 0 or total <= 0:
        return np.zeros_like(room)
    return np.asarray(room * min(1.0, amount / total))


def _upper(problem: SpendProblem) -> list[tuple[float, Bools]]:
    return [
        (limit.at_most_minor, problem.cells_of(limit))
        for limit in problem.limits
        if limit.at_most_minor is not None
    ]
