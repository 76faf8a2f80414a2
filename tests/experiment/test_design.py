from __future__ import annotations

import pytest

from adwright.errors import UsageError
from adwright.experiment import minimum_effect, plan_means, plan_proportions
from adwright.experiment.design import design_cost
from adwright.experiment.inference import QuantileSummary, RatioSummary
from adwright.experiment.plan import unit_sd
from adwright.experiment.sequential import Spending


def test_inflation_factors_of_jennison_and_turnbull() -> None:
    # Power-family tests with rho = 1, 2, 3 at five looks, power 0.9, two-sided 5 % (their tables of R_U for the
    # rho-family, section 7.2.4, are one-sided at 2.5 % and agree to two digits): about 1.14, 1.06, 1.02
    for rho, wanted in ((1.0, 1.14), (2.0, 1.06), (3.0, 1.03)):
        cost = design_cost("group_sequential", n_looks=5, power=0.9, spending=Spending(rho=rho))
        assert cost.inflation == pytest.approx(wanted, abs=0.015)


def test_a_sequential_test_ends_sooner_on_average_than_a_fixed_one() -> None:
    cost = design_cost("group_sequential", n_looks=10)
    assert cost.inflation > 1.0
    assert cost.inflation * cost.mean_share < 0.85
    assert cost.mean_share_null > 0.97


def test_an_open_ended_test_may_take_longer_and_one_look_costs_nothing() -> None:
    assert design_cost("anytime", n_looks=10).inflation > 1.5
    assert design_cost("group_sequential", n_looks=1).inflation == pytest.approx(1.0, abs=1e-4)
    assert design_cost("fixed").inflation == 1.0


def test_a_plan_grows_with_looks_and_shrinks_with_what_is_explained() -> None:
    fixed = plan_proportions(0.05, 0.1, daily_exposures=5000)
    looked = plan_proportions(0.05, 0.1, daily_exposures=5000, design="group_sequential", n_looks=10)
    adjusted = plan_means(100.0, 0.05, sd=100.0, explained=0.5)
    assert looked.n_total == pytest.approx(fixed.n_total * looked.inflation, rel=1e-4)
    assert looked.mean_n_total is not None
    assert looked.mean_n_total < fixed.n_total
    assert adjusted.n_per_arm == pytest.approx(plan_means(100.0, 0.05, sd=100.0).n_per_arm / 2, rel=1e-3)


def test_ratios_and_quantiles_are_planned_by_the_sd_of_one_unit() -> None:
    ratio = RatioSummary(
        n=4000,
        numerator=4673.0,
        numerator_squares=9719.0,
        denominator=15840.0,
        denominator_squares=74236.0,
        products=21890.0,
    ).moments()
    plan = plan_means(float(ratio.mean), 0.03, sd=unit_sd(ratio), kind="ratio")
    # with that many units the standard error of the difference is the effect over 2.8016
    se = unit_sd(ratio) * (2 / plan.n_per_arm) ** 0.5
    assert float(ratio.mean) * 0.03 / se == pytest.approx(2.8016, rel=1e-3)
    quantile = QuantileSummary(n=10_000, level=0.9, quantile=7.0, low=6.9, high=7.1).moments()
    assert plan_means(7.0, 0.02, sd=unit_sd(quantile), kind="quantile").n_per_arm > 1000


def test_the_smallest_effect_is_what_a_plan_of_that_size_is_made_for() -> None:
    for options in ({}, {"design": "group_sequential", "n_looks": 5}, {"explained": 0.4}, {"n_arms": 3}):
        plan = plan_means(100.0, 0.05, sd=100.0, **options)  # type: ignore[arg-type]
        found = minimum_effect(100.0, plan.n_total, sd=100.0, **options)  # type: ignore[arg-type]
        assert found == pytest.approx(0.05, rel=1e-3)


def test_bad_designs_are_named() -> None:
    with pytest.raises(UsageError, match="unknown design"):
        design_cost("peek")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="explained"):
        plan_proportions(0.05, 0.1, explained=1.0)
