from __future__ import annotations

import numpy as np
import pytest

from adwright.decide.greedy import Greedy
from adwright.decide.slate import draw_slate, position_evidence
from adwright.decide.thompson import ThompsonSampling
from adwright.errors import InfeasibleError, UsageError

DRAWS = np.random.default_rng(0).normal([0.0, 0.2, 0.4], 1.0, (2000, 3))


def test_the_propensity_of_a_slate_is_how_often_it_is_drawn() -> None:
    counts: dict[tuple[int, ...], int] = {}
    logged: dict[tuple[int, ...], float] = {}
    rng = np.random.default_rng(1)
    for _ in range(4000):
        slate = draw_slate(ThompsonSampling(), DRAWS, n_places=2, rng=rng, floor=0.05)
        key = tuple(slate.index.tolist())
        counts[key] = counts.get(key, 0) + 1
        logged[key] = slate.propensity
    assert sum(logged.values()) == pytest.approx(1.0)
    assert len(counts) == 6
    for key, n in counts.items():
        assert n / 4000 == pytest.approx(logged[key], abs=5 * 0.5 / np.sqrt(4000))


def test_no_content_stands_twice_and_every_place_has_a_vector() -> None:
    slate = draw_slate(ThompsonSampling(), DRAWS, n_places=3, rng=np.random.default_rng(0))
    assert sorted(slate.index.tolist()) == [0, 1, 2]
    np.testing.assert_allclose(slate.vectors.sum(axis=1), 1.0)
    assert slate.vectors[1, slate.index[0]] == 0.0


def test_a_group_takes_no_more_places_than_it_may() -> None:
    slate = draw_slate(
        Greedy(),
        np.array([[5.0, 4.0, 1.0, 0.0]]),
        n_places=2,
        rng=np.random.default_rng(0),
        group_of=["mug", "mug", "bag", "hat"],
        most_per_group=1,
    )
    assert slate.index.tolist() == [0, 2]


def test_more_places_than_contents_is_said() -> None:
    with pytest.raises(InfeasibleError, match="at most 3"):
        draw_slate(Greedy(), DRAWS, n_places=4, rng=np.random.default_rng(0))
    with pytest.raises(InfeasibleError, match="at most 1"):
        draw_slate(
            Greedy(),
            DRAWS,
            n_places=2,
            rng=np.random.default_rng(0),
            group_of=["x"] * 3,
            most_per_group=1,
        )
    with pytest.raises(UsageError, match="n_places"):
        draw_slate(Greedy(), DRAWS, n_places=0, rng=np.random.default_rng(0))


def test_an_exposure_at_a_lower_place_counts_less() -> None:
    index = np.array([[0, 1], [1, 2]])
    clicks = np.array([[True, False], [True, True]])
    seen = position_evidence(index, clicks, mean=np.array([0.1, 0.2, 0.3]), look=np.array([1.0, 0.5]))
    np.testing.assert_allclose(seen.successes, [1, 1, 1])
    np.testing.assert_allclose(seen.expected, [0.1, 0.2 * 0.5 + 0.2, 0.3 * 0.5])
    with pytest.raises(UsageError, match="places"):
        position_evidence(index, clicks, mean=np.ones(3), look=np.ones(3))
