"""Simulated customers come through the same doors as real ones: every number can be recounted from events."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adwright.demo.show import DemoConfig, DemoResult, run_demo
from adwright.demo.traffic import SETTLE_DAYS, TrafficPlan
from adwright.workspace import Workspace
from demo.small import NOW, PLAN, SEED

MIDNIGHT = NOW.replace(hour=0, minute=0)


@pytest.fixture(scope="module")
def demo(ordinary: DemoResult) -> DemoResult:
    return ordinary


@pytest.fixture(scope="module")
def tables(demo: DemoResult) -> dict[str, pl.DataFrame]:
    assert demo.report is not None
    with Workspace.open(demo.report.parent / "workspace", env={}) as workspace:
        return {
            "decisions": workspace.ledger.decisions(),
            "totals": workspace.ledger.totals(),
            "events": workspace.tables.read("events").filter(pl.col("decision_id").is_not_null()),
        }


def test_the_ledger_adds_up_to_the_events(tables: dict[str, pl.DataFrame]) -> None:
    events, totals = tables["events"], tables["totals"]

    def n(event: str) -> int:
        return events.filter(pl.col("event") == event).height

    def worth(event: str) -> int:
        return int(events.filter(pl.col("event") == event)["value_minor"].sum())

    assert totals["n_exposures"].sum() == n("Promotion Viewed") == tables["decisions"].height
    assert totals["n_clicks"].sum() == n("Promotion Clicked") > 0
    assert totals["n_conversions"].sum() == n("Order Completed") > 0
    assert totals["value_minor"].sum() == worth("Order Completed") - worth("Order Refunded") > 0


def test_the_tests_add_up_to_their_slice(demo: DemoResult, tables: dict[str, pl.DataFrame]) -> None:
    decisions, events = tables["decisions"], tables["events"]
    clicked = events.filter(pl.col("event") == "Promotion Clicked")["decision_id"]
    for test in demo.figures.tests:
        own = decisions.filter(pl.col("experiment_id") == test.experiment_id)
        assert set(own["slice"]) == {"test"}
        for arm in test.arms:
            shown = own.filter(pl.col("content_id") == arm.content_id)
            assert arm.n_exposures == shown.height
            assert arm.n_clicks == shown["id"].is_in(clicked.implode()).sum()


def test_an_event_comes_after_its_decision_and_reaches_the_shop_when_it_happens(
    demo: DemoResult, tables: dict[str, pl.DataFrame]
) -> None:
    joined = tables["events"].join(
        tables["decisions"].select("id", decided_at="at"), left_on="decision_id", right_on="id", how="left"
    )
    assert joined["decided_at"].null_count() == 0
    assert (joined["at"] >= joined["decided_at"]).all()
    assert demo.report is not None
    for path in sorted((demo.report.parent / "workspace" / "traffic").glob("events-*.jsonl")):
        times = [
            line.split('"timestamp": "')[1][:10] for line in path.read_text(encoding="utf-8").splitlines()
        ]
        until = path.stem.removeprefix("events-")
        assert all(t.replace("-", "") < until for t in times)


def test_returns_come_weeks_after_their_order(tables: dict[str, pl.DataFrame]) -> None:
    events = tables["events"]
    refunds = events.filter(pl.col("event") == "Order Refunded").select("order_id", back_at="at")
    orders = events.filter(pl.col("event") == "Order Completed").select("order_id", "at")
    both = orders.join(refunds, on="order_id")
    assert both.height == refunds.height > 0
    waited = (both["back_at"] - both["at"]).dt.total_hours() / 24
    assert waited.min() > 0.5  # type: ignore[operator]
    last = MIDNIGHT + timedelta(days=PLAN.max_days + SETTLE_DAYS)
    assert events["at"].max() < last  # type: ignore[operator]


def test_slices_are_kept_by_customer_and_have_their_shares(
    demo: DemoResult, tables: dict[str, pl.DataFrame]
) -> None:
    decisions = tables["decisions"]
    of_customer = decisions.group_by("customer_id").agg(
        pl.col("policy").n_unique(), pl.col("slice").n_unique()
    )
    assert of_customer["slice"].max() == of_customer["policy"].max() == 1
    shares = decide_shares(decisions)
    config = demo.run.settings.decide
    n = decisions["customer_id"].n_unique()
    for name, share in (("fixed", config.test_share), ("holdout", config.holdout_share)):
        sd = np.sqrt(share * (1 - share) / n)
        assert abs(shares.get(name, 0.0) - share) < 4 * sd, name


def decide_shares(decisions: pl.DataFrame) -> dict[str, float]:
    by_customer = decisions.unique("customer_id").group_by("policy").len()
    return {row["policy"]: row["len"] / by_customer["len"].sum() for row in by_customer.to_dicts()}


def test_the_probabilities_are_noted_day_by_day(demo: DemoResult) -> None:
    for test in demo.figures.tests:
        traffic = test.traffic
        assert traffic is not None
        assert PLAN.n_days + 1 <= len(traffic.at) <= PLAN.max_days + 1
        daily = list(zip(*traffic.probabilities.values(), strict=True))
        assert len(daily) == len(traffic.at)
        assert [sum(day) for day in daily] == pytest.approx([1.0] * len(daily))
        assert list(traffic.at) == sorted(traffic.at)


def test_a_test_that_can_be_finished_is_given_the_days_that_it_lacks(
    demo: DemoResult, tmp_path: Path
) -> None:
    """With one day planned, a test whose arms came up short by chance goes on, but never beyond the last day."""
    short = TrafficPlan(n_days=1, max_days=2, max_visits=2000)
    config = DemoConfig(n_products=20, n_customers=300, n_groups=120, seed=SEED, traffic=short)
    found = run_demo(
        tmp_path / "short", now=NOW, progress=lambda line: None, config=config, write_report=False
    )
    for test in found.figures.tests:
        assert test.traffic is not None
        n_days = len(test.traffic.at) - 1
        reached = min(arm.n_exposures for arm in test.arms)
        within = test.n_per_arm * len(test.arms) <= short.max_visits
        assert 1 <= n_days <= 2
        assert n_days == 2 or not within or reached >= test.n_per_arm
