"""The promises that every registered policy keeps."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from adwright.decide import Policy, policy_named, policy_names
from adwright.decide.policy import share_of_wins
from adwright.errors import DataError, InfeasibleError, NotFoundError, UsageError

ALL = pytest.mark.parametrize("name", policy_names())


def draws(n_arms: int = 5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.gamma(20, 0.05, (4000, n_arms)) * np.linspace(0.9, 1.1, n_arms)


@ALL
def test_probabilities_sum_to_one_and_are_not_negative(name: str) -> None:
    for n_arms in (1, 2, 7):
        p = policy_named(name).probabilities(
            draws(n_arms), mask=np.ones(n_arms, dtype=bool), rng=np.random.default_rng(0)
        )
        assert p.shape == (n_arms,)
        assert abs(p.sum() - 1) < 1e-12
        assert (p >= 0).all()


@ALL
def test_masked_arms_get_nothing_even_where_they_are_best_or_broken(name: str) -> None:
    values = draws()
    values[:, 4] = np.nan
    values[:, 3] = 1e9
    mask = np.array([True, True, True, False, False])
    p = policy_named(name).probabilities(values, mask=mask, rng=np.random.default_rng(0))
    assert p[3] == p[4] == 0
    assert abs(p.sum() - 1) < 1e-12


@ALL
def test_the_same_seed_gives_the_same_probabilities(name: str) -> None:
    mask = np.ones(5, dtype=bool)
    first, second = (
        policy_named(name).probabilities(draws(), mask=mask, rng=np.random.default_rng(3)) for _ in range(2)
    )
    assert np.array_equal(first, second)


@ALL
def test_policies_survive_pickling(name: str) -> None:
    policy = policy_named(name)
    again = pickle.loads(pickle.dumps(policy))
    mask = np.ones(5, dtype=bool)
    assert np.array_equal(
        policy.probabilities(draws(), mask=mask, rng=np.random.default_rng(1)),
        again.probabilities(draws(), mask=mask, rng=np.random.default_rng(1)),
    )


@ALL
def test_policies_keep_the_protocol_and_their_name(name: str) -> None:
    policy = policy_named(name)
    assert isinstance(policy, Policy)
    assert policy.name == name


@ALL
def test_inputs_are_left_as_they_were(name: str) -> None:
    values, mask = draws(), np.array([True, True, False, True, True])
    before = values.copy(), mask.copy()
    policy_named(name).probabilities(values, mask=mask, rng=np.random.default_rng(0))
    assert np.array_equal(values, before[0])
    assert np.array_equal(mask, before[1])


@ALL
def test_faults_are_named(name: str) -> None:
    policy, rng = policy_named(name), np.random.default_rng(0)
    with pytest.raises(InfeasibleError):
        policy.probabilities(draws(), mask=np.zeros(5, dtype=bool), rng=rng)
    with pytest.raises(UsageError):
        policy.probabilities(draws(), mask=np.ones(4, dtype=bool), rng=rng)
    with pytest.raises(UsageError):
        policy.probabilities(np.empty((0, 5)), mask=np.ones(5, dtype=bool), rng=rng)
    with pytest.raises(DataError, match="finite"):
        policy.probabilities(np.full((10, 5), np.nan), mask=np.ones(5, dtype=bool), rng=rng)


def test_ties_are_split_evenly() -> None:
    assert share_of_wins(np.zeros((3, 4))).tolist() == [0.25] * 4


def test_an_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="thompson"):
        policy_named("tomson")
