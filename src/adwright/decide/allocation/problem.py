"""What is to be allocated: predicted value of spend by channel and cohort, its uncertainty, and the limits.

    value of x in a cell = v * response(x),   response' = 1 on the first part of its reach, less on the next ones

Reach is the spend that shows something to everyone of the cohort on that channel once in the period; spend
beyond it brings nothing. The response is concave and made of straight pieces, so the optimum is a linear
programme, and is found, not approached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from adwright.errors import DataError, UsageError
from adwright.schema import F64, Bools

STEPS = ((0.5, 1.0), (0.3, 0.6), (0.2, 0.3))
"""Default response: (share of the reach, value of a unit of spend there relative to the first one)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendLimit:
    """A limit on the spend of some cells together.

    Args:
        name: How it is called in the plan.
        channels: Those that count; None for all.
        cohorts: Those that count; None for all.
        at_least_minor: Least spend, minor units; None for none.
        at_most_minor: Most spend, minor units; None for none.
    """

    name: str
    channels: tuple[str, ...] | None = None
    cohorts: tuple[str, ...] | None = None
    at_least_minor: float | None = None
    at_most_minor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpendProblem:
    """A budget, cells to spend it in, and limits.

    Args:
        channels: H names.
        cohorts: G names.
        value: (H, G) predicted value of the first unit of spend: minor units of value per minor unit.
        sd: (H, G) its standard deviation.
        reach_minor: (H, G) spend beyond which nothing more is gained; 0 closes a cell.
        budget_minor: Most spend in all.
        limits: Further limits, each name once, none called "budget" or "reach".
        steps: The response, see `STEPS`; shares sum to 1, values fall and are not negative.
        caution: Standard deviations taken off the value of each cell before it is compared, >= 0. Uncertain
            cells then have to promise more.

    Raises:
        UsageError: shapes, names or limits that do not fit.
        DataError: a value, sd or reach that is not finite, or negative where it cannot be.
    """

    channels: tuple[str, ...]
    cohorts: tuple[str, ...]
    value: F64
    sd: F64
    reach_minor: F64
    budget_minor: float
    limits: tuple[SpendLimit, ...] = ()
    steps: tuple[tuple[float, float], ...] = field(default=STEPS)
    caution: float = 0.0

    def __post_init__(self) -> None:
        shape = (len(self.channels), len(self.cohorts))
        for name in ("value", "sd", "reach_minor"):
            cells = getattr(self, name)
            if cells.shape != shape:
                raise UsageError("one number a cell", argument=name, value=cells.shape, allowed=str(shape))
            if not np.isfinite(cells).all() or (name != "value" and np.any(cells < 0)):
                raise DataError("not what a cell can hold", argument=name, value=self._odd_cell(cells, name))
        if len(set(self.channels)) < len(self.channels) or len(set(self.cohorts)) < len(self.cohorts):
            raise UsageError("names stand once", argument="channels", value=self.channels)
        if not (np.isfinite(self.budget_minor) and self.budget_minor >= 0 and self.caution >= 0):
            raise UsageError("not a budget", argument="budget_minor", value=self.budget_minor)
        self._check_steps()
        self._check_limits()

    @property
    def cautious_value(self) -> F64:
        """(H, G) value less `caution` standard deviations."""
        return self.value - self.caution * self.sd

    def cells_of(self, limit: SpendLimit) -> Bools:
        """(H, G), True in the cells that a limit counts."""
        rows = np.array([limit.channels is None or c in limit.channels for c in self.channels])
        columns = np.array([limit.cohorts is None or c in limit.cohorts for c in self.cohorts])
        return np.asarray(rows[:, None] & columns[None, :])

    def response(self, spend: F64) -> F64:
        """(H, G) spend -> the same in units of full value: what each cell's spend is worth over `value`."""
        out, start = np.zeros_like(spend), np.zeros_like(spend)
        for share, factor in self.steps:
            width = share * self.reach_minor
            out += factor * np.clip(spend - start, 0.0, width)
            start = start + width
        return out

    def worth(self, spend: F64) -> float:
        """Expected value of a spend (H, G), minor units."""
        return float((self.value * self.response(spend)).sum())

    def _odd_cell(self, cells: F64, name: str) -> tuple[str, str, float]:
        odd = ~np.isfinite(cells) | ((cells < 0) & (name != "value"))
        h, g = np.argwhere(odd)[0]
        return self.channels[h], self.cohorts[g], float(cells[h, g])

    def _check_steps(self) -> None:
        share, factor = np.array(self.steps, dtype=np.float64).reshape(-1, 2).T
        concave = len(factor) and np.all(np.diff(factor) <= 0) and factor[-1] >= 0
        if not concave or np.any(share <= 0) or abs(share.sum() - 1) > 1e-9:
            raise UsageError(
                "not a concave response",
                argument="steps",
                value=self.steps,
                allowed="shares above 0 that sum to 1, values that do not rise",
            )

    def _check_limits(self) -> None:
        names = [limit.name for limit in self.limits]
        if len(set(names)) < len(names) or {"budget", "reach"} & set(names):
            raise UsageError("each limit has its own name", argument="limits", value=names)
        for limit in self.limits:
            for kind, known in (("channels", self.channels), ("cohorts", self.cohorts)):
                unknown = set(getattr(limit, kind) or ()) - set(known)
                if unknown:
                    raise UsageError(
                        f"limit '{limit.name}' names what is not there", argument=kind, value=sorted(unknown)
                    )
            bounds = (limit.at_least_minor, limit.at_most_minor)
            if bounds == (None, None) or any(b is not None and not 0 <= b < np.inf for b in bounds):
                raise UsageError(
                    f"limit '{limit.name}' needs a bound that is not negative",
                    argument="limits",
                    value=bounds,
                )


def cells_from_draws(
    draws: F64, cost_minor: F64, exposures: F64, *, min_cost_minor: float = 1e-9
) -> tuple[F64, F64, F64]:
    """`value`, `sd` and `reach_minor` of a problem from draws of the value per exposure.

    Args:
        draws: (n_draws, H, G) draws of the value per exposure before its cost, minor units, as
            `stats.value.value` gives them for the content that a cell would be shown.
        cost_minor: (H, G) cost of one exposure, minor units.
        exposures: (H, G) exposures that there are.
        min_cost_minor: Exposures that cost less count as costing this much; a free channel needs no budget.
    """
    cost = np.maximum(np.asarray(cost_minor, dtype=np.float64), min_cost_minor)
    return draws.mean(axis=0) / cost, draws.std(axis=0) / cost, cost * np.asarray(exposures, dtype=np.float64)


def named_limits(rows: Sequence[SpendLimit], budget_minor: float) -> tuple[SpendLimit, ...]:
    """The limits with the budget as the first one."""
    return (SpendLimit(name="budget", at_most_minor=budget_minor), *rows)
