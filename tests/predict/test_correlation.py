import numpy as np
import pytest

from adwright.predict.correlation import LIMIT, estimate_correlation


def draw(rho, seed=0, n_groups=200, per_group=5, v=0.09):
    rng = np.random.default_rng(seed)
    n = n_groups * per_group
    group = np.repeat(np.arange(n_groups), per_group)
    pair = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n) * np.sqrt(v)
    level = 0.5 * rng.standard_normal((n_groups, 2))
    level[:, 1] = 0.9 * level[:, 0]
    expected = np.full(n, 200.0)
    clicks = rng.poisson(expected * np.exp(pair[:, 0] + level[group, 0]))
    expected_orders = clicks * 0.2
    orders = rng.binomial(clicks, np.minimum(0.2 * np.exp(pair[:, 1] + level[group, 1] - 0.3), 1.0))
    return {
        "clicks": (clicks.astype(float), expected),
        "conversions": (orders.astype(float), expected_orders),
        "variances": (v, v),
        "content": np.arange(n),
        "group": group,
    }


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.6])
def test_it_finds_the_correlation_through_levels_that_are_correlated_too(rho):
    found = estimate_correlation(**draw(rho), rng=np.random.default_rng(1))
    error = (found.high - found.low) / (2 * 1.96)
    assert abs(found.raw - rho) < 4 * error


def test_the_estimate_is_shrunk_by_its_own_standard_error():
    """The mean of a normal posterior with prior N(0, 0.5^2)."""
    found = estimate_correlation(**draw(0.4, n_groups=20), rng=np.random.default_rng(1))
    error = (found.high - found.low) / (2 * 1.96)
    assert found.value == pytest.approx(found.raw * 0.25 / (0.25 + error**2))


def test_it_never_leaves_its_limits():
    data = draw(0.9)
    found = estimate_correlation(**{**data, "variances": (0.01, 0.01)}, rng=np.random.default_rng(1))
    assert found.value == LIMIT
    assert found.raw > 1


def test_too_few_contents_are_taken_as_zero_and_said_so():
    found = estimate_correlation(**draw(0.6, n_groups=1), rng=np.random.default_rng(1))
    assert found.value == 0.0
    assert "too few" in found.note


def test_an_unknown_variance_gives_zero():
    found = estimate_correlation(
        **{**draw(0.6), "variances": (float("nan"), 0.1)}, rng=np.random.default_rng(1)
    )
    assert found.value == 0.0
