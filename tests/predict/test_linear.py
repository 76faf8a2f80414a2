import numpy as np
import pytest
from scipy import sparse

from adwright.predict.mixed_logistic import Evidence, fit_mixed_logistic
from adwright.predict.models.linear import _least_squares


def evidence(seed=0, n=600, rate=0.1, levels=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (n, 4)).astype(float)
    trials = rng.integers(50, 200, n).astype(float)
    group = rng.integers(0, max(levels, 1), n)
    level = 0.5 * rng.standard_normal(max(levels, 1)) * bool(levels)
    p = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + x @ [0.2, -0.2, 0.1, 0.0] + level[group])))
    return Evidence(
        x=sparse.csr_matrix(x),
        y=rng.binomial(trials.astype(int), p).astype(float),
        n=trials,
        weight=rng.uniform(0.5, 1.0, n),
        group=group,
        n_groups=max(levels, 1),
        level_ridge=4.0 if levels else float("inf"),
    )


def test_the_weights_are_those_of_the_normal_equations():
    """(X'WX + ridge) b = X'Wz with numpy, the intercept's penalty 1 / 30^2, a level a group."""
    held, ridge = evidence(levels=12), 7.0
    rate = (held.y.sum() + 0.5) / (held.n.sum() + 1)
    weight = held.weight * held.n * rate * (1 - rate)
    target = (held.y / held.n - rate) / (rate * (1 - rate))
    design = np.hstack([held.x.toarray(), np.ones((600, 1)), np.eye(12)[held.group]])
    penalty = np.diag([ridge] * 4 + [1 / 900] + [4.0] * 12)
    expected = np.linalg.solve(design.T @ (weight[:, None] * design) + penalty, design.T @ (weight * target))
    assert _least_squares(held, ridge) == pytest.approx(expected[:4], rel=1e-3, abs=1e-5)


def test_small_effects_are_those_of_the_logistic_regression():
    held = evidence()
    logistic = fit_mixed_logistic(held, 1.0, tolerance=1e-10).beta
    assert _least_squares(held, 1.0) == pytest.approx(logistic, abs=0.04)
