"""Which limits clash: an irreducible set that cannot be met, while any of them left out lets the others be.

First an elastic programme, in which every bound may be missed at a price: the bounds with a dual price are
proof that the whole set cannot be met (Farkas' lemma), and are few. Then a deletion filter makes that set
irreducible.

Source: Chinneck 2008, Feasibility and Infeasibility in Optimization, sections 6.2 and 6.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adwright.decide.allocation.problem import SpendProblem, named_limits
from adwright.decide.allocation.programme import Bound, bounds_of, matrix, widths
from adwright.schema import F64

_UNBOUNDED = 1e15


def clashing(problem: SpendProblem) -> tuple[str, ...]:
    """The names of an irreducible set of limits that clash; empty where all can be met.

    "reach" is among them where the cells are too small for what the others ask; a limit with two bounds is
    named with the one that matters ("x at least", "x at most").
    """
    bounds = bounds_of(named_limits(problem.limits, problem.budget_minor))
    if _missed(problem, bounds, reach=True)[0] <= _tolerance(bounds):
        return ()
    _, prices = _missed(problem, bounds, reach=True)
    suspects = [bound for bound, price in zip(bounds, prices, strict=True) if price > 1e-9]
    if not _clash(problem, suspects, reach=True):  # degenerate duals: start from all
        suspects = bounds
    reach = not _clash(problem, suspects, reach=False)
    for bound in list(suspects):
        rest = [other for other in suspects if other is not bound]
        if _clash(problem, rest, reach=reach):
            suspects = rest
    both = {b.limit.name for b in bounds if sum(c.limit is b.limit for c in bounds) > 1}
    names = [_name(bound, both) for bound in suspects]
    return (*names, "reach") if reach else tuple(names)


def _name(bound: Bound, both: set[str]) -> str:
    return (
        f"{bound.limit.name} {bound.kind.replace('_', ' ')}" if bound.limit.name in both else bound.limit.name
    )


def _clash(problem: SpendProblem, bounds: Sequence[Bound], *, reach: bool) -> bool:
    return bool(bounds) and _missed(problem, bounds, reach=reach)[0] > _tolerance(bounds)


def _tolerance(bounds: Sequence[Bound]) -> float:
    return 1e-7 * max((bound.minor for bound in bounds), default=1.0) + 1e-9


def _missed(problem: SpendProblem, bounds: Sequence[Bound], *, reach: bool) -> tuple[float, list[float]]:
    """The least sum by which the bounds have to be missed, and the dual price of each.

    Cells that the same bounds count are one column: whether limits can be met does not depend on value.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    a, room = _merged(problem, bounds)
    n, k = a.shape[1], len(bounds)
    slack = -sparse.identity(k, format="csr")
    upper = np.append(room if reach else np.full(n, _UNBOUNDED), np.full(k, np.inf))
    answer = linprog(
        np.append(np.zeros(n), np.ones(k)),
        A_ub=sparse.hstack([a, slack], format="csr"),
        b_ub=np.array([bound.sign * bound.minor for bound in bounds]),
        bounds=np.column_stack([np.zeros(n + k), upper]),
        method="highs",
    )  # type: ignore[call-overload]  # the stubs know no sparse matrices
    return float(answer.fun), [-float(price) for price in answer.ineqlin.marginals]


def _merged(problem: SpendProblem, bounds: Sequence[Bound]) -> tuple[Any, F64]:
    """A of `programme.matrix` with one column for each set of bounds that some open cells share, and its reach."""
    one_step = replace(problem, steps=((1.0, 1.0),))
    a, _ = matrix(one_step, bounds)
    mark = a.T @ np.random.default_rng(0).random(len(bounds))  # equal columns, equal marks
    _, first, which = np.unique(mark, return_index=True, return_inverse=True)
    return a.tocsc()[:, first], np.bincount(which.reshape(-1), widths(one_step)).astype(np.float64)
