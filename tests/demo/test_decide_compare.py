from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adwright.demo.decide_compare import POLICIES, compare
from adwright.demo.decide_shop import START, ShopConfig, ShopMarket
from adwright.errors import NotFoundError, UsageError
from adwright.schema import NO_CONTENT

SMALL = ShopConfig(n_contents=5, n_customers=300, n_days=8, visits_per_hour=300)


def test_the_same_seed_is_the_same_shop_and_another_one_is_not() -> None:
    one, two, other = ShopMarket(3, SMALL), ShopMarket(3, SMALL), ShopMarket(4, SMALL)
    at = START + timedelta(days=3)
    np.testing.assert_array_equal(one.rates(at), two.rates(at))
    assert not np.array_equal(one.rates(at), other.rates(at))


def test_rates_drift_and_the_best_content_wears_out() -> None:
    market = ShopMarket(0, SMALL)
    early, late = market.rates(START), market.rates(START + timedelta(days=7))
    assert early.argmax(axis=1).tolist() != late.argmax(axis=1).tolist() or late.max() < early.max()
    assert ((early > 0) & (early < 0.9)).all()


def test_outcomes_take_hours_to_days_and_some_never_come() -> None:
    market = ShopMarket(0, SMALL)
    delays = market.delays(20_000, np.random.default_rng(0))
    assert np.mean(delays > 1e8) == pytest.approx(SMALL.lost, abs=0.01)
    assert 10 < np.median(delays[delays < 1e8]) < 20
    curve = market.arrival(np.random.default_rng(1), n_seen=5000)
    for age in (6.0, 24.0, 72.0):
        assert float(curve.arrived(age)) == pytest.approx(np.mean(delays <= age), abs=0.02)


def test_in_contact_channels_sending_nothing_is_an_arm_worth_nothing() -> None:
    market = ShopMarket(0, ShopConfig(channel="email", n_contents=3, n_customers=100, n_days=3))
    assert market.content_ids[-1] == NO_CONTENT
    assert market.rates(START)[:, -1].tolist() == [0.0] * 4
    assert market.cost[-1] == 0.0


def test_learning_beats_chance_and_a_policy_that_ignores_the_delay_is_worse() -> None:
    names = ("uniform", "thompson", "thompson, delay ignored")
    runs = compare(ShopConfig(n_days=10), names, seeds=range(8))
    assert runs.more_regret("uniform", "thompson").low > 0.03
    assert runs.more_regret("thompson, delay ignored", "thompson").low > 0
    mean, low, high = runs.over_time("thompson", "regret")
    assert ((low <= mean) & (mean <= high)).all()


def test_rules_hold_and_their_use_is_told() -> None:
    config = ShopConfig(channel="email", n_contents=3, n_customers=200, n_days=4, visits_per_hour=60)
    runs = compare(
        config,
        ("thompson", "linear_thompson"),
        seeds=[0],
        daily_budget_minor=500,
        most_contacts=2,
        minimum_data=20,
    )
    assert runs.rules == ("consent", "quiet_hours", "frequency_cap", "budget", "minimum_data")
    for name in runs.traces:
        assert 0 < runs.traces[name][0].spend_minor[-1] <= 500 * 4
        assert runs.kept_back(name, "quiet_hours")[0].mean() > 0.2
        assert runs.regret_share(name).value >= 0


def test_every_policy_runs() -> None:
    tiny = ShopConfig(n_contents=3, n_customers=60, n_days=2, visits_per_hour=30)
    runs = compare(tiny, tuple(POLICIES), seeds=[1])
    assert set(runs.traces) == set(POLICIES)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(NotFoundError, match="thompson"):
        compare(SMALL, ("tompson",), seeds=[0])
    with pytest.raises(UsageError, match="nothing to run"):
        compare(SMALL, ("uniform",), seeds=[])
