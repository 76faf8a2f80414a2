"""Folding later outcomes into a fitted model."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.level import LevelState
from predict.synthetic_table import click_recipe, draw_table

START = datetime(2026, 1, 1, tzinfo=UTC)
FIT_DAYS, ALL_DAYS = 200, 300


def falling(seed=0):
    """Groups day by day; from day 120 on, the rate falls by half every 60 days."""
    frame, _ = draw_table(seed, n_groups=ALL_DAYS, level_sd=0.2, trials=8000)
    day = frame["day"].to_numpy()
    share = 0.5 ** (np.maximum(day - 120, 0) / 60)
    thinned = np.random.default_rng(seed).binomial(frame["y"].to_numpy(), share)
    at = [START + timedelta(days=int(d)) for d in day]
    return frame.with_columns(y=pl.Series(thinned), day=pl.Series(at), number=pl.Series(day))


FRAME = falling()
RECIPE = PredictRecipe.of(click_recipe(columns={"time_format": "iso"}))


@pytest.fixture(scope="module")
def fitted():
    recipe = click_recipe(columns={"time_format": "iso"}, split={"shares": [0.5, 0.1, 0.4, 0.0]})
    return Predictor.fit(FRAME.filter(pl.col("number") < FIT_DAYS), PredictRecipe.of(recipe))


def mean(predictor, frame):
    return float(predictor.score(frame).click.mean @ frame["n"].to_numpy() / frame["n"].sum())


def test_it_follows_a_falling_rate_and_ends_near_a_full_refit(fitted):
    """Day by day over 100 days: within 15 % of a fit on all; the old model is more than twice too high."""
    updated = fitted
    for day in range(FIT_DAYS, ALL_DAYS):
        updated = updated.update(FRAME.filter(pl.col("number") == day))
    recipe = click_recipe(columns={"time_format": "iso"}, split={"shares": [0.5, 0.1, 0.4, 0.0]})
    refit = Predictor.fit(FRAME, PredictRecipe.of(recipe))
    last = FRAME.filter(pl.col("number") >= ALL_DAYS - 10)
    assert mean(fitted, last) > 2 * mean(refit, last)
    assert mean(updated, last) == pytest.approx(mean(refit, last), rel=0.15)
    assert updated.trained_through == START + timedelta(days=ALL_DAYS - 1)
    assert updated.card["n_rows_updated_with"] == FRAME.filter(pl.col("number") >= FIT_DAYS).height


def test_all_at_once_is_the_same_as_day_by_day_when_nothing_is_forgotten():
    """The sums are additive; the intercept differs only as the rates' log-odds are not quite linear in it."""
    state = LevelState(500.0, 20_000.0, 0.0, float("inf"))
    y, n, m = np.array([30.0, 10.0, 55.0]), np.full(3, 1000.0), np.full(3, 0.025)
    once, rise = state.updated(y, n, m, np.array([1.0, 2.0, 3.0]))
    step, total = state, 0.0
    for i in range(3):
        moved = 1 / (1 + np.exp(-(np.log(m[i] / (1 - m[i])) + total)))
        step, up = step.updated(y[i : i + 1], n[i : i + 1], np.array([moved]), np.array([i + 1.0]))
        total += up
    assert (step.successes, step.trials, step.at) == (once.successes, once.trials, once.at)
    assert total == pytest.approx(rise, abs=0.002)


def test_what_orders_rows_and_the_spread_stay(fitted):
    later = FRAME.filter(pl.col("number") == FIT_DAYS)
    a, b = (p.score(FRAME[:200]).click for p in (fitted, fitted.update(later)))
    gap = np.log(b.mean / (1 - b.mean)) - np.log(a.mean / (1 - a.mean))
    assert np.ptp(gap) < 1e-9
    assert np.array_equal(a.level_sd, b.level_sd)


def test_an_outcome_never_counts_twice(fitted):
    later = FRAME.filter(pl.col("number") == FIT_DAYS)
    with pytest.raises(DataError, match="must not count twice"):
        fitted.update(later).update(later)


def test_an_updated_model_comes_back_from_its_folder(fitted, tmp_path):
    updated = fitted.update(FRAME.filter(pl.col("number") == FIT_DAYS))
    updated.save(tmp_path)
    again = Predictor.load(tmp_path)
    more = FRAME.filter(pl.col("number") == FIT_DAYS + 1)
    assert mean(again.update(more), more) == pytest.approx(mean(updated.update(more), more), rel=1e-12)
