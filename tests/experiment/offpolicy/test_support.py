from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import InfeasibleError, UsageError
from adwright.experiment.offpolicy import (
    UnsupportedPolicyError,
    check_support,
    diagnose,
    evaluate_policy,
    logged_rounds,
)


def test_an_action_that_was_never_taken_is_refused_by_name_and_mass() -> None:
    rounds = logged_rounds([0, 1] * 50, [0] * 100, propensity=[0.5] * 100, target=[0.3, 0.3, 0.4],
                           actions=["a", "b", "new"])  # fmt: skip
    with pytest.raises(UnsupportedPolicyError, match=r"40\.0%.*new") as refused:
        evaluate_policy(rounds, rng=np.random.default_rng(0))
    assert refused.value.mass == pytest.approx(0.4)
    assert refused.value.actions == (("new", pytest.approx(0.4)),)


def test_below_the_threshold_it_is_reported() -> None:
    rounds = logged_rounds([0, 1] * 50, [0, 1] * 50, propensity=[0.5] * 100, target=[0.5, 0.47, 0.03])
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    assert value.diagnostics.unlogged_mass == pytest.approx(0.03)
    assert "unlogged mass" in value.diagnostics.findings
    with pytest.raises(UnsupportedPolicyError):
        check_support(rounds, most=0.02)


def test_an_action_with_logged_probability_zero_in_a_context_counts() -> None:
    behaviour = np.array([[1.0, 0.0]] * 50 + [[0.5, 0.5]] * 50)
    action = np.array([0] * 50 + [0, 1] * 25)
    rounds = logged_rounds(action, np.zeros(100), propensity=behaviour[np.arange(100), action],
                           target=[0.5, 0.5], behaviour=behaviour)  # fmt: skip
    assert check_support(rounds, most=0.9).mass == pytest.approx(0.25)
    without = logged_rounds(action, np.zeros(100), propensity=rounds.propensity, target=[0.5, 0.5])
    assert check_support(without).mass == 0.0  # nothing shows it without the whole vectors


def test_an_action_never_taken_in_a_stratum_counts_where_that_is_no_accident() -> None:
    place = np.repeat([0, 1], 200)
    action = np.where(place == 0, 0, np.tile([0, 1], 200))
    rounds = logged_rounds(action, np.zeros(400), propensity=np.where(place == 0, 1.0, 0.5),
                           target=[0.2, 0.8], stratum=place)  # fmt: skip
    assert check_support(rounds, most=0.9).mass == pytest.approx(0.4)


def test_an_empty_cell_of_a_small_stratum_is_an_accident() -> None:
    place = np.array([0, 0, 0] + [1] * 200)
    action = np.array([0, 0, 0] + [0, 1] * 100)
    rounds = logged_rounds(
        action, np.zeros(203), propensity=np.full(203, 0.5), target=[0.5, 0.5], stratum=place
    )
    assert check_support(rounds).mass == 0.0  # three rounds miss an action of probability 1/2 once in eight


def test_a_log_without_a_single_round_of_the_policy_is_refused() -> None:
    behaviour = [[0.5, 0.5]] * 4
    rounds = logged_rounds([0, 1, 0, 1], [0] * 4, propensity=[0.5] * 4,
                           target=[[0, 1], [1, 0], [0, 1], [1, 0]], behaviour=behaviour)  # fmt: skip
    with pytest.raises(InfeasibleError, match="never took"):
        evaluate_policy(rounds, rng=np.random.default_rng(0))


def test_the_effective_sample_size_is_the_one_checked_by_hand() -> None:
    rounds = logged_rounds([0, 1, 1], [1, 0, 1], propensity=[0.5, 0.5, 0.25], target=[0.5, 0.5])
    found = diagnose(rounds, check_support(rounds))
    assert found.effective_n == pytest.approx((1 + 1 + 2) ** 2 / (1 + 1 + 4))
    assert (found.largest_weight, found.largest_share) == (2.0, 0.5)


def test_wrong_propensities_show_in_the_mean_weight() -> None:
    rng = np.random.default_rng(1)
    action = (rng.random(5000) < 0.3).astype(int)
    rounds = logged_rounds(action, np.zeros(5000), propensity=np.full(5000, 0.5), target=[0.2, 0.8])
    assert "weights off" in diagnose(rounds, check_support(rounds)).findings


def test_a_threshold_is_a_share() -> None:
    rounds = logged_rounds([0], [0], propensity=[1.0], target=[1.0])
    with pytest.raises(UsageError, match="most"):
        check_support(rounds, most=1.0)
