from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import InfeasibleError, UsageError
from adwright.experiment import minimum_effect, plan_means, plan_proportions, power_means, value_sd
from adwright.stats.proportions import power_proportions
from experiment.vectors import load


def test_a_plan_agrees_with_statsmodels() -> None:
    # statsmodels 0.15, samplesize_proportions_2indep_onetail, two-sided: 31233.44 and 5141.31
    assert plan_proportions(0.05, 0.1).n_by_arm == (31234, 31234)
    assert plan_proportions(0.1, 0.2, power=0.9).n_by_arm == (5142, 5142)


def test_plans_agree_with_all_reference_vectors() -> None:
    vectors = load("statsmodels.json")
    for case in vectors["samplesize"]:
        effect = case["p2"] / case["p1"] - 1
        key = next(name for name in case if name.startswith("n_samplesize"))
        made = plan_proportions(case["p1"], effect, alpha=case["alpha"], power=case["power"])
        assert made.n_per_arm == int(np.ceil(case[key]))
        # On the arcsine scale the variance is 1, so the plan for means gives Cohen's size.
        arcsine = plan_means(case["cohen_h"], 1.0, sd=1.0, alpha=case["alpha"], power=case["power"])
        assert arcsine.n_per_arm == pytest.approx(case["n_arcsine"], abs=1.5)
    for case in vectors["power"]:
        n_a, n_b = case["nobs1"], case["nobs1"] * case["ratio"]
        one_sided = case["alternative"] == "larger"
        alpha = case["alpha"] * (2 if one_sided else 1)
        ours = float(power_means(case["effect_size"], n_a=n_a, n_b=n_b, alpha=alpha))
        assert ours == pytest.approx(case["normal_power"], abs=1e-5 if one_sided else 1e-12)
        assert ours == pytest.approx(case["power"], abs=0.005)


def test_the_plan_has_its_power_and_one_exposure_less_has_not() -> None:
    n = plan_proportions(0.02, 0.15).n_per_arm
    assert float(power_proportions(0.02, 0.023, n_a=n, n_b=n)) >= 0.8
    assert float(power_proportions(0.02, 0.023, n_a=n - 1, n_b=n - 1)) < 0.8


def test_several_arms_divide_the_level() -> None:
    three = plan_proportions(0.05, 0.1, n_arms=3)
    assert three.alpha_each == 0.025
    assert three.n_per_arm == plan_proportions(0.05, 0.1, alpha=0.025).n_per_arm


def test_unequal_shares_give_the_smallest_arm_its_power() -> None:
    made = plan_proportions(0.05, 0.1, n_arms=3, shares=(0.5, 0.3, 0.2))
    power = power_proportions(0.05, 0.055, n_a=made.n_by_arm[0], n_b=made.n_by_arm[2], alpha=0.025)
    assert float(power) == pytest.approx(0.8, abs=1e-3)
    assert made.n_per_arm == made.n_by_arm[2]


def test_days_are_whole_and_weeks_too() -> None:
    made = plan_proportions(0.05, 0.1, daily_exposures=5000)
    assert (made.n_total, made.days, made.weeks) == (62468, 13, 2)


def test_the_minimum_effect_is_the_inverse_of_the_plan() -> None:
    for n_arms, shares in [(2, None), (3, (0.5, 0.3, 0.2))]:
        made = plan_proportions(0.04, 0.12, n_arms=n_arms, shares=shares)
        assert minimum_effect(0.04, made.n_total, n_arms=n_arms, shares=shares) == pytest.approx(
            0.12, abs=1e-4
        )


def test_the_spread_of_the_value_is_that_of_a_sample() -> None:
    rng = np.random.default_rng(2)
    bought = rng.random(400_000) < 0.03
    value = np.where(bought, rng.normal(5000, 1000, bought.size), 0.0)
    assert value_sd(0.03, order_mean=5000, order_sd=1000) == pytest.approx(float(value.std()), rel=0.02)


@pytest.mark.parametrize(
    ("baseline", "effect", "more", "named"),
    [
        (1.5, 0.1, {}, "baseline"),
        (0.0, 0.1, {}, "baseline"),
        (0.05, 0.0, {}, "effect"),
        (0.6, 0.9, {}, "effect"),
        (0.05, 0.1, {"alpha": 0.0}, "alpha"),
        (0.05, 0.1, {"power": 1.0}, "power"),
        (0.05, 0.1, {"n_arms": 1}, "n_arms"),
        (0.05, 0.1, {"shares": (0.5, 0.6)}, "shares"),
        (0.05, 0.1, {"shares": (1.0, 0.0)}, "shares"),
        (0.05, 0.1, {"daily_exposures": 0.0}, "daily_exposures"),
    ],
)
def test_impossible_plans_name_the_argument(baseline: float, effect: float, more: dict, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        plan_proportions(baseline, effect, **more)


def test_a_mean_needs_an_effect_and_a_spread() -> None:
    with pytest.raises(InfeasibleError):
        plan_means(0.0, 0.1, sd=1.0)
    with pytest.raises(UsageError, match="sd"):
        plan_means(10.0, 0.1, sd=0.0)
