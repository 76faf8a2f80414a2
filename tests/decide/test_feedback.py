from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.decide.feedback import Feedback, Outcome
from adwright.errors import DataError, UsageError
from adwright.schema import Decision

AT = datetime(2026, 1, 1, tzinfo=UTC)


def decision(name: str, *, content: str = "a") -> Decision:
    return Decision(
        id=name,
        customer_id="c",
        content_id=content,
        propensities={content: 1.0},
        policy="p",
        model_version="",
        at=AT,
        channel="ads",
    )


def outcome(name: str, of: str, *, hours: float = 1.0, value: float = 1.0) -> Outcome:
    return Outcome(id=name, decision_id=of, at=AT + timedelta(hours=hours), value=value)


def test_an_outcome_stands_beside_its_decision() -> None:
    log = Feedback()
    log.record([decision("d1")])
    assert log.take([outcome("o1", "d1", hours=3)]) == ["counted"]
    assert log.counted["o1"].decision.content_id == "a"
    assert log.counted["o1"].delay_h == 3.0


def test_an_outcome_that_comes_twice_counts_once() -> None:
    log = Feedback()
    log.record([decision("d1")])
    assert log.take([outcome("o1", "d1")] * 3) == ["counted", "repeated", "repeated"]
    assert len(log.counted) == 1


def test_an_outcome_of_an_unknown_decision_waits_and_counts_when_it_comes() -> None:
    log = Feedback()
    assert log.take([outcome("o1", "d1"), outcome("o2", "d1", hours=-5)]) == ["parked", "parked"]
    assert [c.outcome.id for c in log.record([decision("d1")])] == ["o1"]
    assert list(log.refused) == ["o2"]
    assert log.parked == {}
    assert log.n_taken == 2


def test_time_that_runs_backwards_is_refused_and_kept_with_its_reason() -> None:
    log = Feedback(skew_s=5)
    log.record([decision("d1")])
    slightly, much = timedelta(seconds=-3) / timedelta(hours=1), -1.0
    assert log.take([outcome("o1", "d1", hours=slightly), outcome("o2", "d1", hours=much)]) == [
        "counted",
        "refused",
    ]
    assert log.refused["o2"][1] == "earlier than its decision"


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (outcome("o", "d1", hours=400), "later than the window"),
        (outcome("o", "d1", value=float("nan")), "not a number"),
        (Outcome(id="o", decision_id="d1", at=datetime(2026, 1, 2)), "a time without time zone"),
    ],
)
def test_what_cannot_count_is_kept_with_its_reason(late: Outcome, reason: str) -> None:
    log = Feedback()
    log.record([decision("d1")])
    assert log.take([late]) == ["refused"]
    assert log.refused["o"] == (late, reason)


def test_the_same_decision_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    log = Feedback()
    log.record([decision("d1")])
    log.record([decision("d1")])
    with pytest.raises(DataError, match="two decisions"):
        log.record([decision("d2"), decision("d1", content="b")])
    assert list(log.decisions) == ["d1"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["decide", "take"]),
            st.integers(0, 5),
            st.integers(0, 8),
            st.sampled_from([-9.0, 1.0, 500.0]),
        ),
        max_size=40,
    )
)
def test_whatever_comes_in_whatever_order_nothing_is_lost(steps: list[tuple[str, int, int, float]]) -> None:
    log, n = Feedback(), 0
    for what, d, o, hours in steps:
        if what == "decide":
            log.record([decision(f"d{d}")])
        else:
            log.take([outcome(f"o{o}", f"d{d}", hours=hours)])
            n += 1
    assert log.n_taken == n
    places = [set(log.counted), set(log.parked), set(log.refused)]
    assert sum(map(len, places)) == len(set.union(*places))


def test_a_window_has_a_length() -> None:
    with pytest.raises(UsageError, match="window"):
        Feedback(window_h=0)
