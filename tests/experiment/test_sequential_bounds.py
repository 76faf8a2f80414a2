from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import DataError, UsageError
from adwright.experiment.sequential import (
    BetaBinomialMixture,
    GammaExponentialMixture,
    GammaPoissonMixture,
    NormalMixture,
    Spending,
    bernoulli_sequence,
    best_rho,
    bounds,
    count_bounds,
    count_sequence,
    crossing_probability,
    double_stitching_bound,
    empirical_process_bound,
    poly_stitching_bound,
    quantile_p,
    rate_ratio_sequence,
)
from experiment.vectors import load


def test_lan_demets_bounds_agree_with_spotifys() -> None:
    """Theirs come from a coarser grid: they are up to 0.0019 from the converged ones at 100 looks."""
    for name, wanted in load("spotify_group_sequential_bounds.json")["bounds"].items():
        rho = 2.0 if name.startswith("rho2") else float(name)
        t = np.arange(1, len(wanted) + 1) / len(wanted)
        assert bounds(t, spending=Spending(rho=rho)).z == pytest.approx(wanted, abs=2.5e-3)


def test_two_looks_agree_with_the_bivariate_normal() -> None:
    found = bounds([0.5, 1.0], spending=Spending(rho=1.0))
    assert found.z[0] == pytest.approx(stats.norm.isf(0.0125), abs=1e-6)
    both = stats.multivariate_normal(cov=[[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]])
    inside = [both.cdf(found.z, lower_limit=-found.z)]
    assert 1 - inside[0] == pytest.approx(0.05, abs=1e-4)


def test_pocock_and_obrien_fleming_known_constants() -> None:
    # Jennison and Turnbull (2000), table 2.3 and 2.1 are for the original shapes; Lan-DeMets versions of
    # them at five looks, from Proschan, Lan and Wittes (2006): O'Brien-Fleming-like 4.877, 3.357, 2.680, 2.290, 2.031
    t = np.arange(1, 6) / 5
    found = bounds(t, spending=Spending(family="obrien_fleming")).z
    assert found == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=2e-3)


def test_bounds_at_odd_looks_keep_the_level_by_simulation() -> None:
    rng = np.random.default_rng(0)
    t = np.array([0.1, 0.15, 0.4, 0.41, 0.9, 1.1])
    found = bounds(t)
    walk = np.cumsum(rng.normal(size=(200_000, 6)) * np.sqrt(np.diff(t, prepend=0)), axis=1) / np.sqrt(t)
    crossed = np.mean((np.abs(walk) >= found.z).any(axis=1))
    assert crossed == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 200_000))


def test_power_of_a_group_sequential_test_by_simulation() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(1, 6) / 5
    found = bounds(t)
    walk = np.cumsum(rng.normal(size=(100_000, 5)) * np.sqrt(0.2) + 2.8 * 0.2, axis=1) / np.sqrt(t)
    seen = np.mean((np.abs(walk) >= found.z).any(axis=1))
    assert crossing_probability(t, found.z, drift=2.8)[-1] == pytest.approx(seen, abs=0.006)


def test_looks_have_to_rise() -> None:
    with pytest.raises(UsageError, match="do not rise"):
        bounds([0.5, 0.5])


def test_values_of_confseq_hold() -> None:
    two, one = best_rho(100), best_rho(100, two_sided=False)
    coin = BetaBinomialMixture(two, 0.2, 0.8)
    half_coin = BetaBinomialMixture(one, 0.2, 0.8, two_sided=False)
    found = [
        two,
        NormalMixture(two).log_value(10, 100),
        NormalMixture(two).bound(100),
        NormalMixture(one, two_sided=False).log_value(10, 100),
        NormalMixture(one, two_sided=False).bound(100),
        GammaExponentialMixture(one, 2).log_value(10, 100),
        GammaExponentialMixture(one, 2).bound(100),
        GammaPoissonMixture(one, 2).log_value(10, 100),
        GammaPoissonMixture(one, 2).bound(100),
        coin.log_value(10, 100),
        coin.bound(100),
        half_coin.log_value(10, 100),
        half_coin.bound(100),
        poly_stitching_bound(100, v_min=10, c=3),
        *(double_stitching_bound(q, 1000, t_opt=100) for q in (0.5, 0.9, 0.1)),
    ]
    wanted = [12.60056, -0.6510052, 30.35209, -0.06502391, 27.66071, -0.2490165, 33.02017, -0.06991219]
    wanted += [30.1949, -0.6941012, 31.4308, -0.07134019, 28.41238, 64.48755, 68.62803, 43.72119, 59.96521]
    assert [float(x) for x in found] == pytest.approx(wanted, abs=1e-5)


def test_quantile_p_values_of_confseq_hold() -> None:
    rows = np.arange(1, 1001)
    cases = ((0.5, 70, 0.814704), (0.5, 85, 0.0838055), (0.5, 100, 0.0054947), (0.9, 55, 0.0340463))
    for quantile, offset, wanted in cases:
        assert quantile_p(rows, rows + offset, quantile=quantile) == pytest.approx(wanted, abs=1e-5)


def test_bernoulli_intervals_of_confseq_hold() -> None:
    cases = (
        (700, 1000, 100, (0.651629, 0.745949)),
        (15, 50, 50, (0.129556, 0.511896)),
        (5, 50, 50, (0.013021, 0.269264)),
        (1, 50, 50, (0, 0.13489)),
        (1, 2, 50, (0, 1)),
        (100, 200, 1, (0.328923, 0.671076)),
    )
    for k, n, t_opt, wanted in cases:
        assert bernoulli_sequence(k, n, t_opt=t_opt) == pytest.approx(wanted, abs=1e-5)


def test_the_empirical_process_bound_is_below_its_published_approximation() -> None:
    # Howard and Ramdas (2022), after theorem 1: with A = 0.85 the constant is about 0.8 log(1612 / alpha)
    for alpha in (0.05, 0.01):
        found = float(empirical_process_bound(1.0, alpha=alpha)) ** 2 / 0.85**2
        assert found == pytest.approx(0.8 * np.log(1612 / alpha), rel=0.05)


def test_exact_bounds_of_one_look_are_fishers_tails() -> None:
    found = count_bounds([100], [10], trials_b=[100], successes_b=[20], t=[1.0])
    law = stats.hypergeom(200, 100, 30)
    assert law.sf(found.high[0] - 1) <= 0.025 < law.sf(found.high[0] - 2)
    assert law.cdf(found.low[0]) <= 0.025 < law.cdf(found.low[0] + 1)
    assert found.spent[0] == pytest.approx(law.sf(found.high[0] - 1) + law.cdf(found.low[0]))


def test_exact_bounds_keep_the_level_at_the_lowest_counts() -> None:
    rng = np.random.default_rng(2)
    looks, n_sim = 20, 1500
    t = np.arange(1, looks + 1) / looks
    n = 200 * np.arange(1, looks + 1)
    k_a, k_b = rng.binomial(200, 0.005, (2, n_sim, looks)).cumsum(axis=2)
    stopped = [
        count_bounds(n, k_a[i], trials_b=n, successes_b=k_b[i], t=t).crossed is not None for i in range(n_sim)
    ]
    assert np.mean(stopped) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_sim)


def test_counts_that_fall_are_refused() -> None:
    with pytest.raises(DataError, match="fall from one look"):
        count_bounds([100, 90], [1, 2], trials_b=[100, 200], successes_b=[1, 2], t=[0.5, 1])


def test_the_count_sequence_answers_from_ten_conversions_on() -> None:
    found = count_sequence([0, 1], [9, 9], share_b=0.5, tuning=50)
    assert found.answered.tolist() == [False, True]
    assert np.isnan(found.p[0])
    assert np.isfinite(found.p[1])


def test_the_count_sequence_holds_the_level_at_every_count() -> None:
    rng = np.random.default_rng(3)
    tosses = rng.random((4000, 400)) < 0.1
    k_b = tosses.cumsum(axis=1)
    k_a = np.arange(1, 401) - k_b
    found = count_sequence(k_a, k_b, share_b=0.1, tuning=50)
    assert np.nanmin(found.p, axis=1).size == 4000
    assert np.mean(np.nanmin(found.p, axis=1) <= 0.05) <= 0.05


def test_the_interval_of_the_rate_ratio_excludes_one_where_the_test_rejects() -> None:
    low, high = rate_ratio_sequence(20, 60, share_b=0.5, tuning=100)
    assert (float(count_sequence(20, 60, share_b=0.5, tuning=100).p) <= 0.05) == (low > 1.0 or high < 1.0)
    assert low < 3.0 < high
