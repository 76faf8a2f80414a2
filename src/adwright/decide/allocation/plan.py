"""The plan: what is spent where, what it is expected to bring, and what each limit costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.schema import F64


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """How a limit shaped the plan.

    Args:
        name: Of the limit.
        bound: "at_most" or "at_least".
        bound_minor: The bound.
        spend_minor: What is spent on its cells.
        shadow_price: Value gained per minor unit by which the bound is eased; 0 where it does not bind.
        cost_minor: Value gained without this bound altogether; None where it was not computed.
    """

    name: str
    bound: str
    bound_minor: float
    spend_minor: float
    shadow_price: float
    cost_minor: float | None = None

    @property
    def binds(self) -> bool:
        """Whether easing it would bring something."""
        return self.shadow_price > 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpendPlan:
    """Spend by channel and cohort.

    Args:
        channels: H names.
        cohorts: G names.
        spend_minor: (H, G).
        value_minor: Expected value of it.
        value_sd_minor: Its standard deviation: cells of one channel share `channel_correlation` of theirs.
        cautious_value_minor: What was maximised: the value less the caution.
        limits: Every bound, the budget first.
    """

    channels: tuple[str, ...]
    cohorts: tuple[str, ...]
    spend_minor: F64
    value_minor: float
    value_sd_minor: float
    cautious_value_minor: float
    limits: tuple[LimitUse, ...] = ()

    @property
    def total_minor(self) -> float:
        """All spend."""
        return float(self.spend_minor.sum())

    @property
    def value_low_minor(self) -> float:
        """5 % quantile of the value."""
        return self.value_minor - 1.6449 * self.value_sd_minor

    @property
    def value_high_minor(self) -> float:
        """95 % quantile of the value."""
        return self.value_minor + 1.6449 * self.value_sd_minor


def spread_of(response: F64, sd: F64, *, channel_correlation: float) -> float:
    """The standard deviation of the value of a plan, from the responses and sds (H, G) of its cells."""
    cells = sd * response
    own = (1.0 - channel_correlation) * float((cells**2).sum())
    shared = channel_correlation * float((cells.sum(axis=1) ** 2).sum())
    return float(np.sqrt(own + shared))
