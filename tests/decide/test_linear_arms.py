from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.linear_arms import LinearArms
from adwright.decide.linear_thompson import LinearThompson
from adwright.errors import UsageError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
Y = X @ np.array([1.0, -0.5, 0.2, 0.0]) + RNG.normal(size=300)
NAMES = [("a", "b", "c")[i] for i in RNG.integers(3, size=300)]


def taught(*, one_by_one: bool) -> LinearArms:
    arms = LinearArms(4, ridge=2.0)
    rows = arms.rows(NAMES)
    offset = np.full(300, 0.1)
    for part in np.arange(300)[:, None] if one_by_one else [np.arange(300)]:
        arms.add(rows[part], X[part], Y[part], offset[part])
    return arms


@pytest.mark.parametrize("one_by_one", [True, False])
def test_the_regression_is_the_ridge_solution(one_by_one: bool) -> None:
    arms = taught(one_by_one=one_by_one)
    for content in "abc":
        own = np.array([n == content for n in NAMES])
        precision = X[own].T @ X[own] + 2.0 * np.eye(4)
        row = arms.row_of[content]
        np.testing.assert_allclose(arms.covariance[row], np.linalg.inv(precision), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(
            arms.coefficient[row], np.linalg.solve(precision, X[own].T @ (Y[own] - 0.1)), rtol=1e-8
        )
        assert arms.n_rewards[row] == own.sum()


@pytest.mark.parametrize("n", [1, 40])
def test_scores_are_the_posterior_of_the_prediction(n: int) -> None:
    arms = taught(one_by_one=False)
    mean, sd = arms.scores(X[:n], ("c", "a"))
    for j, content in enumerate(("c", "a")):
        row = arms.row_of[content]
        np.testing.assert_allclose(mean[:, j], X[:n] @ arms.coefficient[row], rtol=1e-4, atol=1e-5)
        variance = np.einsum("nd,de,ne->n", X[:n], arms.covariance[row], X[:n])
        np.testing.assert_allclose(sd[:, j], np.sqrt(variance), rtol=1e-4)


def test_an_update_between_decisions_is_seen_at_once() -> None:
    arms = taught(one_by_one=False)
    arms.scores(X[:40], ("a", "b"))
    before = arms.scores(X[:1], ("a", "b"))[0][0, 0]
    arms.add(arms.rows(["a"]), X[:1], np.array([100.0]), np.zeros(1))
    assert arms.scores(X[:1], ("a", "b"))[0][0, 0] > before + 0.2
    np.testing.assert_allclose(
        arms.scores(X[:40], ("a", "b"))[0][0], arms.scores(X[:1], ("a", "b"))[0][0], rtol=1e-4, atol=1e-5
    )


def test_waiting_exposures_count_as_much_as_would_have_arrived() -> None:
    """Weighted least squares with weight F for each exposure, and each outcome once."""
    curve = ArrivalCurve(np.array([0.0, 10.0]), np.array([0.0, 1.0]))
    arms = LinearArms(4, ridge=1.0, ageing=Ageing(arrival=curve, bucket_h=1.0, horizon_h=100.0))
    rows = arms.rows(["a"] * 50)
    arms.expose(rows, X[:50], np.full(50, 0.3), at_h=0.0)
    arms.reward(rows[:5], X[:5], np.ones(5), at_h=0.0)
    arms.advance(4.5)  # the bucket's middle is at 0.5
    weight = 0.4
    precision = weight * X[:50].T @ X[:50] + np.eye(4)
    moment = X[:5].sum(axis=0) - weight * 0.3 * X[:50].sum(axis=0)
    np.testing.assert_allclose(arms.coefficient[0], np.linalg.solve(precision, moment), rtol=1e-9)


def test_merging_what_is_over_changes_nothing_but_the_memory() -> None:
    curve = ArrivalCurve(np.array([0.0, 10.0]), np.array([0.0, 1.0]))
    found = []
    for horizon in (20.0, 1000.0):
        arms = LinearArms(4, ageing=Ageing(arrival=curve, horizon_h=horizon, half_life_h=30.0))
        rows = arms.rows(["a"] * 50)
        arms.advance(0.0)
        arms.expose(rows, X[:50], np.zeros(50), at_h=0.0)
        arms.reward(rows[:9], X[:9], np.ones(9), at_h=0.0)
        for now in (5.0, 21.0, 40.0):
            arms.advance(now)
        found.append((arms.coefficient[0].copy(), len(arms.pending)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-9)
    assert (found[0][1], found[1][1]) == (0, 1)


def test_with_a_half_life_the_past_fades_and_the_prior_does_not() -> None:
    arms = LinearArms(4, ridge=1.0, ageing=Ageing(half_life_h=10.0))
    arms.advance(0.0)
    arms.add(arms.rows(NAMES), X, Y, np.zeros(300))
    gram = arms.gram.copy()
    arms.advance(20.0)
    np.testing.assert_allclose(arms.gram, gram / 4)
    np.testing.assert_allclose(arms.covariance[0], np.linalg.inv(gram[0] / 4 + np.eye(4)), rtol=1e-9)


def test_an_outcome_of_a_time_that_is_merged_already_still_counts() -> None:
    arms = LinearArms(1, ageing=Ageing(horizon_h=5.0))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    policy = LinearThompson(1, ageing=Ageing(horizon_h=5.0))
    policy.exposed(np.ones((10, 1)), ["a"] * 10, at=at)
    policy.advance(at + timedelta(hours=9))
    assert not policy.arms.pending
    policy.rewarded(np.ones((4, 1)), ["a"] * 4, np.ones(4), at=at)
    policy.advance(at + timedelta(hours=10))
    assert policy.arms.coefficient[0, 0] == pytest.approx(4 / 11)
    assert arms.rows(["x"]).tolist() == [0]


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError):
        LinearArms(0)
    with pytest.raises(UsageError):
        LinearArms(3, ridge=0.0)
    with pytest.raises(UsageError):
        LinearThompson(3, width=-1.0)
