from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.experiment import Rounds, adaptive_rounds, analyse_adaptive, policy_value
from adwright.schema import Decision
from experiment.vectors import load

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def decision(i: int, content: str = "a", propensities: dict[str, float] | None = None) -> Decision:
    return Decision(
        id=f"d{i}",
        customer_id=f"u{i}",
        content_id=content,
        propensities=propensities or {"a": 0.6, "b": 0.4},
        policy="thompson",
        model_version="click@1",
        at=NOW,
        channel="ads",
    )


def simulated(rng: np.random.Generator, n: int, truth: list[float]) -> Rounds:
    """A policy that changes over time and with the context, on arms of known value."""
    vectors = rng.dirichlet([3.0, 2.0, 1.0], n) * 0.85 + 0.05
    drawn = (vectors.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    rewards = (rng.random(n) < np.array(truth)[drawn]).astype(float)
    return Rounds(arms=("a", "b", "c"), chosen=drawn, propensities=vectors, rewards=rewards)


def test_a_hand_computed_case() -> None:
    rounds = Rounds(
        arms=("a", "b"),
        chosen=np.array([0, 0, 1]),
        propensities=np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
        rewards=np.array([1.0, 0.0, 1.0]),
    )
    a, b = analyse_adaptive(rounds).arms
    # arm a: weights 2, 4, 0 -> IPS = 2/3, SNIPS = 2/6; arm b: weight 2 -> IPS 2/3, SNIPS 1
    assert (a.ips, a.snips, a.n) == (pytest.approx(2 / 3), pytest.approx(1 / 3), 2)
    assert (b.ips, b.snips) == (pytest.approx(2 / 3), pytest.approx(1.0))
    assert a.effective_n == pytest.approx(36 / 20)


def test_estimates_of_another_policy_agree_with_the_open_bandit_pipeline() -> None:
    toy = load("ope_toy.json")
    rounds = Rounds(
        arms=tuple(map(str, range(toy["K"]))),
        chosen=np.array(toy["action"], dtype=np.intp),
        propensities=np.array(toy["behavior_dist"]),
        rewards=np.array(toy["reward"]),
    )
    value = policy_value(rounds, np.array(toy["eval_dist"]))
    assert value.ips == pytest.approx(toy["estimates"]["IPW"], rel=1e-9)
    assert value.snips == pytest.approx(toy["estimates"]["SNIPW"], rel=1e-9)
    assert value.effective_n == pytest.approx(toy["hand_formulas"]["ESS"], rel=1e-9)


def test_intervals_cover_the_truth() -> None:
    rng = np.random.default_rng(6)
    truth = [0.05, 0.08, 0.1]
    hits = np.zeros(3)
    n_worlds = 300
    for _ in range(n_worlds):
        for i, arm in enumerate(analyse_adaptive(simulated(rng, 3000, truth)).arms):
            hits[i] += arm.low <= truth[i] <= arm.high
    # 95 % less four standard errors, and one point for the normal approximation
    assert np.all(hits / n_worlds > 0.94 - 4 * np.sqrt(0.95 * 0.05 / n_worlds))


def test_the_estimate_of_the_uniform_policy_is_the_mean_of_the_arms() -> None:
    rng = np.random.default_rng(7)
    value = policy_value(simulated(rng, 60_000, [0.05, 0.08, 0.11]), np.full(3, 1 / 3))
    assert value.low <= 0.08 <= value.high
    assert value.high - value.low < 0.012


def test_the_logging_policy_itself_has_weights_of_one() -> None:
    rounds = simulated(np.random.default_rng(1), 500, [0.1, 0.2, 0.3])
    value = policy_value(rounds, rounds.propensities)
    assert value.ips == pytest.approx(float(rounds.rewards.mean()))
    assert value.effective_n == pytest.approx(500)


def test_the_sample_ratio_is_checked_against_the_propensities() -> None:
    rounds = simulated(np.random.default_rng(2), 4000, [0.1, 0.1, 0.1])
    assert not analyse_adaptive(rounds).sample_ratio.broken
    moved = replace(rounds, chosen=np.where(np.arange(4000) < 200, 2, rounds.chosen))
    assert analyse_adaptive(moved).sample_ratio.broken


def test_rounds_read_decisions_and_the_ledger_alike() -> None:
    decisions = [decision(0), decision(1, "b"), decision(2, "c", {"b": 0.1, "c": 0.9})]
    frame = pl.DataFrame(
        {
            "id": [d.id for d in decisions],
            "content_id": [d.content_id for d in decisions],
            "propensities": [json.dumps(dict(d.propensities)) for d in decisions],
            "slice": "adaptive",
            "degraded": False,
        }
    )
    for source in (decisions, frame):
        rounds = adaptive_rounds(source, {"d1": 1.0})
        assert rounds.arms == ("a", "b", "c")
        assert rounds.chosen.tolist() == [0, 1, 2]
        assert rounds.rewards.tolist() == [0.0, 1.0, 0.0]
        assert rounds.propensities.tolist() == [[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [0.0, 0.1, 0.9]]


def test_test_slice_holdout_and_fall_backs_are_left_out() -> None:
    decisions = [
        decision(0),
        replace(decision(1), slice="test"),
        replace(decision(2), degraded=True, propensities={"a": 1.0}),
    ]
    rounds = adaptive_rounds(decisions, {"d1": 1.0})
    assert (len(rounds.chosen), rounds.n_left_out) == (1, 2)


@pytest.mark.parametrize(
    ("decisions", "rewards", "named"),
    [
        ([decision(0), decision(0)], {}, "logged twice"),
        ([decision(0)], {"d9": 1.0}, "unknown decision"),
        ([decision(0, "b", {"a": 1.0, "b": 0.0})], {}, "probability 0"),
        ([decision(0, "a", {"a": 1.4, "b": -0.4})], {}, "not a distribution"),
        ([decision(0, "a", {"a": 0.4})], {}, "not a distribution"),
        ([decision(0, "z")], {}, "probability 0"),
    ],
)
def test_bad_logs_name_what_is_wrong(
    decisions: list[Decision], rewards: dict[str, float], named: str
) -> None:
    with pytest.raises(DataError, match=named):
        adaptive_rounds(decisions, rewards)


def test_propensities_outside_0_to_1_are_refused_in_arrays_too() -> None:
    rounds = Rounds(
        arms=("a",), chosen=np.array([0]), propensities=np.array([[0.0]]), rewards=np.array([1.0])
    )
    for bad in (0.0, 1.5, -0.1, float("nan")):
        with pytest.raises(DataError, match="propensit"):
            analyse_adaptive(replace(rounds, propensities=np.array([[bad]])))
    with pytest.raises(DataError, match="no decision"):
        analyse_adaptive(
            replace(
                rounds,
                chosen=np.array([], dtype=np.intp),
                propensities=np.empty((0, 1)),
                rewards=np.array([]),
            )
        )


def test_a_policy_beyond_the_log_is_refused() -> None:
    rounds = Rounds(
        arms=("a", "b"), chosen=np.array([0]), propensities=np.array([[1.0, 0.0]]), rewards=np.array([1.0])
    )
    with pytest.raises(DataError, match="never"):
        policy_value(rounds, np.array([0.5, 0.5]))
    with pytest.raises(UsageError, match="distribution"):
        policy_value(rounds, np.array([0.5, 0.1]))
