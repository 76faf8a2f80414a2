from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import UsageError
from adwright.experiment.offpolicy import (
    Interval,
    Terms,
    difference,
    empirical_bernstein,
    logged_rounds,
    make_estimator,
    studentised,
    weighted_counts,
)
from adwright.experiment.offpolicy.resampling import resampled_sums


def mean_of(values: np.ndarray, weight: np.ndarray | None = None) -> Terms:
    ones = np.ones(len(values)) if weight is None else weight
    return Terms(plain=np.zeros(len(values)), correction=ones * values, weight=ones)


def test_equal_weights_give_the_exact_limits_of_a_count() -> None:
    values = np.zeros(10_000)
    values[:100] = 1.0
    found = weighted_counts(mean_of(values))
    low, high = stats.chi2.ppf(0.025, 200) / 2, stats.chi2.ppf(0.975, 202) / 2  # Garwood
    widened = stats.t.ppf(0.975, 98) / stats.norm.ppf(0.975)
    assert found.low == pytest.approx(low / 10_000, rel=0.02)
    assert found.high == pytest.approx(high / 10_000, rel=0.02)
    assert found.low <= low / 10_000 * widened


def test_no_click_still_gives_an_upper_limit() -> None:
    found = weighted_counts(mean_of(np.zeros(1000)))
    assert found.low == 0.0
    assert found.high == pytest.approx(-np.log(0.025) / 1000)  # the rule of three, at 2.5 %


def test_resampled_sums_have_the_moments_of_counts() -> None:
    rng = np.random.default_rng(0)
    rows = rng.exponential(size=(500, 1))
    sums = resampled_sums(rows, n_boot=40_000, rng=rng)[:, 0]
    assert sums.mean() == pytest.approx(0.0, abs=4 * sums.std() / 200)
    assert sums.var() == pytest.approx(float(np.sum(rows**2)), rel=0.03)
    assert stats.skew(sums) == pytest.approx(float(np.sum(rows**3) / np.sum(rows**2) ** 1.5), abs=0.05)


def test_the_studentised_interval_is_the_one_of_drawing_rows() -> None:
    rng = np.random.default_rng(5)
    values = rng.exponential(size=200) ** 1.5
    found = studentised({"mean": mean_of(values)}, rng=rng, n_boot=20_000)["mean"]
    drawn = values[rng.integers(200, size=(20_000, 200))]
    t = (drawn.mean(axis=1) - values.mean()) / (drawn.std(axis=1) / np.sqrt(200))
    low_t, high_t = np.quantile(t, [0.025, 0.975])
    se = values.std() / np.sqrt(200)
    assert found.low == pytest.approx(values.mean() - high_t * se, abs=0.12 * se)
    assert found.high == pytest.approx(values.mean() - low_t * se, abs=0.3 * se)


def test_a_ratio_of_equal_weights_has_the_interval_of_a_mean() -> None:
    values = np.random.default_rng(2).normal(5.0, 1.0, size=300)
    ones = np.ones(300)
    ratio = Terms(plain=np.zeros(300), correction=values, weight=ones, self_normalised=True)
    both = studentised({"mean": mean_of(values), "ratio": ratio}, rng=np.random.default_rng(0), n_boot=4000)
    width = both["mean"].high - both["mean"].low
    assert both["ratio"].low == pytest.approx(both["mean"].low, abs=0.05 * width)
    assert both["ratio"].high == pytest.approx(both["mean"].high, abs=0.05 * width)


def test_empirical_bernstein_is_the_formula() -> None:
    values = np.array([0.0, 1.0] * 500)
    found = empirical_bernstein(mean_of(values), spread=1.0)
    log = np.log(4 / 0.05)
    half = np.sqrt(2 * values.var(ddof=1) * log / 1000) + 7 * log / (3 * 999)
    assert (found.low, found.high) == (pytest.approx(0.5 - half), pytest.approx(0.5 + half))


def test_a_difference_with_symmetric_intervals_is_the_usual_one() -> None:
    one, other = (Interval(low=m - 0.3, high=m + 0.3, kind="studentised bootstrap") for m in (2.0, 1.0))
    assert difference(2.0, one, other=1.0, other_interval=other) == pytest.approx(
        (1.0, 1 - 0.3 * 2**0.5, 1 + 0.3 * 2**0.5)
    )
    assert difference(2.0, one, other=1.0, other_interval=other, correlation=1.0) == pytest.approx((1, 1, 1))


def test_the_interval_holds_the_truth_at_a_click_rate_of_one_per_cent() -> None:
    """400 logs of 2,000 rounds, uniform over 34 actions: 95 % less three standard errors is 91.7 %."""
    rng = np.random.default_rng(11)
    rate = rng.gamma(2.0, 0.005, size=34)
    target = rng.dirichlet(np.full(34, 0.5))
    truth, inside = float(target @ rate), 0
    for _ in range(400):
        action = rng.integers(34, size=2000)
        clicks = (rng.random(2000) < rate[action]).astype(float)
        rounds = logged_rounds(action, clicks, propensity=np.full(2000, 1 / 34), target=target)
        found = weighted_counts(make_estimator("snips").terms(rounds))
        inside += found.low <= truth <= found.high
    assert inside >= 0.917 * 400


def test_bad_requests_are_named() -> None:
    terms = mean_of(np.ones(10))
    nothing = Terms(plain=np.ones(10), correction=np.zeros(10), weight=np.zeros(10))
    with pytest.raises(UsageError, match="without weights"):
        weighted_counts(nothing)
    with pytest.raises(UsageError, match="level"):
        weighted_counts(terms, level=1.0)
    with pytest.raises(UsageError, match="n_boot"):
        studentised({"a": terms}, rng=np.random.default_rng(0), n_boot=5)
    with pytest.raises(UsageError, match="self-normalised"):
        empirical_bernstein(
            Terms(plain=np.zeros(2), correction=np.ones(2), weight=np.ones(2), self_normalised=True),
            spread=1.0,
        )
