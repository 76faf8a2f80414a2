import numpy as np
import pytest
from scipy import sparse, special, stats

from adwright.predict.level import MIN_ROWS, forecast_level
from adwright.predict.rows import Rows


def rows(rate, *, n=600, trials=2000, seed=0):
    """n rows over 60 days with the rate of their day."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 60, n)).astype(float)
    y = rng.binomial(trials, rate(day))
    return Rows(
        sparse.csr_matrix((n, 1)),
        y.astype(float),
        np.full(n, float(trials)),
        np.arange(n),
        None,
        knows_content=True,
        time=day,
    )


def forecast(part):
    mean = np.full(len(part), special.logit(part.successes.sum() / part.trials.sum()))
    return forecast_level(part, mean, lambda m: stats.binom.logpmf(part.successes, part.trials, m))


def test_a_level_that_stands_still_is_left_alone():
    found = [forecast(rows(lambda day: np.full(len(day), 0.02), seed=seed)).half_life for seed in range(5)]
    assert np.isinf(found).sum() >= 4


def test_a_falling_level_is_followed_and_the_latest_rows_count_most():
    part = rows(lambda day: 0.04 * np.exp(-day / 30))
    found = forecast(part)
    assert found.half_life < 60 / 2 + 1
    assert found.weight[-1] == 1
    late = part.time > 50
    assert found.shift[late].mean() < -0.3


def test_forecasts_use_only_what_lies_before():
    """The outcomes of the last two days change places: every forecast stays, those for these days too."""
    part = rows(lambda day: 0.04 * np.exp(-day / 30))
    changed = part.take(np.arange(len(part)))
    last = np.flatnonzero(part.time >= part.time.max() - 1)
    changed.successes[last] = changed.successes[last][::-1]
    a, b = forecast(part), forecast(changed)
    assert np.array_equal(a.shift, b.shift)


@pytest.mark.parametrize("size", [MIN_ROWS - 1, 2])
def test_few_rows_keep_the_level_still(size):
    assert np.isinf(forecast(rows(lambda day: 0.04 * np.exp(-day / 30), n=size)).half_life)


def test_without_times_the_level_stands_still():
    part = rows(lambda day: 0.04 * np.exp(-day / 30))
    timeless = part.take(np.arange(len(part)))
    object.__setattr__(timeless, "time", None)
    assert np.isinf(forecast(timeless).half_life)
