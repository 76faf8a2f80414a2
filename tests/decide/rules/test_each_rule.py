"""Each rule by itself: whom it keeps from what."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from adwright.decide.rules import (
    Consent,
    Diversity,
    FrequencyCap,
    MinimumData,
    QuietHours,
    Request,
    Retired,
    Rule,
    Rules,
    Stock,
)
from adwright.errors import UsageError
from adwright.schema import NO_CONTENT, Customer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = ("a", "b", NO_CONTENT)


def request(*customers: Customer, channel: str = "email", now: datetime = NOON) -> Request:
    return Request(
        customer_ids=[c.id for c in customers], content_ids=IDS, channel=channel, now=now, customers=customers
    )


def person(name: str = "ann", *, consent: tuple[str, ...] = (), zone: str | None = None) -> Customer:
    attributes = {} if zone is None else {"time_zone": zone}
    return Customer(id=name, consent=frozenset(consent), attributes=attributes)


def allowed(rule: Rule, asked: Request) -> list[list[bool]]:
    found: list[list[bool]] = np.broadcast_to(rule.allowed(asked), asked.shape).tolist()
    return found


def test_only_those_are_contacted_who_agreed_to_this_channel() -> None:
    asked = request(person(consent=("marketing:email",)), person(consent=("marketing:sms",)), person())
    assert [row[0] for row in allowed(Consent(), asked)] == [True, False, False]
    assert allowed(Consent(), request(person(), channel="onsite")) == [[True] * 3]


def test_who_is_not_known_did_not_agree() -> None:
    unknown = Request(customer_ids=["x"], content_ids=IDS, channel="email", now=NOON)
    assert allowed(Consent(), unknown) == [[False] * 3]
    assert Rules([Consent()]).mask(unknown).tolist() == [[False, False, True]]


@pytest.mark.parametrize(
    ("zone", "now", "awake"),
    [
        ("UTC", datetime(2026, 3, 1, 20, 59, tzinfo=UTC), True),
        ("UTC", datetime(2026, 3, 1, 21, 0, tzinfo=UTC), False),
        ("UTC", datetime(2026, 3, 1, 8, 59, tzinfo=UTC), False),
        ("UTC", datetime(2026, 3, 1, 9, 0, tzinfo=UTC), True),
        ("Asia/Shanghai", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), True),  # 09:30
        ("Asia/Shanghai", NOON + timedelta(hours=1), False),  # 21:00
        ("America/New_York", NOON + timedelta(hours=1, minutes=30), False),  # 08:30, winter
        ("America/New_York", datetime(2026, 7, 1, 13, 30, tzinfo=UTC), True),  # 09:30, summer time
        ("Mars/Olympus", NOON, False),
        (None, NOON, True),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_customer_s_wall(
    zone: str | None, now: datetime, awake: bool
) -> None:
    assert allowed(QuietHours(), request(person(zone=zone), now=now))[0][0] is awake
    assert allowed(QuietHours(), request(person(zone=zone), now=now, channel="onsite"))[0][0]


def test_quiet_hours_within_one_day() -> None:
    rule = QuietHours(time(12), time(14))
    assert not allowed(rule, request(person()))[0][0]
    assert allowed(rule, request(person(), now=NOON + timedelta(hours=2)))[0][0]


def test_contacts_are_counted_across_channels_and_forgotten_after_the_window() -> None:
    rule = FrequencyCap(2, window_h=24)
    rule.note(request(person()), np.array([0]))
    rule.note(request(person(), channel="sms", now=NOON + timedelta(hours=5)), np.array([1]))
    rule.note(request(person(), now=NOON + timedelta(hours=5)), np.array([2]))  # nothing was sent
    assert not allowed(rule, request(person(), channel="push", now=NOON + timedelta(hours=6)))[0][0]
    assert allowed(rule, request(person("bob")))[0][0]
    assert allowed(rule, request(person(), now=NOON + timedelta(hours=24)))[0][0]
    assert allowed(rule, request(person(), channel="onsite"))[0][0]


def test_contacts_of_the_future_count_when_the_clock_runs_backwards() -> None:
    rule = FrequencyCap(1, window_h=24)
    rule.note(request(person(), now=NOON + timedelta(days=9)), np.array([0]))
    assert not allowed(rule, request(person()))[0][0]


def test_one_group_is_seen_so_often_and_no_more() -> None:
    rule = Diversity(1, group_of={"a": "mug", "b": "mug"})
    rule.note(request(person()), np.array([0]))
    asked = request(person(), person("bob"), now=NOON + timedelta(hours=1))
    assert [row[:2] for row in allowed(rule, asked)] == [[False, False], [True, True]]
    assert allowed(rule, request(person(), now=NOON + timedelta(hours=25)))[0][0]


def test_what_is_withdrawn_is_not_shown_from_that_moment_on() -> None:
    rule = Retired(["b"])
    assert allowed(rule, request(person()))[0][:2] == [True, False]
    rule.retire("a")
    assert Rules([rule]).mask(request(person())).tolist() == [[False, False, True]]


def test_what_cannot_be_bought_is_not_promoted() -> None:
    rule = Stock({"a": "mug"}, {"mug": 5}, reserve=2)
    assert allowed(rule, request(person()))[0][:2] == [True, True]
    rule.sold("mug", 3)
    assert allowed(rule, request(person()))[0][:2] == [False, True]
    rule.restock("mug", 3)
    assert allowed(rule, request(person()))[0][0]
    rule.sold("mug", 99)
    assert not allowed(Stock({"a": "bag"}, {}), request(person()))[0][0]


def test_before_there_is_enough_data_those_short_of_it_are_shown_alike() -> None:
    rule = MinimumData(100, shown={"a": 500, "b": 20, NO_CONTENT: 0})
    asked = request(person())
    wanted = np.array([[1.0, 0.0, 0.0]])
    assert rule.reshaped(wanted, np.ones((1, 3), bool), asked).tolist() == [[0.0, 0.5, 0.5]]
    assert rule.reshaped(wanted, np.array([[True, False, False]]), asked).tolist() == [[1.0, 0.0, 0.0]]
    rule.note(request(*[person(str(i)) for i in range(180)]), np.array([1, 2] * 90))
    rule.note(request(*[person(str(i)) for i in range(40)]), np.array([1, 2] * 20))
    assert rule.reshaped(wanted, np.ones((1, 3), bool), asked).tolist() == wanted.tolist()


@pytest.mark.parametrize(
    "rule",
    [
        Consent(),
        QuietHours(),
        FrequencyCap(1),
        Diversity(1),
        Retired(),
        Stock({}, {}),
        MinimumData(5),
    ],
    ids=lambda rule: rule.name,
)
def test_every_rule_keeps_the_protocol_and_survives_pickling(rule: Rule) -> None:
    assert isinstance(rule, Rule)
    asked = request(person(consent=("marketing:email",)))
    assert allowed(pickle.loads(pickle.dumps(rule)), asked) == allowed(rule, asked)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Consent(""),
        lambda: QuietHours(time(1), time(1)),
        lambda: QuietHours(default_zone="Mars/Olympus"),
        lambda: FrequencyCap(-1),
        lambda: Diversity(0),
        lambda: MinimumData(-1),
        lambda: Stock({}, {"mug": -1}),
        lambda: Rules([Consent(), Consent()]),
        lambda: request(person(), now=datetime(2026, 1, 1)),
        lambda: Request(
            customer_ids=["a", "b"], content_ids=IDS, channel="email", now=NOON, customers=[person()]
        ),
    ],
)
def test_settings_out_of_range_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError):
        make()
