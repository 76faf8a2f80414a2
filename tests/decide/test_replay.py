from __future__ import annotations

import numpy as np
import pytest

from adwright.decide import policy_named
from adwright.decide.replay import (
    PastTest,
    explore_then_commit,
    flat_chooser,
    prior_chooser,
    replay,
    replay_all,
    schedule,
)
from adwright.errors import DataError, UsageError
from adwright.schema import Rate


def past(clicks: tuple[int, ...] = (20, 40, 60), n: int = 2000, name: str = "t") -> PastTest:
    return PastTest(name, np.full(len(clicks), n), np.array(clicks))


def test_a_schedule_hits_every_horizon_and_only_grows() -> None:
    steps = schedule((100, 250), 3)
    assert {300, 750} <= set(steps.tolist())
    assert steps[-1] == 750
    assert (np.diff(steps) > 0).all()


def test_no_variant_gives_more_than_it_had_and_the_run_stops_when_one_is_empty() -> None:
    test = past(n=300)
    run = replay(
        test,
        flat_chooser(policy_named("thompson")),
        schedule((2000,), 3),
        rng=np.random.default_rng(0),
    )
    assert (run.shown[-1] <= 300).all()
    assert (run.won[-1] <= test.clicks).all()
    assert (np.diff(run.shown, axis=0) >= 0).all()
    assert (np.diff(run.won, axis=0) >= 0).all()
    assert run.shown[-1].sum() < 6000


def test_emptying_the_urns_brings_every_click() -> None:
    test = PastTest("t", np.array([100, 100]), np.array([7, 3]))

    def both(shown, won, rng):  # type: ignore[no-untyped-def]
        left = test.impressions - shown
        return left / left.sum()

    run = replay(test, both, np.array([1, 2, 5, 10, 50]), rng=np.random.default_rng(3))
    assert run.shown[-1].sum() == 50
    whole = replay(
        PastTest("t", np.array([25, 25]), np.array([5, 5])),
        lambda shown, won, rng: np.array([0.5, 0.5]),
        np.array([2]),
        rng=np.random.default_rng(0),
    )
    assert whole.won.sum() <= 2


def test_drawing_without_replacement_has_the_hypergeometric_mean_and_variance() -> None:
    won = [
        replay(
            PastTest("t", np.array([100, 100]), np.array([30, 0])),
            lambda shown, won, rng: np.array([1.0, 0.0]),
            np.array([60]),
            rng=np.random.default_rng(i),
        ).won[-1, 0]
        for i in range(3000)
    ]
    assert np.mean(won) == pytest.approx(18, abs=0.2)
    assert np.var(won) == pytest.approx(60 * 0.3 * 0.7 * 40 / 99, rel=0.1)


def test_an_a_b_test_commits_to_the_best_when_it_is_over() -> None:
    choose = explore_then_commit(100)
    rng = np.random.default_rng(0)
    assert choose(np.array([40, 40]), np.array([1, 9]), rng).tolist() == [0.5, 0.5]
    assert choose(np.array([50, 50]), np.array([1, 9]), rng).tolist() == [0.0, 1.0]


def many(n: int = 60) -> tuple[list[PastTest], list[Rate]]:
    """Tests whose variants truly differ by 25 %, and a prior that knows half of it."""
    rng = np.random.default_rng(0)
    tests, rates = [], []
    for i in range(n):
        effect = rng.gamma(16, 1 / 16, 4)
        hint = 1 + 0.7 * (effect - 1) + 0.1 * rng.standard_normal(4)
        tests.append(PastTest(str(i), np.full(4, 3000), rng.binomial(3000, 0.02 * effect)))
        rates.append(Rate(mean=0.02 * np.clip(hint, 0.3, 3), k=np.full(4, 40.0), level_sd=np.full(4, 0.3)))
    return tests, rates


def test_a_prior_that_knows_something_wins_more_clicks_and_a_bandit_more_than_a_test() -> None:
    tests, rates = many()
    policy = policy_named("thompson")
    found = replay_all(
        tests,
        {
            "uniform": lambda i: flat_chooser(policy_named("uniform"), n_draws=1),
            "bandit": lambda i: flat_chooser(policy, n_draws=200),
            "prior": lambda i: prior_chooser(policy, rates[i], n_draws=200),
        },
        (250, 1000),
        seed=0,
        n_repeats=2,
    )
    result = found.compare(1000, [("bandit", "uniform"), ("prior", "bandit")], rng=np.random.default_rng(0))
    assert result.gain["bandit", "uniform"].low > 0
    assert result.gain["prior", "bandit"].low > 0
    assert result.n_tests == 60
    half = found.compare(1000, [], rng=np.random.default_rng(0), among=np.arange(60) < 30)
    assert half.n_tests == 30


def test_policies_are_compared_at_the_step_that_all_reached() -> None:
    tests, _ = many(10)
    found = replay_all(
        tests,
        {
            "uniform": lambda i: flat_chooser(policy_named("uniform"), n_draws=1),
            "stubborn": lambda i: lambda shown, won, rng: np.array([1.0, 0.0, 0.0, 0.0]),
        },
        (2000,),
        seed=0,
        n_repeats=1,
    )
    clicks, compared, wanted = found.clicks_at(2000)
    assert (compared <= 3000).all()
    assert (wanted == 8000).all()
    assert clicks["uniform"].sum() / compared.sum() == pytest.approx(0.02, abs=0.004)


def test_the_same_seed_gives_the_same_and_another_policy_changes_no_run() -> None:
    tests, _ = many(4)
    uniform = {"uniform": lambda i: flat_chooser(policy_named("uniform"), n_draws=1)}
    more = {**uniform, "greedy": lambda i: flat_chooser(policy_named("greedy"), n_draws=50)}
    one, two = (replay_all(tests, makers, (100,), seed=5, n_repeats=1) for makers in (uniform, more))
    for a, b in zip(one.runs["uniform"], two.runs["uniform"], strict=True):
        np.testing.assert_array_equal(a[0].won, b[0].won)


def test_what_is_wrong_with_a_test_is_named() -> None:
    with pytest.raises(DataError, match="t"):
        past((5, 3000, 2))
    with pytest.raises(UsageError, match="two variants"):
        past((5,))
    with pytest.raises(DataError, match="no tests"):
        replay_all([], {}, (100,), seed=0)
