from __future__ import annotations

import numpy as np
import pytest

from adwright.decide import Beliefs, DecideConfig, current_probabilities
from adwright.decide.arms import arm_draws, arm_ids, arm_mask
from adwright.errors import InfeasibleError, UsageError
from adwright.schema import NO_CONTENT, Goal
from decide.worlds import NOW, effect, total


@pytest.mark.parametrize("channel", ["email", "push", "sms"])
def test_sending_nothing_is_always_an_arm_where_customers_are_contacted(channel: str) -> None:
    beliefs = Beliefs.from_effect(effect())
    assert arm_ids(beliefs, channel)[-1] == NO_CONTENT
    draws = arm_draws(beliefs, goal=Goal(), channel=channel, n_draws=10, rng=np.random.default_rng(0))
    assert draws.shape == (10, 4)
    assert (draws[:, 3] == 0).all()
    assert arm_mask([False, False, False], n_contents=3, n_arms=4).tolist() == [False, False, False, True]


def test_elsewhere_something_must_be_shown() -> None:
    assert NO_CONTENT not in arm_ids(Beliefs.from_effect(effect()), "ads")


def test_what_loses_money_is_not_sent() -> None:
    goal = Goal(kind="revenue", exposure_cost_minor=1000.0)
    vector = current_probabilities(
        Beliefs.from_effect(effect()), goal=goal, channel="sms", rng=np.random.default_rng(0)
    )
    assert vector[NO_CONTENT] == pytest.approx(1 - 3 * 0.01)


def test_evidence_moves_the_probabilities() -> None:
    rng = np.random.default_rng(0)
    prior = Beliefs.from_effect(effect())
    seen = prior.update([total("a", NOW, 20_000, 800), total("c", NOW, 20_000, 300)])
    before, after = (
        current_probabilities(b, goal=Goal(kind="click"), channel="ads", rng=rng) for b in (prior, seen)
    )
    assert before["c"] > before["a"]
    assert after["a"] > 0.9 > 0.02 > after["c"]


def test_the_floor_holds_for_every_eligible_arm() -> None:
    vector = current_probabilities(
        Beliefs.from_effect(effect((0.001, 0.02, 0.2))),
        goal=Goal(kind="click"),
        channel="ads",
        rng=np.random.default_rng(0),
        config=DecideConfig(floor=0.05),
        eligible=[True, True, False],
    )
    assert vector["a"] == pytest.approx(0.05)
    assert vector["c"] == 0.0


def test_faults_are_raised_here() -> None:
    beliefs, rng = Beliefs.from_effect(effect()), np.random.default_rng(0)
    with pytest.raises(UsageError, match="eligible"):
        current_probabilities(beliefs, goal=Goal(), channel="ads", rng=rng, eligible=[True])
    with pytest.raises(InfeasibleError):
        current_probabilities(beliefs, goal=Goal(), channel="ads", rng=rng, eligible=[False] * 3)
