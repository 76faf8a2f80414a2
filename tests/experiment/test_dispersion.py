from __future__ import annotations

import numpy as np

from adwright.experiment.dispersion import day_dispersion


def test_independent_trials_have_dispersion_near_1() -> None:
    rng = np.random.default_rng(0)
    trials = rng.integers(500, 2000, (3, 40)).astype(float)
    rate = np.outer([1.0, 1.1, 0.9], rng.gamma(5, 0.01, 40))
    seen = [day_dispersion(rng.binomial(trials.astype(int), rate).astype(float), trials) for _ in range(20)]
    # chi-square(78) / 78 has standard deviation 0.16; the mean of 20, cut below 1, lies close to 1.06
    assert 1.0 <= np.mean(seen) < 1.2


def test_too_few_days_say_nothing() -> None:
    rng = np.random.default_rng(1)
    assert day_dispersion(rng.integers(0, 90, (2, 8)).astype(float), np.full((2, 8), 100.0)) == 1.0


def test_arms_that_are_absent_on_some_days_are_left_out() -> None:
    rng = np.random.default_rng(2)
    trials = np.full((2, 40), 1000.0)
    trials[1, :15] = 0
    clicks = rng.binomial(trials.astype(int), 0.05).astype(float)
    assert day_dispersion(clicks, trials) < 1.8


def test_no_success_at_all_is_not_dispersed() -> None:
    assert day_dispersion(np.zeros((2, 30)), np.full((2, 30), 100.0)) == 1.0
