from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from adwright.errors import NotFoundError
from adwright.experiment.offpolicy import (
    LoggedRounds,
    choose_estimator,
    cross_fitted_rewards,
    evaluate_policy,
    logged_rounds,
    make_estimator,
    tune,
)
from adwright.experiment.offpolicy.support import check_support
from experiment.vectors import load

DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[4] / "shared" / "data"))


def clicks(n: int = 4000, seed: int = 0, *, better: bool = True) -> tuple[LoggedRounds, float]:
    """Rounds with click rates of 5, 10 and 30 %, logged uniformly; the policy prefers the last, or not."""
    rng = np.random.default_rng(seed)
    rate = np.array([0.05, 0.1, 0.3])
    target = np.array([0.1, 0.1, 0.8]) if better else np.full(3, 1 / 3)
    action = rng.integers(3, size=n)
    reward = (rng.random(n) < rate[action]).astype(float)
    return logged_rounds(action, reward, propensity=np.full(n, 1 / 3), target=target), float(target @ rate)


def test_a_better_policy_is_found_better_with_the_truth_inside() -> None:
    rounds, truth = clicks()
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    assert value.interval.low <= truth <= value.interval.high
    assert value.difference_low > 0
    assert not value.is_within_noise
    assert value.guaranteed.low < value.interval.low < value.interval.high < value.guaranteed.high


def test_the_log_judged_by_itself_is_within_noise_and_hardly_wide() -> None:
    rounds, _ = clicks(better=False)
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    assert value.value == pytest.approx(rounds.reward.mean(), abs=0.002)
    assert value.is_within_noise


def test_the_choice_has_a_reason_in_both_languages_and_is_among_the_candidates() -> None:
    rounds, _ = clicks(n=1000)
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    assert value.estimator in value.reason["en"]
    assert value.estimator in value.reason["zh"]
    assert value.estimator in {e.name for e in value.estimates}


def test_an_estimator_may_be_named() -> None:
    rounds, _ = clicks(n=1000)
    value = evaluate_policy(rounds, rng=np.random.default_rng(0), estimator=make_estimator("snips"))
    assert (value.estimator, value.interval_from) == ("snips", "snips")


def test_biased_estimators_have_no_interval_of_their_own() -> None:
    rounds, _ = clicks(n=1000)
    value = evaluate_policy(rounds, rng=np.random.default_rng(0), estimator=make_estimator("dm"))
    assert next(e for e in value.estimates if e.name == "dm").interval is None
    assert value.interval_from == "control_variates"


def test_the_same_seed_gives_the_same_answer() -> None:
    rounds, _ = clicks(n=1000)
    one, other = (evaluate_policy(rounds, rng=np.random.default_rng(4)) for _ in range(2))
    assert (one.value, one.interval) == (other.value, other.interval)


def test_a_useless_model_is_not_chosen() -> None:
    rounds, truth = clicks(n=4000)
    wrong = logged_rounds(rounds.action, rounds.reward, propensity=rounds.propensity, target=rounds.target,
                          q_hat=np.full((4000, 3), 0.9))  # fmt: skip
    choice = choose_estimator(wrong, check_support(wrong))
    assert choice.terms.value == pytest.approx(truth, abs=0.05)
    assert choice.errors["dm"] > 10 * choice.errors["control_variates"]


def test_the_outcome_model_of_a_round_does_not_see_it() -> None:
    rng = np.random.default_rng(0)
    reward = np.zeros(30)
    reward[0] = 1.0
    rounds = logged_rounds(np.zeros(30, int), reward, propensity=np.ones(30), target=[1.0])
    table = cross_fitted_rewards(rounds, rng=rng)
    assert table[0, 0] == 0.0
    assert table[:, 0].max() > 0.0


def test_trees_are_taken_where_contexts_matter() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 2))
    action = rng.integers(2, size=2000)
    reward = 2.0 * (x[:, 0] > 0) * action + rng.normal(0, 0.5, 2000)
    rounds = logged_rounds(
        action, reward, propensity=np.full(2000, 0.5), target=[0.5, 0.5], allow_negative=True
    )
    table = cross_fitted_rewards(rounds, rng=rng, contexts=x)
    truth = np.stack([np.zeros(2000), 2.0 * (x[:, 0] > 0)], axis=1)
    assert np.sqrt(np.mean((table - truth) ** 2)) < 0.3


def test_slope_and_the_bound_choose_weights_between_none_and_all() -> None:
    rounds, truth = clicks(n=4000)
    for method, off in (("slope", 0.06), ("mse bound", 0.03)):  # slope lets bias hide in the interval
        found = tune("clipped_ips", rounds, grid=[0.1, 1.0, 2.0, 3.0], method=method)  # type: ignore[arg-type]
        assert found.terms(rounds).value == pytest.approx(truth, abs=off)
    with pytest.raises(NotFoundError):
        tune("ips", rounds)


def test_open_bandit_small_sample_claims_nothing_beyond_its_interval() -> None:
    import polars as pl

    if not (DATA / "open_bandit").exists():
        pytest.skip(f"no data at {DATA}")
    reference = load("open_bandit_men.json")
    log = pl.read_csv(DATA / "open_bandit" / "random" / "men" / "men.csv")
    policy = np.array(reference["ope_random_to_bts/men"]["action_dist_row"])
    place = log["position"].to_numpy() - 1
    rounds = logged_rounds(log["item_id"].to_numpy(), log["click"].to_numpy(), target=policy[place],
                           propensity=log["propensity_score"].to_numpy(), stratum=place)  # fmt: skip
    values = reference["ope_random_to_bts/men"]["values"]
    assert make_estimator("ips").terms(rounds).value == pytest.approx(values["ipw"], abs=1e-5)
    assert make_estimator("snips").terms(rounds).value == pytest.approx(values["snipw"], abs=2e-5)
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    truth = reference["bts/men"]["on_policy_value"]
    assert value.interval.low <= truth <= value.interval.high
    assert value.difference_low <= truth - reference["random/men"]["on_policy_value"] <= value.difference_high
    assert value.is_within_noise
    assert json.dumps(value.reason, ensure_ascii=False)
