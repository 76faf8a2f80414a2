"""Decisions, events, attribution, ledger: what is counted, and that nothing is counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest

from adwright.experiment import analyse
from adwright.pipeline.launch import Launch
from adwright.pipeline.outcomes import Outcomes, collect_outcomes
from adwright.schema import NO_CONTENT, Approval, Attribution, Decision, Experiment
from adwright.testing import NOW
from adwright.workspace import Workspace
from pipeline.test_judging import approval, judged
from pipeline.test_launch import ready, started
from pipeline.workbench import add_events, decisions_for, events_of

RULE = Attribution()
DAY = NOW + timedelta(days=1)
SESSIONS = {"experiment": {"unit": "session"}, "decide": {"holdout_share": 0.1}}


def fate(i: int) -> tuple[bool, bool, int | None, int]:
    """Nine in ten are exposed, of these one in three clicks, of these one in two buys, one in four returns half."""
    is_seen = i % 10 != 0
    is_clicked = is_seen and i % 3 == 0
    bought = 1000 + i if is_clicked and i % 2 == 0 else None
    return is_seen, is_clicked, bought, 500 if bought and i % 4 == 0 else 0


def served(
    shop: Workspace, *, n: int = 240, n_days: int = 2, recipe: dict[str, object] | None = None
) -> tuple[Launch, list[Decision]]:
    """A live launch of two contents, n decisions a day; nothing has happened yet."""
    item = started(shop, ready(shop, "a 2", "b 3"), recipe=recipe)
    decisions = [
        d
        for day in range(n_days)
        for d in decisions_for(item, n, at=DAY + timedelta(days=day, minutes=day), seed=day)
    ]
    shop.ledger.record_decisions(decisions)
    return item, decisions


def sums(frame: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    names = ("n_exposures", "n_clicks", "n_conversions", "value_minor")
    found = frame.group_by("content_id").agg(pl.col(*names).sum())
    return {row["content_id"]: tuple(row[n] for n in names) for row in found.to_dicts()}


def by_hand(decisions: Sequence[Decision]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for i, decision in enumerate(decisions):
        is_seen, is_clicked, bought, returned = fate(i)
        if is_seen:
            own = found.setdefault(decision.content_id, [0, 0, 0, 0])
            own[0] += 1
            own[1] += is_clicked
            own[2] += bought is not None
            own[3] += (bought or 0) - returned
    return {content: tuple(own) for content, own in found.items()}


def test_the_ledger_holds_what_happened_by_content_and_day(shop: Workspace) -> None:
    item, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    collect_outcomes(shop, rule=RULE)
    totals = shop.ledger.totals()
    assert sums(totals) == by_hand(decisions)
    assert set(totals["at"]) == {DAY.replace(hour=0), DAY.replace(hour=0) + timedelta(days=1)}
    assert set(totals["content_id"]) == {c.id for c in item.contents}
    assert set(totals["channel"]) == {"onsite"}
    assert set(totals["cohort_id"]) == {"everyone"}
    assert set(totals["currency"]) == {"USD"}


def test_collecting_twice_changes_nothing(shop: Workspace) -> None:
    item, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    collect_outcomes(shop, rule=RULE)
    once = shop.ledger.totals()
    assert add_events(shop, events_of(decisions, fate)) == 0  # the same messages again
    collect_outcomes(shop, rule=RULE)
    assert shop.ledger.totals().equals(once)
    before = item.after(once).choice.beliefs.click_evidence
    after = item.after(once).after(shop.ledger.totals()).choice.beliefs.click_evidence
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(before.successes, after.successes)
    np.testing.assert_array_equal(before.expected, after.expected)


def test_events_may_come_late_and_in_any_order(shop: Workspace) -> None:
    _, decisions = served(shop)
    events = events_of(decisions, fate)
    shuffled = events.sample(fraction=1.0, shuffle=True, seed=1)
    for part in (shuffled[::3], shuffled[1::3], shuffled[2::3]):
        add_events(shop, part)
        collect_outcomes(shop, rule=RULE)
    assert sums(shop.ledger.totals()) == by_hand(decisions)


def test_a_late_refund_takes_back_from_its_day(shop: Workspace) -> None:
    _, decisions = served(shop)
    events = events_of(decisions, fate)
    is_refund = pl.col("event") == "Order Refunded"
    add_events(shop, events.filter(~is_refund))
    collect_outcomes(shop, rule=RULE)
    before = shop.ledger.totals()
    refunds = events.filter(is_refund)
    add_events(shop, refunds)
    collect_outcomes(shop, rule=RULE)
    after = shop.ledger.totals()
    assert before["value_minor"].sum() - after["value_minor"].sum() == refunds["value_minor"].sum() > 0
    counts = ["content_id", "at", "n_exposures", "n_clicks", "n_conversions"]
    assert after.select(counts).equals(before.select(counts))


@pytest.mark.parametrize("hours", [-15, 0, 6, 13, 20])
def test_collecting_from_some_time_on_never_halves_a_day(shop: Workspace, hours: int) -> None:
    """A day's total replaces the earlier one, so it has to be that of the whole day."""
    _, decisions = served(shop)
    extra = decisions_for(served_launch(shop), 100, at=DAY + timedelta(hours=5), seed=9)
    shop.ledger.record_decisions(extra)
    add_events(shop, events_of([*decisions, *extra], fate))
    collect_outcomes(shop, rule=RULE)
    whole = shop.ledger.totals()
    collect_outcomes(shop, rule=RULE, after=DAY + timedelta(hours=hours))
    assert shop.ledger.totals().equals(whole)


def served_launch(shop: Workspace) -> Launch:
    return started(shop, ready(shop, "a 2", "b 3"))


def test_what_a_content_did_stays_counted_when_a_person_refuses_it(shop: Workspace) -> None:
    item, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    collect_outcomes(shop, rule=RULE)
    whole = sums(shop.ledger.totals())
    content = shop.contents.get(item.contents[0].id)
    refusal = replace(approval_of(content.id, content.text), approved=False, at=NOW + timedelta(days=1))
    shop.contents.approve(refusal)
    assert shop.contents.get(content.id).status == "rejected"
    late = events_of(decisions[:1], lambda i: (True, True, 4000, 0))
    add_events(shop, late)
    collect_outcomes(shop, rule=RULE)
    assert sums(shop.ledger.totals()).keys() == whole.keys()
    value = sum(v[3] for v in sums(shop.ledger.totals()).values())
    assert value == sum(v[3] for v in whole.values()) + 4000


def approval_of(content_id: str, text: str) -> Approval:
    return replace(approval(judged("a 2")), content_id=content_id, text=text)


def test_an_order_after_a_view_is_value_but_no_conversion_per_click(shop: Workspace) -> None:
    _, decisions = served(shop, n=10, n_days=1)
    add_events(shop, events_of(decisions, lambda i: (True, False, 700, 0)))
    collect_outcomes(shop, rule=RULE)
    found = sums(shop.ledger.totals())
    assert sum(v[2] for v in found.values()) == 0
    assert sum(v[3] for v in found.values()) == 7000


def test_sending_nothing_and_unknown_contents_have_no_total(shop: Workspace) -> None:
    _, decisions = served(shop, n=10, n_days=1)
    odd = [
        replace(decisions[0], id="d_n", content_id=NO_CONTENT, propensities={NO_CONTENT: 1.0}),
        replace(decisions[1], id="d_u", content_id="c_gone", propensities={"c_gone": 1.0}),
    ]
    shop.ledger.record_decisions(odd)
    add_events(shop, events_of([*decisions, *odd], lambda i: (True, True, None, 0)))
    collect_outcomes(shop, rule=RULE)
    assert sum(v[0] for v in sums(shop.ledger.totals()).values()) == 10


def test_without_decisions_there_is_nothing_to_collect(shop: Workspace) -> None:
    outcomes = collect_outcomes(shop, rule=RULE)
    assert outcomes.rows.height == 0
    assert shop.ledger.totals().is_empty()


# --- the test slice -------------------------------------------------------------------------------


Collected = tuple[Launch, Experiment, list[Decision], Outcomes]


@pytest.fixture
def collected(shop: Workspace) -> Collected:
    """Decisions of the test, of the adaptive slice and of the holdout, degraded ones, and another test's."""
    item, decisions = served(shop, n=300, recipe=SESSIONS)
    assert item.experiment is not None
    kinds = {(d.slice, d.policy) for d in decisions}
    assert kinds == {("test", "fixed"), ("test", "holdout"), ("adaptive", "thompson")}
    of_test = [d for d in decisions if d.policy == "fixed"]
    odd = [
        replace(of_test[0], id="d_degraded", degraded=True, reason="a fault"),
        replace(of_test[1], id="d_other", experiment_id="x_other"),
    ]
    shop.ledger.record_decisions(odd)
    decisions = [*decisions, *odd]
    add_events(shop, events_of(decisions, fate))
    return item, item.experiment, decisions, collect_outcomes(shop, rule=RULE)


def counts(decisions: Sequence[Decision], experiment: Experiment) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for i, d in enumerate(decisions):
        is_seen, is_clicked, bought, returned = fate(i)
        if d.slice == "test" and d.experiment_id == experiment.id and not d.degraded and is_seen:
            own = found.setdefault(d.content_id, [0, 0, 0, 0])
            own[0] += 1
            own[1] += is_clicked
            own[2] += bought is not None
            own[3] += (bought or 0) - returned
    return {content: tuple(own) for content, own in found.items()}


def test_a_test_counts_its_own_exposed_sound_decisions_alone(collected: Collected) -> None:
    _, experiment, decisions, outcomes = collected
    assert sums(outcomes.test_totals(experiment)) == counts(decisions, experiment)


@pytest.mark.parametrize("unit", ["session", "customer"])
def test_the_units_of_a_test_add_up_to_its_totals(collected: Collected, unit: str) -> None:
    _, experiment, _, outcomes = collected
    asked = replace(experiment, unit=unit)  # type: ignore[arg-type]
    units = outcomes.test_units(asked)
    assert sums(units) == sums(outcomes.test_totals(asked))
    n_days = 2
    if unit == "session":
        assert units["n_exposures"].to_list() == [1] * units.height
        assert units["unit_id"].is_unique().all()
    else:
        assert units["unit_id"].n_unique() < units["n_exposures"].sum()
        assert units["n_exposures"].max() <= n_days + 1
    squares = outcomes.test_totals(asked)["value_squares"].sum()
    assert units["value_squares"].sum() == pytest.approx(squares)


def test_the_totals_are_by_day_and_the_analysis_takes_them(collected: Collected) -> None:
    _, experiment, decisions, outcomes = collected
    totals = outcomes.test_totals(experiment)
    assert totals.select("content_id", "at").is_unique().all()
    assert totals["at"].dt.hour().unique().to_list() == [0]
    analysis = analyse(experiment, totals, units=outcomes.test_units(experiment))
    wanted = counts(decisions, experiment)
    for arm in analysis.arms:
        found = (arm.n_exposures, arm.n_clicks, arm.n_conversions, round(arm.value_minor or 0))
        assert found == wanted[arm.content_id]
    assert analysis.decision == "go on"  # far from its planned size
    assert analysis.sample_ratio.p > 1e-4


def test_the_ledger_counts_every_slice(collected: Collected, shop: Workspace) -> None:
    """Beliefs learn from all exposures of a content, whoever chose it; the test reads its slice alone."""
    _, experiment, decisions, outcomes = collected
    in_test = sum(v[0] for v in sums(outcomes.test_totals(experiment)).values())
    in_ledger = sum(v[0] for v in sums(shop.ledger.totals()).values())
    assert in_ledger == sum(fate(i)[0] for i in range(len(decisions)))
    assert 0 < in_test < in_ledger


def test_times_of_other_zones_are_days_of_utc(shop: Workspace) -> None:
    late = datetime(2026, 6, 3, 1, tzinfo=timezone(timedelta(hours=8)))  # still 2 June in UTC
    item = started(shop, ready(shop, "a 2"))
    decisions = decisions_for(item, 5, at=late.astimezone(UTC))
    shop.ledger.record_decisions(decisions)
    add_events(shop, events_of(decisions, lambda i: (True, False, None, 0)))
    collect_outcomes(shop, rule=RULE, after=late)
    assert shop.ledger.totals()["at"].to_list() == [datetime(2026, 6, 2, tzinfo=UTC)]


@pytest.mark.parametrize("with_id", [True, False])
def test_an_order_owed_to_an_old_decision_never_counts_for_a_young_one(
    shop: Workspace, with_id: bool
) -> None:
    """Whether it carries the decision's id, or is found by the customer's last click."""
    item = started(shop, ready(shop, "a 2"))
    old = decisions_for(item, 1, at=DAY)
    young = decisions_for(item, 1, at=DAY + timedelta(days=5), seed=1)
    shop.ledger.record_decisions([*old, *young])
    events = pl.concat(
        [
            events_of(old, lambda i: (True, True, None, 0)),
            events_of(young, lambda i: (True, False, None, 0)),
            events_of(old, lambda i: (False, False, 900, 0)).with_columns(
                pl.lit(DAY + timedelta(days=5, hours=1)).alias("at"),
                pl.col("decision_id") if with_id else pl.lit(None, pl.String).alias("decision_id"),
            ),
        ]
    )
    add_events(shop, events)
    collect_outcomes(shop, rule=RULE)
    whole = shop.ledger.totals()
    assert whole["n_conversions"].to_list() == [1, 0]
    collect_outcomes(shop, rule=RULE, after=DAY + timedelta(days=3))
    assert shop.ledger.totals().equals(whole)
