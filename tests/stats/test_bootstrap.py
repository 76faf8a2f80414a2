import numpy as np
import pytest

from adwright.errors import DataError
from adwright.stats.bootstrap import cluster_bootstrap, ratio


def test_interval_of_a_mean_has_the_standard_error_of_the_clusters():
    """Closed form: the mean of G cluster means has variance s^2 / G when clusters are of one size."""
    rng = np.random.default_rng(1)
    means = rng.standard_normal(200)
    y = np.repeat(means, 5)
    found = cluster_bootstrap(
        ratio(y, np.ones_like(y)), np.repeat(np.arange(200), 5), rng=np.random.default_rng(2), n_boot=2000
    )
    expected = means.std() / np.sqrt(200)
    assert found.value == pytest.approx(means.mean())
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(expected, rel=0.06)
    assert (found.n, found.n_clusters) == (1000, 200)


def test_rows_of_one_cluster_are_drawn_together():
    seen = []

    def statistic(weights):
        seen.append(weights)
        return weights.sum(axis=1)

    cluster_bootstrap(statistic, np.array([0, 0, 1, 1, 2]), rng=np.random.default_rng(0), n_boot=50)
    weights = np.concatenate(seen)
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.array_equal(weights[:, 2], weights[:, 3])
    assert np.all(weights[:, [0, 2, 4]].sum(axis=1) == 3)


def test_chunks_give_what_one_piece_gives(monkeypatch):
    y = np.random.default_rng(0).random(40)
    whole = cluster_bootstrap(ratio(y, np.ones(40)), np.arange(40), rng=np.random.default_rng(5))
    monkeypatch.setattr("adwright.stats.bootstrap._CELLS_AT_ONCE", 100)
    pieces = cluster_bootstrap(ratio(y, np.ones(40)), np.arange(40), rng=np.random.default_rng(5))
    assert (pieces.low, pieces.high) == pytest.approx((whole.low, whole.high))


def test_one_cluster_has_a_value_and_no_interval():
    found = cluster_bootstrap(ratio(np.ones(3), np.ones(3)), np.zeros(3), rng=np.random.default_rng(0))
    assert found.value == 1.0
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_undefined_everywhere_has_no_interval():
    found = cluster_bootstrap(ratio(np.zeros(4), np.zeros(4)), np.arange(4), rng=np.random.default_rng(0))
    assert np.isnan(found.value)
    assert np.isnan(found.low)


def test_centring_removes_the_bias_of_resampling_a_square():
    """The squared mean of noise: resamples are too large by one variance, centred ones are not."""
    y = np.random.default_rng(3).standard_normal(100) + 1.0

    def squared(weights):
        mean = weights @ y / weights.sum(axis=1)
        variance = (weights @ y**2 / weights.sum(axis=1) - mean**2) / 99
        return mean**2 - variance

    found = cluster_bootstrap(
        squared, np.arange(100), rng=np.random.default_rng(4), n_boot=4000, centred=True
    )
    half = (found.high - found.low) / 2
    assert (found.high + found.low) / 2 == pytest.approx(found.value, abs=0.15 * half)


def test_no_rows_is_an_error():
    with pytest.raises(DataError, match="no rows"):
        cluster_bootstrap(ratio(np.zeros(0), np.zeros(0)), np.zeros(0), rng=np.random.default_rng(0))
