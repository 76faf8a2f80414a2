"""Finite-sample coverage by simulation, with a model of the spread that is wrong on purpose."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.conformal import ConformalBand, fit_conformal
from adwright.predict.rows import Rows
from adwright.schema import Rate
from adwright.stats.rates import successes_interval
from predict.synthetic_table import click_recipe, draw_table


def draw(rng, n_groups, *, rate=0.03, level_sd=0.5, k=20.0):
    """(mean, rows): groups of 1 to 12 contents; small groups have louder levels, so groups, not rows, are alike."""
    size = rng.integers(1, 13, n_groups)
    group = np.repeat(np.arange(n_groups), size)
    mean = np.minimum(rate * np.exp(0.3 * rng.standard_normal(len(group))), 0.9)
    sd = level_sd * np.where(size < 4, 1.6, 0.6)
    latent = mean * np.exp(sd * rng.standard_normal(n_groups))[group] * rng.gamma(k, 1 / k, len(group))
    trials = rng.integers(50, 5000, len(group))
    y = rng.binomial(trials, np.minimum(latent, 1.0))
    return mean, Rows(
        sparse.csr_matrix((len(y), 1)),
        y.astype(float),
        trials.astype(float),
        np.arange(len(y)),
        group,
        knows_content=True,
    )


def rate_of(mean, *, k=1e6, level_sd=0.0, family="gamma"):
    n = len(mean)
    return Rate(mean=mean, k=np.full(n, k), level_sd=np.full(n, level_sd), family=family)


@pytest.mark.parametrize(
    ("rate", "family", "k"), [(0.03, "gamma", 1e6), (0.03, "gamma", float("nan")), (0.3, "logistic", 1e6)]
)
def test_a_content_of_a_new_group_is_covered_whatever_the_model_says(rate, family, k):
    """1,500 times: a band from 59 groups, and one content of a new one. The model knows of no spread at all, so
    its own interval covers less than half; the conformal one covers at least 90 % less two standard errors
    (0.8 % each), and is not wasteful: at most 97 %."""
    rng = np.random.default_rng(0)
    ours, own = [], []
    for _ in range(1500):
        mean, rows = draw(rng, 60, rate=rate)
        last = rows.group == 59
        band = fit_conformal(rate_of(mean[~last], k=k, family=family), rows.take(~last))
        one = rng.choice(np.flatnonzero(last))
        seen = rate_of(mean[[one]], k=k, family=family)
        low, high = band.interval(seen, rows.trials[[one]])
        ours.append(low[0] <= rows.successes[one] <= high[0])
        low, high = successes_interval(rate_of(mean[[one]], family=family), rows.trials[[one]])
        own.append(low[0] <= rows.successes[one] <= high[0])
    assert 0.9 - 0.016 <= np.mean(ours) <= 0.97
    assert np.mean(own) < 0.5


def test_a_right_model_gets_about_its_own_interval():
    """Where the spread is what the model says, both intervals are about as wide."""
    rng = np.random.default_rng(1)
    n = 4000
    mean = np.full(n, 0.02)
    trials = rng.integers(2000, 9000, n).astype(float)
    y = rng.binomial(trials.astype(int), mean * rng.gamma(30, 1 / 30, n)).astype(float)
    rows = Rows(sparse.csr_matrix((n, 1)), y, trials, np.arange(n), None, knows_content=True)
    rate = rate_of(mean, k=30.0)
    low, high = fit_conformal(rate, rows).interval(rate, trials)
    own_low, own_high = successes_interval(rate, trials)
    assert np.median((high - low) / (own_high - own_low)) == pytest.approx(1.0, abs=0.06)


def test_a_group_counts_once_however_large():
    """One group of 500 contents with huge counts among 40 of one: it does not widen the band."""
    rng = np.random.default_rng(2)
    group = np.r_[np.arange(40), np.full(500, 40)]
    trials = np.full(540, 1000.0)
    y = rng.binomial(1000, 0.03, 540).astype(float)
    y[40:] *= 4
    rows = Rows(sparse.csr_matrix((540, 1)), y, trials, np.arange(540), group, knows_content=True)
    rate = rate_of(np.full(540, 0.03))
    high = fit_conformal(rate, rows).interval(rate, trials)[1][0]
    assert high < 60


@pytest.mark.parametrize(("n_groups", "enough"), [(18, False), (19, True)])
def test_too_few_groups_promise_nothing(n_groups, enough):
    """2 / 0.1 - 1 = 19 groups are needed for 90 % with both tails held."""
    rng = np.random.default_rng(3)
    mean, rows = draw(rng, n_groups)
    band = fit_conformal(rate_of(mean), rows)
    assert np.isfinite([band.low, band.high]).all() == enough
    low, high = band.interval(rate_of(mean), rows.trials)
    assert ((low == 0) & (high == rows.trials)).all() != enough
    assert ConformalBand.from_json(band.to_json()) == band


def test_rows_of_one_content_are_one_count():
    rng = np.random.default_rng(4)
    mean, rows = draw(rng, 40)
    half = np.floor(rows.trials / 2)
    y = rng.binomial(half.astype(int), 0.03).astype(float)
    y = np.minimum(y, rows.successes)
    parts = Rows(
        sparse.csr_matrix((2 * len(y), 1)),
        np.r_[y, rows.successes - y],
        np.r_[half, rows.trials - half],
        np.r_[rows.content, rows.content],
        np.r_[rows.group, rows.group],
        knows_content=True,
    )
    whole, cut = fit_conformal(rate_of(mean), rows), fit_conformal(rate_of(np.r_[mean, mean]), parts)
    assert [cut.low, cut.high] == pytest.approx([whole.low, whole.high], abs=1e-9)


# --- through the predictor --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted():
    frame, _ = draw_table(0, n_groups=300)
    return frame, Predictor.fit(frame, PredictRecipe.of(click_recipe(calibration={"conformal": True})))


def test_intervals_stand_beside_the_models_own_and_survive_saving(fitted, tmp_path):
    frame, model = fitted
    model.save(tmp_path / "m")
    scored = Predictor.load(tmp_path / "m").score_frame(frame)
    assert {"k_low", "k_high", "k_low_conformal", "k_high_conformal"} < set(scored.columns)
    assert scored.equals(model.score_frame(frame))
    assert "k_low_conformal" not in model.score_frame(frame.drop("n", "y")).columns


def test_both_coverages_are_evaluated_in_and_out_of_domain(fitted):
    _, model = fitted
    fresh, _ = draw_table(9, n_groups=150)
    found = model.evaluate(fresh, n_boot=50)["targets"]["click"]
    for name in ("coverage_90", "coverage_90_conformal"):
        assert found[name]["all"]["value"] == pytest.approx(0.9, abs=0.06)
        sides = found[name]["by_domain"]
        assert sides["inside"]["n"] + sides["outside"]["n"] == found["n_rows"]
        assert found[name]["width_over_expected"] > 0


def test_each_segment_is_judged(fitted):
    _, model = fitted
    fresh, _ = draw_table(9, n_groups=60)
    rng = np.random.default_rng(0)
    fresh = fresh.with_columns(place=pl.Series(rng.choice(["top", "side"], fresh.height)))
    found = model.evaluate(fresh, n_boot=50, by=["place"])["targets"]["click"]["by_segment"]
    assert set(found) == {"top", "side"}
    assert sum(part["n_rows"] for part in found.values()) == fresh.height
    for part in found.values():
        assert part["coverage_90"]["n"] == part["n_rows"]
        assert part["coverage_90_conformal"]["value"] > 0.7
        assert len(part["calibration_curve"]) > 3
    with pytest.raises(DataError, match="plaec"):
        model.evaluate(fresh, by=["plaec"])


def test_one_label_a_row_without_content_says_why_there_is_none():
    frame, _ = draw_table(5, n_groups=60)
    rng = np.random.default_rng(0)
    frame = frame.with_columns(hit=pl.Series(rng.integers(0, 2, frame.height)))
    recipe = click_recipe(calibration={"conformal": True})
    recipe["targets"] = {"click": {"label": "hit"}}
    recipe["columns"] = {"text": ["text"], "time": "day", "time_format": "ordinal"}
    model = Predictor.fit(frame, PredictRecipe.of(recipe))
    assert any("no counts for conformal intervals" in line for line in model.warnings)
