"""How to spread a budget over channels and cohorts: an optimisation over predicted effects."""

from adwright.decide.allocation.clashes import clashing
from adwright.decide.allocation.plan import LimitUse, SpendPlan
from adwright.decide.allocation.problem import SpendLimit, SpendProblem, cells_from_draws
from adwright.decide.allocation.solve import allocate
from adwright.decide.allocation.splits import greedy_split, proportional_split

__all__ = [
    "LimitUse",
    "SpendLimit",
    "SpendPlan",
    "SpendProblem",
    "allocate",
    "cells_from_draws",
    "clashing",
    "greedy_split",
    "proportional_split",
]
