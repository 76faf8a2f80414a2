"""Rules in `decide`: in every slice, and when deciding fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from adwright.decide import Beliefs, Choice, DecideConfig, decide
from adwright.decide.rules import Budget, Consent, FrequencyCap, Retired, Rules
from adwright.schema import NO_CONTENT, Customer, Goal, Rate
from decide.worlds import NOW, effect, experiment

YES = frozenset({"marketing:email"})
CONFIG = DecideConfig(holdout_share=0.0, n_draws=200)


def choice(channel: str = "email", *, broken: bool = False, tested: bool = False) -> Choice:
    known = effect()
    if broken:
        assert known.click is not None
        bad = Rate(mean=known.click.mean, k=np.full(3, np.nan), level_sd=known.click.level_sd)
        known = replace(known, click=bad)
    return Choice(
        beliefs=Beliefs.from_effect(known),
        goal=Goal(kind="click"),
        channel=channel,
        default_content="a",
        experiment=experiment() if tested else None,
        assign=(lambda units, x: pl.DataFrame({"content_id": ["b"] * len(units)})) if tested else None,
    )


def people(n: int, *, agreed: bool = True) -> list[Customer]:
    return [Customer(id=f"c{i}", consent=YES if agreed else frozenset()) for i in range(n)]


def answers(of: Choice, who: list[Customer], rules: Rules, **options: object) -> list[str]:
    decisions = decide(
        [c.id for c in who],
        of,
        now=NOW,
        rng=np.random.default_rng(0),
        config=options.get("config", CONFIG),  # type: ignore[arg-type]
        rules=rules,
        customers=who,
    )
    for decision in decisions:
        assert abs(sum(decision.propensities.values()) - 1) < 1e-9
        assert decision.propensity > 0
    return [d.content_id for d in decisions]


def test_without_consent_nothing_is_sent_in_any_slice() -> None:
    for tested in (False, True):
        config = replace(CONFIG, test_share=0.5)
        found = answers(choice(tested=tested), people(60, agreed=False), Rules([Consent()]), config=config)
        assert set(found) == {NO_CONTENT}


def test_with_consent_contents_are_sent_and_counted() -> None:
    cap = Rules([Consent(), FrequencyCap(1)])
    first, second = answers(choice(), people(60), cap), answers(choice(), people(60), cap)
    sent = [i for i, content in enumerate(first) if content != NO_CONTENT]
    assert len(sent) > 40
    assert all(second[i] == NO_CONTENT for i in sent)


def test_a_fault_sends_nothing_where_the_default_content_is_not_allowed() -> None:
    assert set(answers(choice(broken=True), people(5, agreed=False), Rules([Consent()]))) == {NO_CONTENT}
    assert set(answers(choice(broken=True), people(5), Rules([Consent()]))) == {"a"}


def test_a_rule_that_breaks_sends_nothing() -> None:
    class Broken(Consent):
        name = "broken"

        def allowed(self, request):  # type: ignore[no-untyped-def]
            raise RuntimeError("no connection")

    decisions = decide(
        ["c0"], choice(), now=NOW, rng=np.random.default_rng(0), config=CONFIG, rules=Rules([Broken()])
    )
    assert decisions[0].content_id == NO_CONTENT
    assert decisions[0].degraded
    assert "no connection" in decisions[0].reason


def test_on_the_page_something_always_stands() -> None:
    found = answers(choice("onsite"), people(5), Rules([Retired(["a", "b", "c"])]))
    assert set(found) == {"a"}


def test_a_content_that_is_retired_in_mid_flight_is_not_drawn_again() -> None:
    rule = Retired()
    before = answers(choice("onsite"), people(300), Rules([rule]))
    rule.retire("c")
    after = answers(choice("onsite"), people(300), Rules([rule]))
    assert "c" in before
    assert "c" not in after


def test_the_test_s_arm_obeys_the_budget() -> None:
    rules = Rules([Budget(5.0, {"b": 1.0}, slack=1.0)])
    config = replace(CONFIG, test_share=1.0)
    found = answers(choice("onsite", tested=True), people(40), rules, config=config)
    assert found.count("b") == 5
    assert found.count("a") == 35


def test_the_logged_vector_is_the_one_after_rules_and_floor() -> None:
    decisions = decide(
        [f"c{i}" for i in range(50)],
        choice("onsite"),
        now=NOW,
        rng=np.random.default_rng(0),
        config=replace(CONFIG, floor=0.1),
        rules=Rules([Retired(["b"])]),
    )
    for decision in decisions:
        assert decision.propensities["b"] == 0.0
        assert decision.propensities["a"] >= 0.1 - 1e-12


def test_a_time_without_zone_answers_degraded() -> None:
    decisions = decide(
        ["c0"],
        choice("onsite"),
        now=datetime(2026, 1, 1),
        rng=np.random.default_rng(0),
        config=CONFIG,
        rules=Rules([Retired()]),
    )
    assert decisions[0].degraded


@pytest.mark.parametrize("hours", [-48, 0, 48])
def test_time_may_run_backwards_between_calls(hours: int) -> None:
    rules = Rules([FrequencyCap(1, window_h=24)])
    answers(choice(), people(3), rules)
    decisions = decide(
        ["c0", "c1", "c2"],
        choice(),
        now=NOW.astimezone(UTC) + timedelta(hours=hours),
        rng=np.random.default_rng(0),
        config=CONFIG,
        rules=rules,
    )
    assert not any(d.degraded for d in decisions)
