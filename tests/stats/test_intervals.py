from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import UsageError
from adwright.stats.intervals import log_ratio, newcombe, normal_quantile, wald_difference, wilson
from experiment.vectors import load

# statsmodels 0.15: confint_proportions_2indep, p2 - p1
KNOWN = [
    ((500, 10000, 570, 10000), (0.0007607498034799326, 0.013250390770048349)),
    ((49, 100, 51, 100), (-0.11649972426762042, 0.15545339012994167)),
    ((5, 1000, 15, 1000), (0.0011165447023918276, 0.020018605731753618)),
]


def test_newcombe_agrees_with_statsmodels() -> None:
    for (k_a, n_a, k_b, n_b), expected in KNOWN:
        assert np.allclose(newcombe(k_a, n_a, successes_b=k_b, trials_b=n_b), expected, rtol=1e-10)


def test_intervals_agree_with_all_reference_vectors() -> None:
    for case in load("statsmodels.json")["two_proportions"]:
        args = {"successes_b": case["c2"], "trials_b": case["n2"]}
        assert np.allclose(newcombe(case["c1"], case["n1"], **args), case["newcombe"], rtol=1e-10)
        assert np.allclose(wald_difference(case["c1"], case["n1"], **args), case["wald"], rtol=1e-10)


def test_wilson_agrees_with_scipy() -> None:
    for k, n in [(0, 10), (3, 10), (10, 10), (500, 10_000)]:
        expected = stats.binomtest(k, n).proportion_ci(0.9, method="wilson")
        assert np.allclose(wilson(k, n, level=0.9), (expected.low, expected.high), atol=1e-12)


def test_wilson_knows_nothing_without_trials() -> None:
    assert [float(x) for x in wilson(0, 0)] == [0.0, 1.0]


def test_dispersion_widens_as_fewer_trials_would() -> None:
    assert np.allclose(wilson(100, 1000, dispersion=2.0), wilson(50, 500))


def test_swapping_the_arms_mirrors_newcombe() -> None:
    low, high = newcombe(30, 400, successes_b=44, trials_b=300)
    assert np.allclose(newcombe(44, 300, successes_b=30, trials_b=400), (-high, -low))


def test_newcombe_covers_at_low_counts() -> None:
    rng = np.random.default_rng(5)
    n, p_a, p_b = 400, 0.01, 0.02
    k_a, k_b = rng.binomial(n, p_a, 4000), rng.binomial(n, p_b, 4000)
    low, high = newcombe(k_a, n, successes_b=k_b, trials_b=n)
    covered = float(np.mean((low <= p_b - p_a) & (p_b - p_a <= high)))
    assert covered > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 4000)


def test_relative_effect_inverts_when_the_arms_are_swapped() -> None:
    effect, low, high = log_ratio(0.05, 0.002, mean_b=0.06, se_b=0.003)
    back, back_low, back_high = log_ratio(0.06, 0.003, mean_b=0.05, se_b=0.002)
    assert np.allclose(
        [(1 + effect) * (1 + back), (1 + low) * (1 + back_high), (1 + high) * (1 + back_low)], 1
    )


def test_relative_effect_has_no_meaning_without_a_positive_mean() -> None:
    assert all(np.isnan(x) for x in log_ratio(0.0, 0.1, mean_b=1.0, se_b=0.1))


@pytest.mark.parametrize(("k", "n"), [(-1, 10), (1, -10), (11, 10), (float("nan"), 10)])
def test_impossible_counts_are_refused(k: float, n: float) -> None:
    with pytest.raises(UsageError, match=r"successes|trials"):
        wilson(k, n)


def test_a_level_is_a_fraction() -> None:
    with pytest.raises(UsageError, match="level"):
        normal_quantile(95)
