"""The reliability diagram."""

from __future__ import annotations

import numpy as np

from adwright.stats.reliability import reliability


def test_bins_cover_calibrated_predictions_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    inside, total = 0, 0
    for _ in range(60):
        mean = rng.uniform(0.01, 0.2, 400)
        trials = np.full(400, 500.0)
        k = 20.0  # each row has a rate of its own around the prediction
        successes = rng.binomial(500, np.minimum(mean * rng.gamma(k, 1 / k, 400), 1)).astype(float)
        bins = reliability(mean, successes, trials)
        inside += sum(b.low <= b.predicted <= b.high for b in bins)
        total += len(bins)
    share = inside / total
    # 600 bins: three standard errors are 2.7 %; widening by rows within a bin errs on the safe side
    assert 0.95 - 0.027 <= share <= 0.999


def test_all_rows_are_in_exactly_one_bin() -> None:
    mean = np.array([0.1] * 50 + [0.2] * 3 + [0.3])
    bins = reliability(mean, np.ones(54), np.full(54, 10.0))
    assert sum(b.n for b in bins) == 54


def test_overconfident_predictions_fall_outside() -> None:
    rng = np.random.default_rng(4)
    truth = rng.uniform(0.05, 0.15, 2000)
    mean = 0.1 + 3 * (truth - 0.1)
    bins = reliability(
        np.clip(mean, 0.001, 1), rng.binomial(1000, truth).astype(float), np.full(2000, 1000.0)
    )
    assert not bins[0].low <= bins[0].predicted <= bins[0].high
    assert not bins[-1].low <= bins[-1].predicted <= bins[-1].high
