from __future__ import annotations

import numpy as np
import pytest

from adwright.decide import Beliefs, Choice, DecideConfig
from adwright.decide.picks import adaptive_picks, draw_from, fallback, fixed_picks, held_out
from adwright.errors import UsageError
from adwright.experiment import assign
from adwright.schema import NO_CONTENT, Experiment, Goal
from decide.worlds import effect, experiment

UNITS = [f"u{i}" for i in range(400)]


def choice(test: Experiment | None = None, channel: str = "ads") -> Choice:
    return Choice(
        beliefs=Beliefs.from_effect(effect()),
        goal=Goal(kind="click"),
        channel=channel,
        default_content="default",
        experiment=test,
        assign=assign,
    )


def test_an_arm_of_probability_0_is_never_drawn() -> None:
    drawn = draw_from(np.array([0.0, 0.3, 0.0, 0.7, 0.0]), 20_000, rng=np.random.default_rng(0))
    assert set(drawn.tolist()) == {1, 3}


def test_the_test_slice_follows_the_hash_and_logs_the_shares() -> None:
    test = experiment(("a", "b"))
    picks = fixed_picks(choice(test), UNITS, mask=np.ones(3, dtype=bool))
    assert [p.content_id for p in picks if p] == assign(UNITS, test)["content_id"].to_list()
    assert all(p is not None and p.propensities == {"a": 0.5, "b": 0.5} for p in picks)
    assert all(
        p is not None and (p.slice, p.experiment_id, p.policy) == ("test", "t1", "fixed") for p in picks
    )


def test_an_assigned_arm_that_may_not_be_shown_is_replaced_and_said() -> None:
    picks = fixed_picks(choice(experiment(("a", "b"))), UNITS, mask=np.array([True, False, True]))
    replaced = [p for p in picks if p is not None and p.degraded]
    assert replaced
    assert {p.content_id for p in replaced} == {"default"}
    assert all("b is not eligible" in p.reason and p.slice == "test" for p in replaced)


def test_an_unknown_arm_is_replaced_and_said_but_the_default_may_be_the_control() -> None:
    picks = fixed_picks(choice(experiment(("default", "ghost"))), UNITS, mask=np.ones(3, dtype=bool))
    assert {(p.content_id, p.degraded) for p in picks if p} == {("default", False), ("default", True)}
    assert {p.reason for p in picks if p and p.degraded} == {"the assigned arm ghost is not known"}


def test_a_test_needs_its_assignment() -> None:
    with pytest.raises(UsageError, match="assign"):
        fixed_picks(choice(None), UNITS, mask=np.ones(3, dtype=bool))


def test_each_pattern_of_eligibility_has_its_own_vector() -> None:
    mask = np.array([[True, True, True], [True, False, True], [False, False, False]] * 50)
    picks = adaptive_picks(choice(), 150, mask=mask, config=DecideConfig(), rng=np.random.default_rng(0))
    assert all(p.propensities["b"] > 0 for p in picks[0::3])
    assert all(p.propensities["b"] == 0 and p.content_id != "b" for p in picks[1::3])
    assert all(p.degraded and p.content_id == "default" for p in picks[2::3])
    assert not any(p.degraded for p in picks[0::3] + picks[1::3])


def test_the_holdout_gets_nothing_where_that_is_possible() -> None:
    assert held_out(choice(channel="email")).content_id == NO_CONTENT
    assert held_out(choice(channel="ads")).content_id == "default"


def test_a_fall_back_has_a_reason_and_a_propensity_of_one() -> None:
    pick = fallback(choice(), "why")
    assert (pick.degraded, pick.reason, pick.propensities) == (True, "why", {"default": 1.0})
