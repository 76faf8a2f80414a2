from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.experiment.uplift import policy_earning


def test_the_earning_counts_value_and_cost_of_what_is_sent() -> None:
    scores = [[2.0, 0.0], [0.0, 3.0], [-1.0, -1.0], [0.4, 0.1]]
    earning = policy_earning(scores, scores, value=10.0, cost=[5.0, 5.0])
    assert earning.sent == (0.25, 0.25)  # the last would earn 4 and cost 5
    assert earning.value.value == pytest.approx((15 + 25) / 4)
    assert earning.simple_sent == 1
    assert earning.simple.value == pytest.approx((0 + 30 - 10 + 1 - 20) / 4)
    assert earning.gain.value == pytest.approx(10 - 0.25)


def test_where_nothing_pays_nothing_is_sent() -> None:
    earning = policy_earning(np.full((50, 1), 0.1), np.full((50, 1), 0.1), cost=1.0)
    assert (earning.sent, earning.simple_sent, earning.value.value) == ((0.0,), None, 0.0)
    assert earning.is_within_noise


def test_a_targeting_that_saves_the_harmed_is_beyond_noise() -> None:
    rng = np.random.default_rng(0)
    effect = np.repeat([1.0, -1.0], 500)[:, None]
    earning = policy_earning(effect + rng.normal(0, 1, (1000, 1)), effect)
    assert not earning.is_within_noise
    assert earning.value.low < 0.5 < earning.value.high


def test_bad_requests_are_named() -> None:
    with pytest.raises(DataError, match="cost"):
        policy_earning([[1.0], [1.0]], [[1.0], [1.0]], cost=-1.0)
    with pytest.raises(DataError, match="shapes"):
        policy_earning([[1.0], [1.0]], [[1.0]])
