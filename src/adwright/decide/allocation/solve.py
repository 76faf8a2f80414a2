"""The best spend under the limits, by HiGHS, and what each limit costs.

The shadow price of a bound is the value that one more unit of room would bring (duality); its cost is the
value that the plan would gain without it, by solving again. The budget itself has a shadow price, too: the
value of one more unit of money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adwright.decide.allocation.clashes import clashing
from adwright.decide.allocation.plan import LimitUse, SpendPlan, spread_of
from adwright.decide.allocation.problem import SpendProblem, named_limits
from adwright.decide.allocation.programme import Bound, bounds_of, matrix, spend_of, widths, worths
from adwright.errors import InfeasibleError, UsageError
from adwright.schema import F64

N_COSTS = 12
_MANY = 20_000


def allocate(problem: SpendProblem, *, channel_correlation: float = 0.5, n_costs: int = N_COSTS) -> SpendPlan:
    """The plan of the largest cautious value.

    Args:
        problem: Cells, budget and limits.
        channel_correlation: Share of a cell's uncertainty that all cells of its channel have in common, in
            [0, 1]; for the plan's interval only.
        n_costs: The limits with the largest shadow price times bound get their cost computed, so many.

    Raises:
        InfeasibleError: limits that cannot hold together; the message names those that clash.
    """
    if not 0.0 <= channel_correlation <= 1.0:
        raise UsageError("not a share", argument="channel_correlation", value=channel_correlation)
    bounds = bounds_of(named_limits(problem.limits, problem.budget_minor))
    found = solved(problem, bounds)
    if found is None:
        names = clashing(problem)
        raise InfeasibleError(
            "the limits cannot hold together",
            argument="limits",
            value=list(names),
            hint=f"Each of these can be met without the others; ease one: {', '.join(names)}",
        )
    x, prices = found
    spend = spend_of(problem, x)
    best = float(worths(problem) @ x)
    uses = [_use(problem, bound, spend, price) for bound, price in zip(bounds, prices, strict=True)]
    order = sorted(range(len(uses)), key=lambda i: -uses[i].shadow_price * uses[i].bound_minor)
    for i in [i for i in order if uses[i].binds and bounds[i].limit.name != "budget"][:n_costs]:
        rest = [bound for j, bound in enumerate(bounds) if j != i]
        without = solved(problem, rest)
        if without is not None:
            gained = float(worths(problem) @ without[0]) - best
            uses[i] = replace(uses[i], cost_minor=max(gained, 0.0))
    response = problem.response(spend)
    return SpendPlan(
        channels=problem.channels,
        cohorts=problem.cohorts,
        spend_minor=spend,
        value_minor=problem.worth(spend),
        value_sd_minor=spread_of(response, problem.sd, channel_correlation=channel_correlation),
        cautious_value_minor=best,
        limits=tuple(uses),
    )


def solved(problem: SpendProblem, bounds: Sequence[Bound]) -> tuple[F64, F64] | None:
    """The columns of the optimum and the shadow price of each bound; None where there is none."""
    from scipy.optimize import linprog

    a, b = matrix(problem, bounds)
    wide = widths(problem)
    if not len(wide):
        return (np.zeros(0), np.zeros(len(bounds))) if np.all(b >= 0) else None
    limits = np.column_stack([np.zeros_like(wide), wide])
    answer = linprog(
        -worths(problem),
        A_ub=a if len(bounds) else None,
        b_ub=b if len(bounds) else None,
        bounds=limits,
        method="highs" if len(wide) < _MANY else "highs-ipm",  # with crossover: still a vertex, still exact
    )  # type: ignore[call-overload]  # the stubs know no sparse matrices
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise InfeasibleError("the solver gave up", argument="problem", value=answer.message)
    prices = -np.asarray(answer.ineqlin.marginals) if len(bounds) else np.zeros(0)
    return np.asarray(answer.x), np.maximum(prices, 0.0)


def _use(problem: SpendProblem, bound: Bound, spend: F64, price: float) -> LimitUse:
    return LimitUse(
        name=bound.limit.name,
        bound=bound.kind,
        bound_minor=bound.minor,
        spend_minor=float(spend[problem.cells_of(bound.limit)].sum()),
        shadow_price=float(price),
    )
