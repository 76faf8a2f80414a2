"""Epsilon-greedy, UCB, top-two and sharpened Thompson sampling, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from adwright.decide.epsilon_greedy import EpsilonGreedy
from adwright.decide.thompson import ThompsonSampling
from adwright.decide.top_two import TopTwo
from adwright.decide.ucb import UCB
from adwright.errors import UsageError

RNG = np.random.default_rng(0)
DRAWS = RNG.normal([0.0, 0.3, 0.1, 0.5], [1.0, 0.5, 2.0, 0.1], (4000, 4))
ALL = np.ones(4, np.bool_)


def test_epsilon_greedy_explores_by_its_share() -> None:
    p = EpsilonGreedy(0.2).probabilities(DRAWS, mask=ALL, rng=RNG)
    np.testing.assert_allclose(p, [0.05, 0.05, 0.05, 0.85])


def test_ucb_prefers_the_uncertain_arm() -> None:
    p = UCB(0.95).probabilities(DRAWS, mask=ALL, rng=RNG)
    assert p.tolist() == [0, 0, 1, 0]


def test_top_two_is_what_its_two_draws_give() -> None:
    """The algorithm as written: draw; with beta its winner, else draw until another arm wins."""
    wins = np.bincount(DRAWS.argmax(axis=1), minlength=4) / 4000
    rng, counts = np.random.default_rng(1), np.zeros(4)
    for _ in range(20_000):
        first = second = rng.choice(4, p=wins)
        if rng.random() >= 0.5:
            while second == first:
                second = rng.choice(4, p=wins)
        counts[second] += 1
    p = TopTwo().probabilities(DRAWS, mask=ALL, rng=RNG)
    np.testing.assert_allclose(p, counts / 20_000, atol=5 * 0.5 / np.sqrt(20_000))


def test_top_two_looks_at_the_runner_up_when_the_best_is_certain() -> None:
    draws = np.array([[3.0, 2.0, 1.0], [3.1, 2.1, 0.0]])
    assert TopTwo().probabilities(draws, mask=np.ones(3, np.bool_), rng=RNG).tolist() == [0.5, 0.5, 0.0]


def test_less_spread_means_less_exploration_down_to_greedy() -> None:
    shares = [ThompsonSampling(s).probabilities(DRAWS, mask=ALL, rng=RNG)[3] for s in (1.0, 0.5, 0.25, 0.0)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: EpsilonGreedy(1.5),
        lambda: UCB(0.5),
        lambda: TopTwo(0.0),
        lambda: ThompsonSampling(-1.0),
        lambda: ThompsonSampling(float("nan")),
    ],
)
def test_settings_out_of_range_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError):
        make()
