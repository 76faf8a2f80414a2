from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.decide import constrain
from adwright.errors import DataError, InfeasibleError, UsageError

vectors = st.lists(st.floats(0, 1), min_size=1, max_size=30).filter(lambda x: sum(x) > 1e-6)


@settings(max_examples=300, deadline=None)
@given(vectors, st.data())
def test_constrained_probabilities_sum_to_one_and_keep_the_floor(
    raw: list[float], data: st.DataObject
) -> None:
    p = np.array(raw) / sum(raw)
    n = len(p)
    eligible = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    if not eligible.any():
        eligible[0] = True
    floor = data.draw(st.floats(0, 1 / int(eligible.sum())))
    out = constrain(p, eligible=eligible, floor=floor)
    assert abs(out.sum() - 1) < 1e-12
    assert (out[eligible] >= floor - 1e-15).all()
    assert (out[~eligible] == 0).all()


def test_the_order_of_the_arms_is_kept() -> None:
    out = constrain(np.array([0.5, 0.3, 0.15, 0.05]), eligible=np.ones(4, dtype=bool), floor=0.1)
    assert (np.diff(out) <= 0).all()
    assert out[3] == 0.1


def test_nothing_changes_where_nothing_has_to() -> None:
    p = np.array([0.5, 0.3, 0.2])
    assert np.allclose(constrain(p, eligible=np.ones(3, dtype=bool), floor=0.1), p, atol=1e-15)


def test_a_policy_that_wants_only_what_may_not_be_shown_becomes_uniform() -> None:
    out = constrain(np.array([1.0, 0.0, 0.0]), eligible=np.array([False, True, True]))
    assert out.tolist() == [0.0, 0.5, 0.5]


def test_the_largest_possible_floor_is_the_uniform_vector() -> None:
    out = constrain(np.array([1.0, 0.0, 0.0]), eligible=np.ones(3, dtype=bool), floor=1 / 3)
    assert np.allclose(out, 1 / 3)


def test_what_cannot_be_had_is_said() -> None:
    p = np.array([0.5, 0.5])
    with pytest.raises(InfeasibleError, match="floor"):
        constrain(p, eligible=np.ones(2, dtype=bool), floor=0.51)
    with pytest.raises(InfeasibleError, match="eligible"):
        constrain(p, eligible=np.zeros(2, dtype=bool))


@pytest.mark.parametrize("p", [[0.5, 0.4], [1.5, -0.5], [float("nan"), 1.0]])
def test_what_is_not_a_distribution_is_refused(p: list[float]) -> None:
    with pytest.raises(DataError):
        constrain(np.array(p), eligible=np.ones(2, dtype=bool))


def test_shapes_and_floors_are_checked() -> None:
    with pytest.raises(UsageError):
        constrain(np.array([1.0]), eligible=np.ones(2, dtype=bool))
    with pytest.raises(UsageError, match="floor"):
        constrain(np.array([1.0]), eligible=np.ones(1, dtype=bool), floor=-0.1)
