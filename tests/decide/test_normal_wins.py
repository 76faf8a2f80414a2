from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.decide.normal_wins import normal_wins
from adwright.errors import DataError, InfeasibleError, UsageError


def test_two_arms_agree_with_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    mean, sd = rng.normal(size=(200, 2)), np.exp(rng.normal(size=(200, 2)))
    exact = stats.norm.cdf((mean[:, 0] - mean[:, 1]) / np.hypot(sd[:, 0], sd[:, 1]))
    np.testing.assert_allclose(normal_wins(mean, sd)[:, 0], exact, atol=0.003)


def test_many_arms_agree_with_counting_draws() -> None:
    rng = np.random.default_rng(1)
    for n_arms in (3, 7, 25):
        mean, sd = rng.normal(size=(1, n_arms)), 10 ** rng.uniform(-2, 0, (1, n_arms))
        wins = (mean + sd * rng.standard_normal((100_000, n_arms))).argmax(axis=1)
        counted = np.bincount(wins, minlength=n_arms) / 100_000
        np.testing.assert_allclose(normal_wins(mean, sd)[0], counted, atol=0.003 + 4 * 0.5 / 316)


def test_a_wide_newcomer_does_not_blur_two_narrow_arms() -> None:
    p = normal_wins(np.array([[1.00, 1.05, 0.0]]), np.array([[0.01, 0.01, 1.0]]))[0]
    exact = stats.norm.cdf(0.05 / np.hypot(0.01, 0.01))
    assert p[1] / (p[0] + p[1]) == pytest.approx(exact, abs=0.003)


def test_arms_that_are_certain_share_or_win() -> None:
    p = normal_wins(np.array([[1.0, 1.0, 0.0], [2.0, 1.0, 0.0]]), np.zeros((2, 3)))
    np.testing.assert_allclose(p, [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], atol=1e-9)


def test_large_and_small_units_give_the_same() -> None:
    mean, sd = np.array([[1.0, 1.2]]), np.array([[0.3, 0.2]])
    np.testing.assert_allclose(normal_wins(mean * 1e9, sd * 1e9), normal_wins(mean, sd), atol=1e-4)
    np.testing.assert_allclose(normal_wins(mean * 1e-9, sd * 1e-9), normal_wins(mean, sd), atol=1e-4)


def test_masked_arms_get_nothing_even_if_broken() -> None:
    mean = np.array([[np.nan, 0.0, 0.0]])
    p = normal_wins(mean, np.ones((1, 3)), np.array([False, True, True]))
    np.testing.assert_allclose(p, [[0.0, 0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize(
    ("mean", "sd", "mask", "error"),
    [
        (np.zeros((1, 2)), np.ones((1, 3)), None, UsageError),
        (np.zeros(2), np.ones(2), None, UsageError),
        (np.zeros((1, 2)), np.array([[1.0, -1.0]]), None, DataError),
        (np.array([[0.0, np.inf]]), np.ones((1, 2)), None, DataError),
        (np.zeros((1, 2)), np.ones((1, 2)), np.array([True]), UsageError),
        (np.zeros((1, 2)), np.ones((1, 2)), np.zeros(2, bool), InfeasibleError),
    ],
)
def test_what_is_wrong_is_named(mean, sd, mask, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        normal_wins(mean, sd, mask)
