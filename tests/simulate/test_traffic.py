from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from adwright.simulate.catalogue import categories
from adwright.simulate.traffic import (
    CHANNELS,
    POSITION_SHARE,
    day_start,
    draw_order_delays,
    draw_positions,
    draw_return_delays,
    draw_times_of_day,
    season,
)


def test_a_year_of_season_averages_to_one_and_peaks_in_its_month() -> None:
    days = np.arange("2023-01-01", "2027-01-01", dtype="datetime64[D]").astype("datetime64[us]")
    for index, category in enumerate(categories()):
        factor = season(days, np.full(len(days), index))
        assert factor.mean() == pytest.approx(1.0, abs=0.01)
        if category.peak_month:
            month = days.astype("datetime64[M]").astype(int) % 12 + 1
            means = [factor[month == m].mean() for m in range(1, 13)]
            assert int(np.argmax(means)) + 1 == category.peak_month


def test_saturdays_are_busier_than_wednesdays() -> None:
    unseasonal = next(i for i, c in enumerate(categories()) if not c.peak_month)
    wednesday, saturday = np.array(["2025-06-04", "2025-06-07"], dtype="datetime64[us]")
    assert (
        season(np.array([saturday]), np.array([unseasonal]))[0]
        > season(np.array([wednesday]), np.array([unseasonal]))[0]
    )


def test_position_bias_falls_and_averages_to_one() -> None:
    for seed in range(5):
        positions = draw_positions(np.random.default_rng(seed))
        np.testing.assert_allclose((positions.share * positions.bias).sum(axis=1), 1.0)
        for h, channel in enumerate(CHANNELS):
            n = len(POSITION_SHARE[channel])
            assert np.all(np.diff(positions.bias[h, :n]) < 0)
            gamma = -np.diff(np.log(positions.bias[h, :n])) / np.diff(np.log(np.arange(1, n + 1)))
            assert np.all((gamma > 0.4 - 1e-9) & (gamma < 1.0 + 1e-9))


def test_delays_are_positive_and_have_the_stated_medians() -> None:
    orders = draw_order_delays(20_000, rng=np.random.default_rng(0)) / np.timedelta64(1, "h")
    returns = draw_return_delays(20_000, rng=np.random.default_rng(0)) / np.timedelta64(1, "D")
    assert orders.min() >= 1 / 61
    assert orders.max() <= 14 * 24
    assert np.median(orders) == pytest.approx(5.0, rel=0.06)
    assert returns.min() >= 1
    assert returns.max() <= 45
    assert np.median(returns) == pytest.approx(9.0, rel=0.03)


def test_times_lie_on_the_utc_day_that_was_asked_for() -> None:
    east = datetime(2025, 6, 2, 3, tzinfo=timezone(timedelta(hours=8)))  # still 1 June in UTC
    assert day_start(east) == day_start(date(2025, 6, 1)) == day_start(datetime(2025, 6, 1, 23, tzinfo=UTC))
    times = draw_times_of_day(east, 1000, rng=np.random.default_rng(0))
    assert np.all(times.astype("datetime64[D]") == np.datetime64("2025-06-01"))
