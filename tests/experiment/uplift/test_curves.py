from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.experiment.uplift import gain_curve


def test_a_perfect_ordering_of_ones_and_zeros_has_the_areas_of_a_triangle_and_a_box() -> None:
    scores = np.repeat([1.0, 0.0], 500)
    curve = gain_curve(scores, np.linspace(1.0, 0.0, 1000), n_points=5)
    assert [p.value for p in curve.gain] == pytest.approx([0.0, 0.25, 0.5, 0.5, 0.5], abs=1e-12)
    assert curve.auuc.value == pytest.approx(0.375, abs=1e-3)  # 0.5 x 0.5 / 2 + 0.5 x 0.5
    assert curve.qini.value == pytest.approx(0.125, abs=1e-3)


def test_qini_of_the_reversed_ordering_is_its_negative_and_of_no_ordering_zero() -> None:
    rng = np.random.default_rng(0)
    scores, by = rng.normal(size=300), rng.normal(size=300)
    assert gain_curve(scores, -by).qini.value == pytest.approx(-gain_curve(scores, by).qini.value)
    assert gain_curve(scores, np.zeros(300)).qini.value == pytest.approx(0.0, abs=1e-12)


def test_the_area_is_the_mean_of_the_curve() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0.2, 1.0, size=400)
    curve = gain_curve(scores, rng.normal(size=400), n_points=401)
    heights = [p.value for p in curve.gain]
    assert curve.auuc.value == pytest.approx(np.trapezoid(heights, curve.shares), abs=1e-3)
    assert curve.qini.value == pytest.approx(curve.auuc.value - curve.effect.value / 2)


def test_the_interval_of_qini_covers_the_truth() -> None:
    """Effect x, ordering by x + noise: qini = cov(x, F(s)) = 1 / (2 sqrt(pi)) / sqrt(2) for unit normals.

    500 samples: 95 % less three standard errors is 92 %.
    """
    rng, inside = np.random.default_rng(2), 0
    truth = 1.0 / (2.0 * np.sqrt(np.pi)) / np.sqrt(2.0)
    for _ in range(500):
        x = rng.normal(size=300)
        curve = gain_curve(x + rng.normal(0, 2.0, 300), x + rng.normal(size=300), n_points=2)
        inside += curve.qini.low <= truth <= curve.qini.high
    assert 0.92 * 500 <= inside <= 0.98 * 500


def test_the_pointwise_interval_of_the_gain_covers() -> None:
    """Effect x, ordered by x: gain(1/2) is the normal density at 0."""
    rng, inside = np.random.default_rng(3), 0
    truth = 1.0 / np.sqrt(2.0 * np.pi)
    for _ in range(400):
        x = rng.normal(size=400)
        point = gain_curve(x + rng.normal(0, 1.0, 400), x, n_points=3).gain[1]
        inside += point.low <= truth <= point.high
    assert inside >= 0.915 * 400


def test_bad_input_is_named() -> None:
    with pytest.raises(DataError, match="lengths"):
        gain_curve([1.0, 2.0], [1.0])
    with pytest.raises(DataError, match="finite"):
        gain_curve([1.0, np.nan], [1.0, 2.0])
