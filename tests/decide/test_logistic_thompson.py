from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import optimize, special

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.logistic_thompson import LogisticThompson
from adwright.errors import DataError, UsageError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 2))
RATE = special.expit(-2.0 + 0.3 * X[:, 0])
Y = (RNG.random(400) < special.expit(special.logit(RATE) + 0.5 - 0.4 * X[:, 1])).astype(float)
PRECISION = np.diag([1 / 0.3**2, 1 / 0.2**2, 1 / 0.2**2])


def by_scipy(n: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The mode of the posterior by a general optimiser."""
    z = np.column_stack([np.ones(400), X])

    def loss(w: np.ndarray) -> float:
        eta = special.logit(RATE) + z @ w
        return float(n @ np.logaddexp(0, eta) - y @ eta + 0.5 * w @ PRECISION @ w)

    return np.asarray(optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x)


def test_one_batch_finds_the_mode_of_the_posterior() -> None:
    policy = LogisticThompson(2)
    policy.update(X, ["a"] * 400, Y, predicted=RATE)
    np.testing.assert_allclose(policy.mean["a"], by_scipy(np.ones(400), Y), atol=1e-5)


def test_one_by_one_comes_close_to_the_batch() -> None:
    policy = LogisticThompson(2)
    for i in range(400):
        policy.update(X[i : i + 1], ["a"], Y[i : i + 1], predicted=RATE[i : i + 1])
    np.testing.assert_allclose(policy.mean["a"], by_scipy(np.ones(400), Y), atol=0.03)


def test_waiting_exposures_count_as_much_as_would_have_arrived() -> None:
    curve = ArrivalCurve(np.array([0.0, 10.0]), np.array([0.0, 1.0]))
    policy = LogisticThompson(2, ageing=Ageing(arrival=curve, horizon_h=100.0))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    policy.exposed(X, ["a"] * 400, at=at, predicted=RATE)
    hits = np.flatnonzero(Y)
    policy.rewarded(X[hits], ["a"] * len(hits), np.ones(len(hits)), at=at, predicted=RATE[hits])
    policy.advance(at + timedelta(hours=6.5))  # the bucket's middle is at 0.5, so 60 % have arrived
    np.testing.assert_allclose(policy.mean["a"], by_scipy(np.where(Y > 0, 1.0, 0.6), Y), atol=1e-5)


def test_what_was_learned_fades_towards_the_prior() -> None:
    policy = LogisticThompson(2, ageing=Ageing(half_life_h=1.0))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    policy.advance(at)
    policy.update(X, ["a"] * 400, Y, predicted=RATE)
    policy.advance(at + timedelta(hours=40))
    np.testing.assert_allclose(policy.mean["a"], 0.0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.inv(policy.covariance["a"]), PRECISION, atol=1e-6)


def test_the_prediction_decides_where_nothing_was_seen() -> None:
    policy = LogisticThompson(1, content_sd=0.1, feature_sd=0.0)
    p = policy.probabilities(np.zeros((1, 1)), ["a", "b"], predicted=np.array([[0.02, 0.04]]))
    assert p[0, 1] > 0.99


@pytest.mark.parametrize("rewards", [[2.0], [-0.5]])
def test_rewards_that_are_no_rates_are_refused(rewards: list[float]) -> None:
    with pytest.raises(DataError, match="rewards"):
        LogisticThompson(1).update(np.zeros((1, 1)), ["a"], rewards)


def test_predictions_that_are_no_rates_are_refused() -> None:
    with pytest.raises(DataError, match="predicted"):
        LogisticThompson(1).probabilities(np.zeros((1, 1)), ["a"], predicted=np.array([[1.0]]))
    with pytest.raises(UsageError, match="prior"):
        LogisticThompson(1, content_sd=0.0)
