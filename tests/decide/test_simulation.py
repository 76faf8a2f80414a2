from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from adwright.decide import policy_named
from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.agents import Agent, BeliefAgent, ContextualAgent
from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.rules import FrequencyCap, Retired, Rules
from adwright.decide.simulation import Trace, simulate
from adwright.errors import DataError
from adwright.schema import Customer

START = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ("a", "b", "c")


class Plain:
    """Two cohorts, three contents, rates that stand still, every outcome after a day."""

    content_ids = IDS
    channel = "onsite"
    cost = np.array([1.0, 2.0, 3.0])
    customers = tuple(Customer(id=f"c{i}") for i in range(100))
    cohort_of = np.arange(100) % 2
    truth = np.array([[0.10, 0.20, 0.15], [0.10, 0.05, 0.20]])

    def visitors(self, at, hours, rng):  # type: ignore[no-untyped-def]
        return rng.integers(100, size=200)

    def rates(self, at):  # type: ignore[no-untyped-def]
        return self.truth

    def delays(self, n, rng):  # type: ignore[no-untyped-def]
        return np.full(n, 24.0)


def run(agent: Agent, *, n_steps: int = 60, rules: Rules | None = None, seed: int = 0) -> Trace:
    return simulate(
        Plain(),
        agent,
        start=START,
        n_steps=n_steps,
        step_h=6.0,
        rng=np.random.default_rng(seed),
        world=np.random.default_rng([seed, 1]),
        rules=rules,
    )


def believer(policy: str, **options: object) -> BeliefAgent:
    curve = ArrivalCurve(np.array([0.0, 23.0, 24.0]), np.array([0.0, 0.0, 1.0]))
    options = {"ageing": Ageing(arrival=curve, bucket_h=6.0)} | options
    return BeliefAgent(
        policy_named(policy), IDS, predicted=np.full((2, 3), 0.12), k=np.full(3, 10.0), **options
    )  # type: ignore[arg-type]


def test_uniform_loses_what_arithmetic_says() -> None:
    trace = run(believer("uniform"))
    truth = Plain.truth
    expected = (truth.max(axis=1) - truth.mean(axis=1)).mean() * 200 * 60
    assert trace.regret[-1] == pytest.approx(expected, rel=0.03)
    assert trace.possible[-1] == pytest.approx(0.2 * 200 * 60, rel=0.01)
    assert trace.spend_minor[-1] == pytest.approx(2.0 * 200 * 60, rel=0.02)
    assert trace.won[-1] == pytest.approx(trace.possible[-1] - trace.regret[-1], rel=0.05)


def test_regret_never_falls_and_learning_slows_it() -> None:
    trace = run(believer("thompson"))
    assert (np.diff(trace.regret) >= -1e-9).all()
    assert trace.regret[-1] < 0.7 * run(believer("uniform")).regret[-1]


def test_a_contextual_agent_finds_what_each_cohort_likes() -> None:
    policy = LinearThompson(2, width=0.3, ridge=5.0)
    agent = ContextualAgent(policy, IDS, features=np.eye(2), predicted=np.full((2, 3), 0.12))
    trace = run(agent)
    late = np.diff(trace.regret)[-15:].mean()
    assert late < 0.35 * np.diff(run(believer("uniform")).regret).mean()


def test_an_outcome_is_heard_of_when_its_delay_is_over_and_not_before() -> None:
    heard: list[tuple[datetime, datetime]] = []

    class Listener(BeliefAgent):
        now = START

        def look(self, now, rng):  # type: ignore[no-untyped-def]
            self.now = now
            super().look(now, rng)

        def arrived(self, successes, *, exposed_at):  # type: ignore[no-untyped-def]
            heard.append((self.now, exposed_at))
            super().arrived(successes, exposed_at=exposed_at)

    run(
        Listener(policy_named("uniform"), IDS, predicted=np.full((2, 3), 0.12), k=np.full(3, 10.0)),
        n_steps=12,
    )
    assert heard
    assert all(at - exposed >= timedelta(hours=24) for at, exposed in heard)


def test_the_oracle_obeys_the_rules_too() -> None:
    trace = run(believer("uniform"), rules=Rules([Retired(["b", "c"])]), n_steps=5)
    np.testing.assert_allclose(trace.regret, 0.0)
    assert trace.kept_back["retired"].tolist() == [1.0] * 5


def test_a_cap_shows_in_what_it_kept_back() -> None:
    cap = FrequencyCap(3, window_h=24.0 * 7, channels=frozenset({"onsite"}))
    trace = run(believer("uniform"), rules=Rules([cap]), n_steps=8)
    assert trace.kept_back["frequency_cap"][0] < 0.6
    assert trace.kept_back["frequency_cap"][-1] == 1.0


def test_the_same_seed_gives_the_same_run() -> None:
    one, two = run(believer("thompson"), n_steps=20), run(believer("thompson"), n_steps=20)
    np.testing.assert_array_equal(one.won, two.won)


@pytest.mark.parametrize("bad", [np.nan, 0.0, 1.5])
def test_effects_that_are_no_rates_are_refused(bad: float) -> None:
    with pytest.raises(DataError, match="predicted"):
        BeliefAgent(policy_named("uniform"), IDS, predicted=np.full((2, 3), bad), k=np.full(3, 10.0))
