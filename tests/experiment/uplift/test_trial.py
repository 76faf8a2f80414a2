from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.experiment.uplift import randomised_trial

N = 100


def trial(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "features": np.arange(2.0 * N).reshape(N, 2),
        "arm": np.tile([0, 1], N // 2),
        "outcome": np.zeros(N),
    }
    given |= changes
    return randomised_trial(given.pop("features"), **given)


def test_shares_are_the_propensities_by_default() -> None:
    made = trial(arm=np.tile([0, 1, 1, 1], N // 4))
    assert made.propensity[0].tolist() == [0.25, 0.75]
    assert made.arms == ("control", "treatment 1")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arm": np.zeros(N, int)}, "one arm only"),
        ({"arm": np.tile([0, 2], N // 2)}, "an arm without data"),
        ({"arm": np.r_[np.ones(5, int), np.zeros(N - 5, int)]}, "too few customers"),
        ({"arm": np.full(N, 0.5)}, "not arm indices"),
        ({"arm": np.tile([0, 1], N // 2), "arms": ["a", "b", "c"]}, "arm c"),
        ({"outcome": np.r_[np.nan, np.zeros(N - 1)]}, "not finite in row 0"),
        ({"outcome": np.r_[0.0, -1.0, np.zeros(N - 2)]}, "negative in row 1"),
        ({"outcome": np.zeros(3)}, "outcome"),
        ({"propensity": [0.0, 1.0]}, "propensity"),
        ({"propensity": [0.7, 0.7]}, "propensity"),
        ({"unit_ids": ["a"] * N}, "the same customer twice"),
        ({"features": np.zeros((3, 2))}, "features"),
        ({"features": np.full((N, 1), np.inf)}, "features"),
        ({"categorical": [5]}, "categorical"),
    ],
)
def test_bad_input_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        trial(**changes)
