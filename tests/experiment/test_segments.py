from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.experiment.segments import shrink


def test_equal_segments_all_become_the_whole() -> None:
    found = shrink([0.1, 0.1, 0.1], [0.2, 0.1, 0.3])
    assert found.tau == 0.0
    assert found.shrunk == pytest.approx(np.expm1([0.1] * 3))
    assert found.p == pytest.approx(1.0)


def test_precise_segments_keep_their_own_effect() -> None:
    found = shrink([0.0, 0.5, 1.0], [0.01, 0.01, 0.01])
    assert found.shrunk == pytest.approx(found.own, abs=0.01)
    assert found.p < 1e-6


def test_tau_solves_paule_and_mandels_equation() -> None:
    y, s = np.array([0.3, -0.2, 0.6, 0.1]), np.array([0.1, 0.15, 0.2, 0.1])
    tau2 = shrink(y, s).tau ** 2
    w = 1 / (s**2 + tau2)
    assert w @ (y - w @ y / w.sum()) ** 2 == pytest.approx(3.0)


def test_intervals_cover_the_segments_and_err_less_than_their_own_estimates() -> None:
    rng = np.random.default_rng(0)
    covered, own_error, shrunk_error = [], [], []
    for _ in range(400):
        truth = rng.normal(0.1, 0.1, 12)
        y = truth + rng.normal(0, 0.2, 12)
        found = shrink(y, np.full(12, 0.2))
        effect = np.expm1(truth)
        covered.append(np.mean((found.low <= effect) & (effect <= found.high)))
        own_error.append(np.mean((found.own - effect) ** 2))
        shrunk_error.append(np.mean((found.shrunk - effect) ** 2))
    assert 0.93 < np.mean(covered) < 0.99
    assert np.mean(shrunk_error) < 0.5 * np.mean(own_error)


def test_cochrans_q_has_its_chi_square_law() -> None:
    rng = np.random.default_rng(1)
    p = [shrink(rng.normal(0, 0.2, 6), np.full(6, 0.2)).p for _ in range(800)]
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_a_segment_without_data_stays_unknown() -> None:
    found = shrink([0.1, np.nan], [0.1, np.nan])
    assert np.isnan(found.shrunk[1])
    assert np.isfinite(found.shrunk[0])
    assert np.isnan(shrink([np.nan], [np.nan]).whole)
