from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adwright.schema import Decision, OutcomeTotal
from adwright.store import Database, Ledger

AT = datetime(2025, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def decision(number: int, **changes: object) -> Decision:
    made = Decision(
        id=f"d{number}",
        customer_id="p_1",
        content_id="a",
        propensities={"b": 0.1, "a": 0.3, "no_content": 0.6},
        policy="thompson",
        model_version="click@1",
        at=AT + number * DAY,
        channel="email",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def total(**changes: object) -> OutcomeTotal:
    made = OutcomeTotal(content_id="a", at=AT, channel="email", n_exposures=100, n_clicks=3, currency="CNY")
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def test_a_decision_keeps_its_whole_vector(ledger: Ledger) -> None:
    assert ledger.record_decisions([decision(1), decision(2, degraded=True, reason="no model")]) == 2
    found = ledger.decisions()
    assert json.loads(found["propensities"][0]) == {"b": 0.1, "a": 0.3, "no_content": 0.6}
    assert found["propensity"].to_list() == [0.3, 0.3]
    assert found["degraded"].to_list() == [False, True]
    assert found["at"].to_list() == [AT + DAY, AT + 2 * DAY]


def test_a_decision_is_recorded_once(ledger: Ledger) -> None:
    assert ledger.record_decisions([decision(1), decision(2)]) == 2
    assert ledger.record_decisions([decision(2), decision(3)]) == 1
    assert ledger.decisions()["id"].to_list() == ["d1", "d2", "d3"]


def test_many_decisions_are_recorded_in_batches(ledger: Ledger) -> None:
    many = [decision(0, id=f"d{i}") for i in range(12_000)]
    assert ledger.record_decisions(many) == 12_000
    assert ledger.decisions().height == 12_000


def test_a_total_that_comes_again_counts_once(ledger: Ledger) -> None:
    assert ledger.record_totals([total(), total(channel="push")], "ads") == (2, 0)
    assert ledger.record_totals([total(), total(channel="push")], "ads") == (0, 0)
    assert ledger.totals()["n_clicks"].sum() == 6


def test_a_corrected_total_replaces_the_earlier_one(ledger: Ledger) -> None:
    ledger.record_totals([total()], "ads")
    assert ledger.record_totals([total(n_clicks=5), total(cohort_id="c1")], "ads") == (1, 1)
    assert sorted(ledger.totals()["n_clicks"]) == [3, 5]


def test_of_a_total_twice_in_one_call_the_last_wins(ledger: Ledger) -> None:
    assert ledger.record_totals([total(n_clicks=1), total(n_clicks=2)], "ads") == (1, 0)
    assert ledger.totals()["n_clicks"].to_list() == [2]


@pytest.mark.parametrize(
    "change",
    [{"content_id": "b"}, {"at": AT + DAY}, {"channel": "push"}, {"cohort_id": "c1"}],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_the_key_tells_totals_apart(ledger: Ledger, change: dict[str, object]) -> None:
    assert ledger.record_totals([total(), total(**change)], "ads") == (2, 0)


def test_two_sources_are_told_apart(ledger: Ledger) -> None:
    ledger.record_totals([total()], "ads")
    assert ledger.record_totals([total()], "our own test") == (1, 0)
    assert ledger.totals()["source"].to_list() == ["ads", "our own test"]


def test_only_later_totals_are_given_after_a_time(ledger: Ledger) -> None:
    """What a model was trained through must not count again: the bound itself is left out."""
    ledger.record_totals([total(at=AT + i * DAY, n_clicks=i) for i in range(4)], "ads")
    assert ledger.totals(after=AT + DAY)["n_clicks"].to_list() == [2, 3]
    assert ledger.totals(after=AT + 3 * DAY).height == 0
    assert ledger.totals(after=AT + 3 * DAY).schema == ledger.totals().schema


def test_a_total_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    made = total(value_minor=-5, cost_minor=7, expected_clicks=2.5, expected_conversions=0.1, currency=None)
    ledger.record_totals([made], "ads")
    (row,) = ledger.totals().drop("source").iter_rows(named=True)
    assert OutcomeTotal(**row) == made
