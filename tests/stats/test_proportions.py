from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adwright.errors import InfeasibleError, UsageError
from adwright.stats.proportions import (
    compare_proportions,
    detectable_proportion,
    fisher_log_p,
    power_proportions,
    size_proportions,
)
from experiment.vectors import load


def test_the_p_value_agrees_with_statsmodels() -> None:
    test = compare_proportions(
        [500, 49, 5], [10000, 100, 1000], successes_b=[570, 51, 15], trials_b=[10000, 100, 1000]
    )
    # statsmodels 0.15, proportions_ztest
    assert np.allclose(test.p, [0.0278345207643267, 0.7772974107895213, 0.024618761380815223], rtol=1e-10)
    assert not test.exact.any()


def test_p_values_and_sizes_agree_with_all_reference_vectors() -> None:
    vectors = load("statsmodels.json")
    for case in vectors["two_proportions"]:
        test = compare_proportions(case["c1"], case["n1"], successes_b=case["c2"], trials_b=case["n2"])
        assert test.p[0] == pytest.approx(case["z_p"], rel=1e-9)
    for case in vectors["samplesize"]:
        key = next(name for name in case if name.startswith("n_samplesize"))
        n = size_proportions(case["p1"], case["p2"], alpha=case["alpha"], power=case["power"])
        assert n == pytest.approx(case[key], rel=1e-9)
        assert n == pytest.approx(case["n_arcsine"], rel=0.005)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_fishers_test_agrees_with_scipy(n_a: int, n_b: int, data: st.DataObject) -> None:
    k_a, k_b = data.draw(st.integers(0, n_a)), data.draw(st.integers(0, n_b))
    one = np.ones(1)
    ours = fisher_log_p(k_a * one, n_a * one, successes_b=k_b * one, trials_b=n_b * one)
    expected = stats.fisher_exact([[k_a, n_a - k_a], [k_b, n_b - k_b]]).pvalue
    assert np.exp(ours[0]) == pytest.approx(expected, rel=1e-6)


def test_low_counts_get_the_exact_test_and_high_ones_do_not() -> None:
    test = compare_proportions([0, 40], [1000, 1000], successes_b=[6, 60], trials_b=[1000, 1000])
    assert test.exact.tolist() == [True, False]
    expected = stats.fisher_exact([[0, 1000], [6, 994]]).pvalue
    assert test.p[0] == pytest.approx(expected, rel=1e-6)


def test_far_tails_do_not_underflow() -> None:
    test = compare_proportions(10_000, 10**6, successes_b=40_000, trials_b=10**6)
    assert test.p[0] == 0.0
    z = float(test.z[0])
    # Mills' ratio: log p = log(2) - z^2/2 - log(z sqrt(2 pi)) + log(1 - 1/z^2 + ...)
    expected = np.log(2) - z**2 / 2 - np.log(z * np.sqrt(2 * np.pi)) + np.log1p(-1 / z**2 + 3 / z**4)
    assert test.log_p[0] == pytest.approx(expected, rel=1e-9)


def test_the_error_of_the_first_kind_is_kept() -> None:
    rng = np.random.default_rng(11)
    for p, n in [(0.05, 2000), (0.004, 500)]:
        k_a, k_b = rng.binomial(n, p, 20_000), rng.binomial(n, p, 20_000)
        test = compare_proportions(k_a, n, successes_b=k_b, trials_b=n)
        assert np.mean(test.p < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 20_000)


def test_dispersion_shrinks_the_statistic() -> None:
    plain = compare_proportions(500, 10_000, successes_b=570, trials_b=10_000)
    wide = compare_proportions(500, 10_000, successes_b=570, trials_b=10_000, dispersion=4.0)
    assert wide.z[0] == pytest.approx(plain.z[0] / 2)


def test_power_is_what_a_simulation_finds() -> None:
    rng = np.random.default_rng(3)
    n = 3000
    k_a, k_b = rng.binomial(n, 0.05, 20_000), rng.binomial(n, 0.065, 20_000)
    found = np.mean(compare_proportions(k_a, n, successes_b=k_b, trials_b=n).p < 0.05)
    expected = float(power_proportions(0.05, 0.065, n_a=n, n_b=n))
    assert found == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 20_000) + 0.005)


def test_size_power_and_detectable_effect_are_one_another() -> None:
    n = size_proportions(0.03, 0.036, power=0.9, ratio=2.0)
    assert float(power_proportions(0.03, 0.036, n_a=n, n_b=2 * n)) == pytest.approx(0.9, abs=1e-9)
    assert detectable_proportion(0.03, n_a=n, n_b=2 * n, power=0.9) == pytest.approx(0.036, rel=1e-6)


def test_what_cannot_be_found_is_said() -> None:
    with pytest.raises(InfeasibleError):
        size_proportions(0.05, 0.05)
    with pytest.raises(InfeasibleError):
        detectable_proportion(0.5, n_a=2, n_b=2)


@pytest.mark.parametrize("arguments", [(-1, 10, 1, 10), (11, 10, 1, 10), (0, 0, 1, 10)])
def test_impossible_tables_are_refused(arguments: tuple[int, int, int, int]) -> None:
    k_a, n_a, k_b, n_b = arguments
    with pytest.raises(UsageError):
        compare_proportions(k_a, n_a, successes_b=k_b, trials_b=n_b)


def test_a_test_from_summary_statistics_takes_under_20_us_in_bulk() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    for p in (0.05, 0.0005):  # the z test, and Fisher's
        k_a, k_b = rng.binomial(5000, p, n), rng.binomial(5000, p, n)
        start = time.process_time()
        compare_proportions(k_a, 5000, successes_b=k_b, trials_b=5000)
        assert (time.process_time() - start) / n < 20e-6
