import numpy as np
import pytest
from scipy import optimize, special
from sklearn.linear_model import LogisticRegression

from adwright.errors import DataError
from adwright.stats.bootstrap import cluster_bootstrap
from adwright.stats.calibration import (
    calibration_slope,
    debiased_ece,
    log_loss,
    squared_calibration_error,
)


def test_slope_and_intercept_equal_scikit_learn_without_penalty():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.9, 500)
    y = (rng.random(500) < special.expit(0.3 + 0.6 * special.logit(p))).astype(float)
    weights = rng.integers(0, 3, (2, 500)).astype(float)
    slope, intercept = calibration_slope(p, y, weights=weights)
    for b in range(2):
        peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
        peer.fit(special.logit(p)[:, None], y, sample_weight=weights[b])
        assert slope[b] == pytest.approx(peer.coef_[0, 0], abs=1e-4)
        assert intercept[b] == pytest.approx(peer.intercept_[0], abs=1e-4)


def test_slope_of_counts_is_at_the_top_of_the_binomial_likelihood():
    rng = np.random.default_rng(1)
    p, n = rng.uniform(0.005, 0.05, 60), rng.integers(50, 4000, 60).astype(float)
    y = rng.binomial(n.astype(int), p).astype(float)
    x = special.logit(p)
    best = optimize.minimize(
        lambda t: np.sum(n * np.logaddexp(0, t[0] + t[1] * x) - y * (t[0] + t[1] * x)), [0.0, 1.0], tol=1e-10
    )
    slope, intercept = calibration_slope(p, y, trials=n)
    assert slope[0] == pytest.approx(best.x[1], abs=1e-3)
    assert intercept[0] == pytest.approx(best.x[0], abs=5e-3)


def test_constant_predictions_and_one_class_have_no_slope():
    assert np.isnan(calibration_slope(np.full(4, 0.3), np.array([0, 1, 0, 1.0]))[0][0])
    assert np.isnan(calibration_slope(np.array([0.2, 0.3]), np.ones(2))[0][0])


def test_log_loss_is_minus_the_log_likelihood():
    p, y, n = np.array([0.2, 0.5]), np.array([1.0, 3.0]), np.array([4.0, 3.0])
    expected = [-(np.log(0.2) + 3 * np.log(0.8)), -3 * np.log(0.5)]
    assert log_loss(p, y, trials=n) == pytest.approx(expected)


def test_a_perfect_predictor_has_no_squared_error_on_average():
    """Mean over 400 replications; the bound is four standard errors of that mean."""
    rng = np.random.default_rng(2)
    p = rng.uniform(0.1, 0.9, 400)
    errors = [squared_calibration_error(p, (rng.random(400) < p) * 1.0)[0] for _ in range(400)]
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(400)


def test_a_constant_gap_is_found():
    """Every prediction is 0.1 too high: the error is 0.1 up to its sampling error, about 0.5 / sqrt(n)."""
    rng = np.random.default_rng(3)
    p = rng.uniform(0.2, 0.8, 20_000)
    y = (rng.random(20_000) < p - 0.1) * 1.0
    assert debiased_ece(p, y)[0] == pytest.approx(0.1, abs=4 * 0.5 / np.sqrt(20_000))


def test_noise_that_clusters_share_is_taken_off_too():
    """Levels of +-20 % shared by 20 rows: without clusters they look like miscalibration."""
    rng = np.random.default_rng(4)
    errors = {"clusters": [], "rows": []}
    for _ in range(60):
        ids = np.repeat(np.arange(60), 20)
        level = np.exp(0.4 * rng.standard_normal(60) - 0.08)[ids]
        p = rng.uniform(0.05, 0.15, 60)[ids]
        n = np.full(1200, 500.0)
        y = rng.binomial(500, np.minimum(p * level, 1)).astype(float)
        errors["clusters"].append(squared_calibration_error(p, y, trials=n, clusters=ids)[0])
        errors["rows"].append(squared_calibration_error(p, y, trials=n)[0])
    sd = np.std(errors["clusters"]) / np.sqrt(60)
    assert abs(np.mean(errors["clusters"])) < 4 * sd
    assert np.mean(errors["rows"]) > 4 * sd


def test_interval_of_the_squared_error_covers_the_truth():
    """40 replications at nominal 95 %: fewer than 33 would happen once in 5,000 times."""
    rng = np.random.default_rng(5)
    covered = 0
    for i in range(40):
        p = rng.uniform(0.2, 0.8, 500)
        y = (rng.random(500) < p - 0.1) * 1.0
        found = cluster_bootstrap(
            lambda w, p=p, y=y: squared_calibration_error(p, y, weights=w),
            np.arange(500),
            rng=np.random.default_rng(i),
            n_boot=200,
            centred=True,
        )
        covered += found.low <= 0.01 <= found.high
    assert covered >= 33


def test_lengths_must_agree():
    with pytest.raises(DataError, match="differ in length"):
        calibration_slope(np.array([0.1]), np.array([0, 1]))
