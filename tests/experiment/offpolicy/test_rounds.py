from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.experiment.offpolicy import logged_rounds

GOOD: dict[str, Any] = {
    "action": [0, 1, 1],
    "reward": [1, 0, 0],
    "propensity": [0.5, 0.5, 0.5],
    "target": [[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]],
}


def rounds(**changes: Any) -> Any:
    given = GOOD | changes
    return logged_rounds(given.pop("action"), given.pop("reward"), **given)


def test_weights_are_target_over_propensity() -> None:
    assert rounds().weight.tolist() == [0.4, 1.0, 0.0]


def test_one_distribution_may_stand_for_all_rounds() -> None:
    assert rounds(target=[0.25, 0.75]).weight.tolist() == [0.5, 1.5, 1.5]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"propensity": [0.5, 0.0, 0.5]}, r"round 1 .*above 0"),
        ({"propensity": [0.5, 1.2, 0.5]}, r"round 1 .*above 0, at most 1"),
        ({"propensity": [0.5, float("nan"), 0.5]}, r"not finite in round 1"),
        ({"propensity": [0.5, 0.5]}, "lengths differ"),
        ({"reward": [1, -2, 0]}, "negative reward in round 1"),
        ({"reward": [1, float("nan"), 0]}, "not finite in round 1"),
        ({"target": [[0.2, 0.7], [0.5, 0.5], [1.0, 0.0]]}, "not a distribution in round 0"),
        ({"target": [[0.2, 0.8], [1.5, -0.5], [1.0, 0.0]]}, "not a distribution in round 1"),
        ({"target": [[0.2, 0.8], [0.5, 0.5], [float("nan"), 1.0]]}, "not a distribution in round 2"),
        ({"action": [0, 1, 2]}, "an action without a column"),
        ({"action": [0, -1, 1]}, "not action indices"),
        ({"action": []}, "no rounds"),
        ({"round_ids": ["a", "b", "a"]}, r"twice.*'a'"),
        ({"q_hat": [[0.1, 0.2]]}, "q_hat"),
        ({"q_hat": np.full((3, 2), np.inf)}, "q_hat"),
        ({"behaviour": np.full((3, 2), 0.5), "propensity": [0.5, 0.4, 0.5]}, "differs from the logged"),
        ({"actions": ["a", "a"]}, "actions"),
        ({"stratum": [0, 1]}, "stratum"),
    ],
)
def test_bad_input_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        rounds(**changes)


def test_a_loss_is_allowed_where_it_is_said_to_be_possible() -> None:
    assert rounds(reward=[1, -2, 0], allow_negative=True).reward.min() == -2
