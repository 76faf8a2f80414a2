"""Marginals against simulation and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from adwright.schema import Rate
from adwright.stats.rates import log_predictive, marginal, relative_quantiles, successes_interval

N_DRAWS = 200_000


def make_rate(mean: float, k: float, level_sd: float, family: str = "gamma") -> Rate:
    return Rate(
        mean=np.array([mean]),
        k=np.array([k]),
        level_sd=np.array([level_sd]),
        family=family,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("k", [0.7, 5.0, 60.0, 399.0, 5000.0])
@pytest.mark.parametrize("level_sd", [0.0, 0.3, 1.2])
def test_quantiles_are_those_of_simulated_level_times_content_effect(k: float, level_sd: float) -> None:
    rng = np.random.default_rng(1)
    level = np.exp(rng.normal(-(level_sd**2) / 2, level_sd, N_DRAWS))
    draws = level * rng.gamma(k, 1 / k, N_DRAWS)
    low, high = relative_quantiles(make_rate(0.01, k, level_sd), (0.05, 0.95))
    # the share of draws below each quantile has standard error sqrt(.05 * .95 / n); five of them, plus
    # the table's interpolation
    bound = 5 * np.sqrt(0.05 * 0.95 / N_DRAWS) + 5e-4
    assert np.mean(draws < low[0]) == pytest.approx(0.05, abs=bound)
    assert np.mean(draws < high[0]) == pytest.approx(0.95, abs=bound)


def test_beta_has_the_mean_and_variance_of_level_times_content_effect() -> None:
    m = marginal(make_rate(0.03, 40.0, 0.4))
    beta = stats.beta(m.alpha[0], m.beta[0])
    variance = 0.03**2 * (np.exp(0.4**2) * (1 + 1 / 40) - 1)  # product of independent mean-one factors
    assert beta.mean() == pytest.approx(0.03)
    assert beta.var() == pytest.approx(variance, rel=1e-9)


def test_without_a_level_counts_are_negative_binomial() -> None:
    rate = make_rate(0.02, 25.0, 0.0)
    trials = np.array([3000.0])
    reference = stats.nbinom(25, 25 / (25 + 60))
    low, high = successes_interval(rate, trials)
    assert (low[0], high[0]) == (reference.ppf(0.05), reference.ppf(0.95))
    for y in (0.0, 40.0, 71.0):
        got = log_predictive(rate, np.array([y]), trials)[0]
        assert got == pytest.approx(reference.logpmf(y), abs=1e-9)


@pytest.mark.parametrize(("k", "level_sd"), [(30.0, 0.5), (2000.0, 0.8), (3.0, 0.1)])
def test_count_interval_holds_ninety_percent_of_counts_from_the_model(k: float, level_sd: float) -> None:
    rng = np.random.default_rng(2)
    n = 8_000
    trials = rng.integers(200, 20_000, n).astype(float)
    level = np.exp(rng.normal(-(level_sd**2) / 2, level_sd, n))
    counts = rng.poisson(trials * 0.01 * level * rng.gamma(k, 1 / k, n))
    rate = Rate(mean=np.full(n, 0.01), k=np.full(n, k), level_sd=np.full(n, level_sd))
    low, high = successes_interval(rate, trials)
    covered = np.mean((counts >= low) & (counts <= high))
    assert 0.9 - 5 * np.sqrt(0.09 / n) <= covered <= 0.93  # discrete, so a little above


def test_predictive_probabilities_of_all_counts_sum_to_one() -> None:
    counts = np.arange(0.0, 2000.0)
    rate = Rate(mean=np.full(2000, 0.05), k=np.full(2000, 12.0), level_sd=np.full(2000, 0.6))
    assert np.exp(log_predictive(rate, counts, np.full(2000, 1999.0))).sum() == pytest.approx(1.0, abs=2e-3)


def test_logistic_marginal_keeps_the_mean_and_its_quantiles() -> None:
    rng = np.random.default_rng(3)
    tau, level_sd, mean = 0.5, 0.4, 0.35
    rate = make_rate(mean, 1 / (tau * (1 - mean)) ** 2, level_sd, "logistic")
    noise = rng.normal(0, np.hypot(tau, level_sd), N_DRAWS)
    m = marginal(rate)
    centre = special.logit(m.p_low[0]) + special.ndtri(0.95) * np.hypot(tau, level_sd)
    draws = special.expit(centre + noise)
    assert draws.mean() == pytest.approx(mean, abs=5 * draws.std() / np.sqrt(N_DRAWS))
    assert np.mean(draws < m.p_high[0]) == pytest.approx(0.95, abs=0.003)
    assert m.alpha[0] / (m.alpha[0] + m.beta[0]) == pytest.approx(mean)


def test_logistic_counts_are_covered_as_stated() -> None:
    rng = np.random.default_rng(4)
    n, tau, level_sd = 8000, 0.3, 0.3
    mean = rng.uniform(0.2, 0.8, n)
    rate = Rate(
        mean=mean,
        k=1 / (tau * (1 - mean)) ** 2,
        level_sd=np.full(n, level_sd),
        family="logistic",
    )
    centre = special.logit(marginal(rate).p_high) - special.ndtri(0.95) * np.hypot(tau, level_sd)
    trials = rng.integers(20, 500, n).astype(float)
    latent = special.expit(centre + rng.normal(0, np.hypot(tau, level_sd), n))
    counts = rng.binomial(trials.astype(int), latent)
    low, high = successes_interval(rate, trials)
    covered = np.mean((counts >= low) & (counts <= high))
    assert 0.9 - 5 * np.sqrt(0.09 / n) <= covered <= 0.94


def test_unknown_concentration_gives_nan_and_never_a_number() -> None:
    m = marginal(make_rate(0.02, np.nan, np.nan))
    assert m.p[0] == 0.02
    assert all(np.isnan(a[0]) for a in (m.p_low, m.p_high, m.alpha, m.beta))
    low, high = successes_interval(make_rate(0.02, np.nan, np.nan), np.array([100.0]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
