"""Policies in a market whose truth is known: regret against the oracle, step by step.

A market says who comes and what truly happens; it is passed in, so this module knows no simulator. Outcomes
arrive when their delay is over, and only then an agent hears of them. The oracle knows every rate at every
moment and obeys the same rules; regret is what it would have won in expectation and the policy did not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

from adwright.decide.agents import Agent
from adwright.decide.contextual import draw
from adwright.decide.rules import Request, Rules
from adwright.decide.rules.rule import Index
from adwright.schema import F64, Bools, Customer


class Market(Protocol):
    """Who comes, and what contents truly bring."""

    @property
    def content_ids(self) -> tuple[str, ...]:
        """The n_arms contents; `NO_CONTENT`, where it is an arm, brings and costs nothing."""
        ...

    @property
    def channel(self) -> str:
        """Where."""
        ...

    @property
    def cost(self) -> F64:
        """(n_arms,) cost of an exposure, minor units."""
        ...

    @property
    def customers(self) -> Sequence[Customer]:
        """Everyone who may come."""
        ...

    @property
    def cohort_of(self) -> npt.NDArray[np.intp]:
        """(n_customers,) the cohort of each."""
        ...

    def visitors(self, at: datetime, hours: float, rng: np.random.Generator) -> npt.NDArray[np.intp]:
        """Positions of the customers who come from `at` on, for that long."""
        ...

    def rates(self, at: datetime) -> F64:
        """(G, n_arms) true outcomes per exposure at that time."""
        ...

    def delays(self, n: int, rng: np.random.Generator) -> F64:
        """(n,) hours from exposure to outcome."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One run, by step.

    Args:
        at: (n_steps,) start of each step.
        regret: (n_steps,) outcomes lost against the oracle so far, in expectation.
        won: (n_steps,) outcomes so far, whenever they arrive.
        possible: (n_steps,) what the oracle would have won so far, in expectation.
        spend_minor: (n_steps,) spend so far.
        kept_back: Rule -> (n_steps,) share of the step's visitors from whom it kept something.
    """

    at: tuple[datetime, ...]
    regret: F64
    won: F64
    possible: F64
    spend_minor: F64
    kept_back: dict[str, F64]


def simulate(
    market: Market,
    agent: Agent,
    *,
    start: datetime,
    n_steps: int,
    step_h: float,
    rng: np.random.Generator,
    world: np.random.Generator,
    rules: Rules | None = None,
    floor: float = 0.0,
) -> Trace:
    """Runs an agent through a market.

    Args:
        market: The truth.
        agent: The policy with its beliefs.
        start: When it begins, aware.
        n_steps: Decisions are made in so many batches.
        step_h: Hours from one to the next.
        rng: Of the policy's draws.
        world: Of who comes and what happens; the same for every policy makes comparisons paired.
        rules: What limits who may be shown what; None for nothing.
        floor: Exploration floor.
    """
    layer = rules or Rules()
    names = [rule.name for rule in layer.rules]
    n_arms = len(market.content_ids)
    n_cohorts = int(market.cohort_of.max()) + 1
    due: defaultdict[int, list[tuple[int, npt.NDArray[np.int64]]]] = defaultdict(list)
    log = np.zeros((n_steps, 4))
    kept_back = np.zeros((n_steps, len(names)))
    times = tuple(start + timedelta(hours=step_h * i) for i in range(n_steps))
    for step, now in enumerate(times):
        for earlier, successes in due.pop(step, []):
            agent.arrived(successes, exposed_at=times[earlier])
        agent.look(now, rng)
        visitors = market.visitors(now, step_h, world)
        before = dict(layer.n_forbidden)
        index, allowed = _decide(market, agent, layer, visitors, now=now, rng=rng, floor=floor)
        kept_back[step] = [layer.n_forbidden[n] - before.get(n, 0) for n in names]
        kept_back[step] /= max(len(visitors), 1)
        shown_to = np.flatnonzero(index >= 0)
        cohort = market.cohort_of[visitors]
        rates = market.rates(now)
        possible = np.where(allowed, rates[cohort], 0.0).max(axis=1, initial=0.0)
        expected = np.where(index >= 0, rates[cohort, np.maximum(index, 0)], 0.0)
        happened = (world.random(len(visitors)) < expected) & (index >= 0)
        log[step] = (
            (possible - expected).sum(),
            happened.sum(),
            possible.sum(),
            market.cost[index[shown_to]].sum(),
        )
        counts = np.zeros((n_cohorts, n_arms), np.int64)
        np.add.at(counts, (cohort[shown_to], index[shown_to]), 1)
        agent.exposed(counts, at=now)
        hits = np.flatnonzero(happened)
        arrives = step + 1 + (market.delays(len(hits), world) / step_h).astype(np.int64)
        for when in np.unique(arrives[arrives < n_steps]):
            rows = hits[arrives == when]
            successes = np.zeros((n_cohorts, n_arms), np.int64)
            np.add.at(successes, (cohort[rows], index[rows]), 1)
            due[int(when)].append((step, successes))
    total = log.cumsum(axis=0)
    return Trace(
        at=times,
        regret=total[:, 0],
        won=total[:, 1],
        possible=total[:, 2],
        spend_minor=total[:, 3],
        kept_back={name: kept_back[:, i] for i, name in enumerate(names)},
    )


def _decide(
    market: Market,
    agent: Agent,
    rules: Rules,
    visitors: npt.NDArray[np.intp],
    *,
    now: datetime,
    rng: np.random.Generator,
    floor: float,
) -> tuple[Index, Bools]:
    """The arm of each visitor, -1 for none, and what was allowed (n, n_arms)."""
    cohort = market.cohort_of[visitors]
    n_arms = len(market.content_ids)
    cached: dict[tuple[int, bytes], F64] = {}

    def vectors(rows: Index, mask: Bools) -> F64:
        out = np.empty(mask.shape)
        for i, row in enumerate(rows):
            key = (int(cohort[row]), mask[i].tobytes())
            if key not in cached:
                cached[key] = agent.vector(key[0], mask[i], rng)
            out[i] = cached[key]
        return out

    if not rules.rules:
        everything = np.ones(n_arms, np.bool_)
        table = np.stack([agent.vector(g, everything, rng) for g in range(int(market.cohort_of.max()) + 1)])
        table = rules.shaped(table, np.ones(table.shape, np.bool_), _request(market, [], now), floor=floor)
        return draw(table[cohort], rng=rng).index, np.ones((len(visitors), n_arms), np.bool_)
    request = _request(market, [market.customers[i] for i in visitors], now)
    chosen = rules.choose(request, vectors, rng=rng, floor=floor)
    allowed = np.ones((len(visitors), n_arms), np.bool_) if chosen.mask is None else chosen.mask
    return chosen.index, allowed


def _request(market: Market, customers: Sequence[Customer], now: datetime) -> Request:
    return Request(
        customer_ids=[c.id for c in customers],
        content_ids=market.content_ids,
        channel=market.channel,
        now=now,
        customers=customers,
    )
