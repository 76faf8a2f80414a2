from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from adwright.errors import DataError, UsageError
from adwright.experiment.adjustment import adjust_outcome, winsorise


def test_the_difference_of_the_arms_keeps_its_meaning_and_its_variance_falls() -> None:
    rng = np.random.default_rng(0)
    raw, adjusted = [], []
    for _ in range(60):
        x = rng.normal(size=(1000, 4))
        arms = rng.integers(0, 2, 1000)
        y = x @ [1.0, 0.5, 0.0, 0.0] + 0.3 * arms + rng.normal(size=1000)
        found = adjust_outcome(y, x, arms=arms, rng=rng).outcome
        for values, into in ((y, raw), (found, adjusted)):
            into.append(values[arms == 1].mean() - values[arms == 0].mean())
    assert np.mean(adjusted) == pytest.approx(0.3, abs=4 * np.std(adjusted) / 60**0.5)
    assert np.var(adjusted) < 0.7 * np.var(raw)


def test_covariates_that_say_nothing_do_no_harm() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=2000)
    found = adjust_outcome(y, rng.normal(size=(2000, 20)), arms=np.arange(2000) % 2, rng=rng)
    assert -0.02 < found.explained < 0.02


def test_a_fold_is_predicted_by_a_ridge_that_never_saw_it() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, 2))
    y = x @ [1.0, -1.0] + rng.normal(size=400)
    found = adjust_outcome(y, x, arms=np.zeros(400), rng=np.random.default_rng(7), n_folds=4)
    fold = np.random.default_rng(7).permutation(400) % 4
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    predicted = np.zeros(400)
    for one in range(4):
        inside = fold != one
        a, b = standard[inside] - standard[inside].mean(axis=0), y[inside] - y[inside].mean()
        # at these sample sizes the least penalty wins in every fold
        d2 = np.linalg.svd(a, compute_uv=False) ** 2
        ridge = Ridge(alpha=1e-3 * d2.mean(), fit_intercept=False).fit(a, b)
        predicted[~inside] = ridge.predict(standard[~inside])
    assert found.outcome == pytest.approx(y - (predicted - predicted.mean()), abs=0.02)


def test_gaps_take_the_mean_and_constant_columns_do_nothing() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(500, 3))
    x[::7, 0], x[:, 2] = np.nan, 1.0
    found = adjust_outcome(rng.normal(size=500), x, arms=np.arange(500) % 2, rng=rng)
    assert np.all(np.isfinite(found.outcome))


def test_the_cap_is_common_to_all_arms() -> None:
    values, cap = winsorise(np.arange(1001.0), quantile=0.9)
    assert (cap, values.max()) == (900.0, 900.0)
    with pytest.raises(UsageError, match="quantile"):
        winsorise([1.0], quantile=0.0)


def test_bad_rows_are_named() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(DataError, match="too few units"):
        adjust_outcome([1.0, 2.0], [[1.0], [2.0]], arms=[0, 1], rng=rng)
    with pytest.raises(DataError, match="do not fit"):
        adjust_outcome([np.nan] * 60, np.ones((60, 1)), arms=np.zeros(60), rng=rng)
