import numpy as np
import pytest
from scipy import optimize, sparse, special
from sklearn.linear_model import LogisticRegression

from adwright.predict.mixed_logistic import Evidence, fit_mixed_logistic, logistic_slope


def draw(seed=0, n=300, p=8, n_groups=12):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p)) * (rng.random((n, p)) < 0.5)
    group = rng.integers(0, n_groups, n)
    level = 0.7 * rng.standard_normal(n_groups)
    trials = rng.integers(1, 60, n).astype(float)
    beta = 0.4 * rng.standard_normal(p)
    y = rng.binomial(trials.astype(int), special.expit(-1 + x @ beta + level[group])).astype(float)
    return x, y, trials, group, rng.uniform(0.2, 1.0, n)


@pytest.mark.parametrize("tau", [2.0, 0.05, 100.0])
def test_it_finds_the_minimum_that_a_general_optimiser_finds(tau):
    x, y, n, group, weight = draw()
    ridge, p, size = 3.0, x.shape[1], group.max() + 1

    def loss(theta):
        beta, level, c = theta[:p], theta[p:-1], theta[-1]
        eta = x @ beta + level[group] + c
        residual = weight * (n * special.expit(eta) - y)
        value = weight @ (n * np.logaddexp(0, eta) - y * eta)
        value += ridge / 2 * beta @ beta + tau / 2 * level @ level
        slope = [x.T @ residual + ridge * beta, np.bincount(group, residual, size) + tau * level]
        return value, np.concatenate([*slope, [residual.sum()]])

    best = optimize.minimize(
        loss, np.zeros(p + size + 1), jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 5000}
    )
    ours = fit_mixed_logistic(
        Evidence(sparse.csr_matrix(x), y, n, weight, group, size, tau), ridge, tolerance=1e-10
    )
    assert ours.loss == pytest.approx(best.fun, rel=1e-8)
    assert ours.beta == pytest.approx(best.x[:p], abs=1e-4)
    assert ours.level == pytest.approx(best.x[p:-1], abs=1e-3)


def test_without_levels_it_equals_scikit_learns_ridge_logistic():
    x, y, n, group, _ = draw(1)
    y = (y > n / 3).astype(float)
    ones = np.ones(len(y))
    ours = fit_mixed_logistic(
        Evidence(sparse.csr_matrix(x), y, ones, ones, np.zeros_like(group), 1, np.inf), 5.0, tolerance=1e-10
    )
    peer = LogisticRegression(C=1 / 5.0, tol=1e-10, max_iter=1000).fit(x, y)
    assert ours.beta == pytest.approx(peer.coef_[0], abs=1e-5)
    assert ours.intercept == pytest.approx(peer.intercept_[0], abs=1e-5)


def test_the_level_takes_what_groups_share_so_contrasts_stay():
    """A feature that marks groups with a high level by chance: without levels it gets the level's weight."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(40), 6)
    mark = (group < 20).astype(float)
    level = np.where(group < 20, 0.8, -0.8)
    feature = rng.standard_normal(len(group))
    n = np.full(len(group), 2000.0)
    y = rng.binomial(2000, special.expit(-4 + level + 0.3 * feature)).astype(float)
    x, ones = sparse.csr_matrix(np.stack([mark, feature], axis=1)), np.ones(len(y))
    mixed = fit_mixed_logistic(Evidence(x, y, n, ones, group, 40, 1.0), 1000.0)
    assert mixed.beta[1] > 5 * abs(mixed.beta[0])


def test_a_warm_start_ends_in_the_same_place():
    x, y, n, group, weight = draw(4)
    evidence = Evidence(sparse.csr_matrix(x), y, n, weight, group, 12, 2.0)
    cold = fit_mixed_logistic(evidence, 1.0, tolerance=1e-9)
    warm = fit_mixed_logistic(evidence, 1.0, start=fit_mixed_logistic(evidence, 100.0), tolerance=1e-9)
    assert warm.beta == pytest.approx(cold.beta, abs=1e-4)


def test_slope_is_the_coefficient_on_one_score():
    rng = np.random.default_rng(5)
    score = rng.standard_normal(400)
    n = np.full(400, 50.0)
    y = rng.binomial(50, special.expit(-1 + 0.7 * score)).astype(float)
    ones = np.ones(400)
    evidence = Evidence(sparse.csr_matrix((400, 0)), y, n, ones, np.zeros(400, np.intp), 1, np.inf)
    intercept, slope, _ = logistic_slope(score, evidence)
    rows = np.r_[np.ones(400), np.zeros(400)]
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    peer.fit(np.r_[score, score][:, None], rows, sample_weight=np.r_[y, n - y])
    assert slope == pytest.approx(peer.coef_[0, 0], abs=1e-5)
    assert intercept == pytest.approx(peer.intercept_[0], abs=1e-5)


def test_a_score_without_spread_keeps_the_slopes_prior():
    y, n = np.array([3.0, 4.0]), np.array([10.0, 10.0])
    evidence = Evidence(sparse.csr_matrix((2, 0)), y, n, np.ones(2), np.zeros(2, np.intp), 1, np.inf)
    intercept, slope, _ = logistic_slope(np.zeros(2), evidence, prior_sd=0.5)
    assert slope == pytest.approx(1.0)
    assert special.expit(intercept) == pytest.approx(0.35)
