"""Simulated customers in front of the launches, day by day, through the same doors as real ones.

A day: visitors come, `decide` answers, decisions go to the ledger; what the visitors do is written as
Segment events and ingested; outcomes are attributed by decision id; the beliefs follow. Orders come hours to
days after the click, returns days to weeks after the order: an event is written on the day it happens.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adwright.decide import decide
from adwright.ingest import ingest_events
from adwright.pipeline.job import Shop
from adwright.pipeline.launch import Launch
from adwright.pipeline.outcomes import collect_outcomes
from adwright.privacy.pseudonyms import Pseudonymiser
from adwright.report.figures import TrafficFigures
from adwright.schema import Attribution, Decision
from adwright.simulate import World
from adwright.text import minor_exponent
from adwright.workspace import Workspace

SETTLE_DAYS = 45
"""After the last visit the demo waits this long for late orders and returns."""

_LOOK_BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficPlan:
    """How much traffic there is.

    Args:
        n_days: Days in which the tests should reach their size.
        max_days: Days after which traffic ends, whatever has been reached.
        max_visits: Most visits of one campaign in `n_days`; a test that needs more stays undecided.
    """

    n_days: int = 14
    max_days: int = 21
    max_visits: int = 80_000


@dataclass(slots=True)
class TrafficLog:
    """What was seen day by day, for the plots: campaign id -> one entry a day."""

    days: list[datetime] = field(default_factory=list)
    probabilities: dict[str, list[dict[str, float]]] = field(default_factory=dict)


class SimulatedTraffic:
    """Runs the world's customers over launches.

    Args:
        world: Who comes, and what they do.
        workspace: Where decisions and events go.
        pseudonymiser: The workspace's.
        plan: How much traffic.
        starts_at: The first day, UTC midnight.
        rng: Of everything that the customers do.
        progress: Told each day.
    """

    def __init__(
        self,
        world: World,
        workspace: Workspace,
        *,
        pseudonymiser: Pseudonymiser,
        plan: TrafficPlan,
        starts_at: datetime,
        rng: np.random.Generator,
        progress: Callable[[str], None],
    ) -> None:
        self._world = world
        self._workspace = workspace
        self._raw = dict(
            zip(pseudonymiser.of_many(pl.Series(world.customer_ids)), world.customer_ids, strict=True)
        )
        self._pseudonymiser = pseudonymiser
        self._plan = plan
        self._starts_at = starts_at
        self._rng = rng
        self._progress = progress
        self._pending: list[tuple[datetime, int, dict[str, Any]]] = []
        self._n_events = 0
        self._n_tested: Counter[tuple[str, str]] = Counter()
        self.log = TrafficLog()

    def members(self, shop: Shop) -> dict[str, list[str]]:
        """Cohort id -> raw ids of its customers."""
        known = shop.cohorts.membership.filter(pl.col("customer_id").is_in(list(self._raw)))
        return {
            str(cohort): [self._raw[i] for i in frame["customer_id"].to_list()]
            for (cohort,), frame in known.partition_by("cohort_id", as_dict=True).items()
        }

    def __call__(self, launches: Sequence[Launch], shop: Shop) -> list[Launch]:
        """The launches with what was learned from all days of traffic."""
        members = self.members(shop)
        current = list(launches)
        n_days = 0
        while n_days < self._plan.n_days or (n_days < self._plan.max_days and self._missing(current)):
            day = self._starts_at + timedelta(days=n_days)
            self._note(day, current)
            for item in current:
                self._visit(item, day, members[item.campaign.cohort.id])
            self._deliver(until=day + timedelta(days=1))
            collect_outcomes(self._workspace, rule=Attribution(), after=day - _LOOK_BACK)
            ledger = self._workspace.ledger.totals()
            current = [item.after(ledger) for item in current]
            n_days += 1
            self._progress(f"traffic: day {n_days}, {sum(self._n_tested.values()):,} visits in the tests")
        last = self._starts_at + timedelta(days=n_days)
        self._deliver(until=last + timedelta(days=SETTLE_DAYS))
        collect_outcomes(self._workspace, rule=Attribution())
        ledger = self._workspace.ledger.totals()
        current = [item.after(ledger) for item in current]
        self._note(last, current)
        return current

    def _missing(self, launches: Sequence[Launch]) -> bool:
        """A test that can be finished has an arm short of its planned exposures."""
        tests = [x.experiment for x in launches if x.experiment is not None]
        within = [t for t in tests if t.n_per_arm * len(t.arms) <= self._plan.max_visits]
        return any(self._n_tested[t.id, arm.content_id] < t.n_per_arm for t in within for arm in t.arms)

    def figures(self, campaign_id: str) -> TrafficFigures | None:
        """How the adaptive probabilities of one campaign went, day by day."""
        daily = self.log.probabilities.get(campaign_id)
        if not daily:
            return None
        return TrafficFigures(
            at=tuple(self.log.days),
            probabilities={content: tuple(day[content] for day in daily) for content in daily[0]},
        )

    def _note(self, day: datetime, launches: Sequence[Launch]) -> None:
        self.log.days.append(day)
        for item in launches:
            shown = item.probabilities(rng=self._rng)
            self.log.probabilities.setdefault(item.campaign.id, []).append(shown)

    def _visits_a_day(self, item: Launch) -> int:
        wanted = self._plan.max_visits
        if item.plan is not None and item.config.test_share > 0:
            wanted = min(wanted, int(item.plan.n_total / item.config.test_share) + 1)
        return -(-wanted // self._plan.n_days)

    def _visit(self, item: Launch, day: datetime, raw_ids: Sequence[str]) -> None:
        visitors = self._world.visitors(
            self._visits_a_day(item),
            day=day,
            rng=self._rng,
            raw_ids=raw_ids,
            channel=item.campaign.channel,
        )
        raw = visitors["customer_id"]
        pseudonyms = self._pseudonymiser.of_many(raw).to_list()
        sessions = [f"{item.campaign.id}:{day:%Y%m%d}:{i}" for i in range(visitors.height)]
        decisions = decide(
            pseudonyms,
            item.choice,
            now=day,
            rng=self._rng,
            config=item.config,
            unit_ids=raw.to_list(),
            session_ids=sessions,
        )
        self._workspace.ledger.record_decisions(decisions)
        self._n_tested.update(
            (d.experiment_id, d.content_id)
            for d in decisions
            if d.experiment_id is not None and not d.degraded
        )
        row_of = {c.id: i for i, c in enumerate(item.contents)}
        shown = np.array([row_of.get(d.content_id, -1) for d in decisions])
        outcomes = self._world.respond(visitors, item.contents, shown, rng=self._rng, group=item.campaign.id)
        self._queue(item, visitors.hstack(outcomes), decisions, shown)

    def _queue(
        self,
        item: Launch,
        rows: pl.DataFrame,
        decisions: Sequence[Decision],
        shown: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> None:
        product = item.campaign.product
        for row, decision, index in zip(rows.iter_rows(named=True), decisions, shown, strict=True):
            if index < 0:
                continue
            subject = {"promotion_id": decision.content_id, "product_id": product.id}
            self._push(row, row["at"], "Promotion Viewed", decision, subject)
            if row["clicked"]:
                self._push(row, row["at"] + timedelta(seconds=9), "Promotion Clicked", decision, subject)
            if row["converted"]:
                order = self._order(decision, product.id, row["value_minor"], product.currency or "USD")
                self._push(row, row["converted_at"], "Order Completed", decision, order)
                if row["refunded_minor"]:
                    refund = self._order(
                        decision, product.id, row["refunded_minor"], product.currency or "USD"
                    )
                    self._push(row, row["refunded_at"], "Order Refunded", decision, refund)

    def _order(self, decision: Decision, product_id: str, value_minor: int, currency: str) -> dict[str, Any]:
        amount = value_minor / 10 ** minor_exponent(currency)
        line = {"product_id": product_id, "quantity": 1, "price": amount}
        return {
            "order_id": f"o{decision.id[2:14]}",
            "total": amount,
            "currency": currency,
            "products": [line],
        }

    def _push(
        self, row: dict[str, Any], at: datetime, event: str, decision: Decision, properties: dict[str, Any]
    ) -> None:
        self._n_events += 1
        message = {
            "type": "track",
            "event": event,
            "messageId": f"{decision.id}-{event.replace(' ', '')}",
            "userId": row["customer_id"],
            "timestamp": at.isoformat(),
            "context": {
                "campaign": {"aw_did": decision.id},
                "device": {"type": row["device"]},
            },
            "properties": properties,
        }
        heapq.heappush(self._pending, (at, self._n_events, message))

    def _deliver(self, *, until: datetime) -> None:
        """Ingests the events that have happened by then, as one file."""
        folder = self._workspace.path / "traffic"
        folder.mkdir(exist_ok=True)
        path = folder / f"events-{until:%Y%m%d}.jsonl"
        with path.open("w", encoding="utf-8") as out:
            while self._pending and self._pending[0][0] < until:
                out.write(json.dumps(heapq.heappop(self._pending)[2], ensure_ascii=False) + "\n")
        if path.stat().st_size:
            self._ingest(path, now=until)

    def _ingest(self, path: Path, *, now: datetime) -> None:
        ingest_events(
            self._workspace.tables,
            self._workspace.quarantine,
            [path],
            pseudonymiser=self._pseudonymiser,
            currency=self._workspace.shop.currency,
            now=now,
        )
