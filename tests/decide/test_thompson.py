from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from adwright.decide.thompson import ThompsonSampling


def test_the_probability_is_that_of_being_best() -> None:
    rng = np.random.default_rng(0)
    n_draws = 40_000
    a, b = (60.0, 50.0), (45.0, 50.0)  # shape and rate of two gamma posteriors
    draws = np.column_stack([rng.gamma(a[0], 1 / a[1], n_draws), rng.gamma(b[0], 1 / b[1], n_draws)])
    p = ThompsonSampling().probabilities(draws, mask=np.ones(2, dtype=bool), rng=rng)
    exact, _ = integrate.quad(
        lambda x: stats.gamma.pdf(x, a[0], scale=1 / a[1]) * stats.gamma.cdf(x, b[0], scale=1 / b[1]), 0, 4
    )
    assert p[0] == pytest.approx(exact, abs=4 * 0.5 / np.sqrt(n_draws))


def test_equal_beliefs_get_equal_probabilities() -> None:
    rng = np.random.default_rng(1)
    p = ThompsonSampling().probabilities(rng.normal(size=(20_000, 4)), mask=np.ones(4, dtype=bool), rng=rng)
    assert np.allclose(p, 0.25, atol=4 * np.sqrt(0.25 * 0.75 / 20_000))
