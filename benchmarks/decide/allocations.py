"""Allocation: 100 channels x 1,000 cohorts, beside proportional and greedy splits; clashing limits."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from adwright.decide.allocation import (
    SpendLimit,
    SpendProblem,
    allocate,
    clashing,
    greedy_split,
    proportional_split,
)

SEEDS = range(3)


def problem(seed: int, *, n_channels: int = 100, n_cohorts: int = 1000, tight: bool = False) -> SpendProblem:
    """A shop with caps on channels and cohorts and floors for a fifth of the cohorts.

    Where it is `tight`, blocks of channels share caps and floors cross them, so that limits compete.
    """
    rng = np.random.default_rng(seed)
    shape = (n_channels, n_cohorts)
    value = np.exp(
        rng.normal(0, 0.5, (n_channels, 1)) + rng.normal(0, 0.4, (1, n_cohorts)) + rng.normal(0, 0.3, shape)
    )
    reach = np.exp(rng.normal(6, 1, shape)) * (rng.random(shape) < 0.7)
    channels = tuple(f"h{i}" for i in range(n_channels))
    cohorts = tuple(f"g{i}" for i in range(n_cohorts))
    budget = 0.15 * float(reach.sum())
    share = 1.5 if tight else 2.0
    limits = [
        SpendLimit(name=f"cap {c}", channels=(c,), at_most_minor=share * budget / n_channels)
        for c in channels
    ]
    limits += [
        SpendLimit(name=f"cap {c}", cohorts=(c,), at_most_minor=3 * budget / n_cohorts) for c in cohorts
    ]
    limits += [
        SpendLimit(
            name=f"least {c}", cohorts=(c,), at_least_minor=(0.7 if tight else 0.2) * budget / n_cohorts
        )
        for c in cohorts[::5]
    ]
    if tight:
        for i in range(0, n_channels, 10):
            block = channels[i : i + 10]
            limits.append(SpendLimit(name=f"block {i}", channels=block, at_most_minor=0.12 * budget))
            limits.append(SpendLimit(name=f"block least {i}", channels=block, at_least_minor=0.08 * budget))
    return SpendProblem(
        channels=channels,
        cohorts=cohorts,
        value=value,
        sd=0.3 * value,
        reach_minor=reach,
        budget_minor=budget,
        limits=tuple(limits),
        caution=0.5,
    )


def missed(wanted: SpendProblem, spend: np.ndarray) -> int:
    """How many limits a spend breaks."""
    n = 0
    for limit in wanted.limits:
        used = spend[wanted.cells_of(limit)].sum()
        n += limit.at_most_minor is not None and used > limit.at_most_minor * (1 + 1e-6)
        n += limit.at_least_minor is not None and used < limit.at_least_minor * (1 - 1e-6)
    return n


def run() -> dict[str, Any]:
    """Value of the splits over the optimum's, limits that they miss, and times."""
    out: dict[str, Any] = {"loose": [], "tight": []}
    for name, rows in out.items():
        for seed in SEEDS:
            wanted = problem(seed, tight=name == "tight")
            started = time.perf_counter()
            plan = allocate(wanted, n_costs=0)
            solve_s = time.perf_counter() - started
            started = time.perf_counter()
            greedy = greedy_split(wanted)
            greedy_s = time.perf_counter() - started
            even = proportional_split(wanted)
            best = plan.cautious_value_minor
            cautious = replace(wanted, value=wanted.cautious_value)
            rows.append(
                {
                    "seed": seed,
                    "solve_s": solve_s,
                    "greedy_s": greedy_s,
                    "greedy_over_optimum": cautious.worth(greedy) / best,
                    "greedy_misses": missed(wanted, greedy),
                    "proportional_over_optimum": cautious.worth(even) / best,
                    "proportional_misses": missed(wanted, even),
                    "n_binding": sum(use.binds for use in plan.limits),
                }
            )
    wanted = problem(0)
    clash = replace(
        wanted,
        limits=(
            *wanted.limits,
            SpendLimit(name="push h3", channels=("h3",), at_least_minor=0.021 * wanted.budget_minor),
        ),
    )
    started = time.perf_counter()
    out["clash"] = {"named": list(clashing(clash)), "explain_s": time.perf_counter() - started}
    return out
