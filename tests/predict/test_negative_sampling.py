from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import special

from adwright.errors import ConfigError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.observation.sampling import from_sampled, log_slope, to_sampled
from predict.synthetic_table import click_recipe, draw_table


def draw(seed=0, n=60_000):
    """(frame, true rates) of clicks at some 4 %."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, n)
    rate = special.expit(np.array([-4.5, -3.5, -3.0, -2.5])[kind])
    y = (rng.random(n) < rate).astype(int)
    return pl.DataFrame({"kind": [f"k{i}" for i in kind], "y": y}), rate


def recipe(**target):
    return PredictRecipe.of(
        {
            "columns": {"categorical": ["kind"]},
            "targets": {"click": {"label": "y", **target}},
            "model": {"kind": ["logistic"], "ridges": [0.3], "n_members": 2},
        }
    )


def sampled(frame, share, seed=1):
    kept = np.random.default_rng(seed).random(frame.height) < share
    return frame.filter((frame["y"] == 1) | pl.Series(kept))


def test_the_formula_is_bayes_theorem():
    """P(y = 1 | kept) = p / (p + (1 - p) w), and back, on a grid."""
    p, w = np.linspace(0.001, 0.999, 99), 0.07
    kept = p / (p + (1 - p) * w)
    assert to_sampled(p, w) == pytest.approx(kept, rel=1e-12)
    assert from_sampled(kept, w) == pytest.approx(p, rel=1e-12)
    assert special.logit(from_sampled(kept, w)) == pytest.approx(special.logit(kept) + np.log(w))


@pytest.mark.parametrize("share", [0.3, 0.05])
def test_rates_are_those_of_the_whole(share):
    """From a sample without most failures: each kind's rate within three standard errors of its some 100 to 750
    clicks on calibrate; without the correction they are several times too high."""
    frame, truth = draw()
    part = sampled(frame, share)
    right = Predictor.fit(part, recipe(negative_rate=share)).score(frame).click.mean
    wrong = Predictor.fit(part, recipe()).score(frame).click.mean
    assert right.mean() == pytest.approx(truth.mean(), rel=0.12)
    assert wrong.mean() > 2 * truth.mean()
    for kind in ("k0", "k1", "k2", "k3"):
        rows = (frame["kind"] == kind).to_numpy()
        assert right[rows].mean() == pytest.approx(truth[rows].mean(), rel=0.3)


def test_the_sample_is_judged_as_a_sample_and_the_whole_needs_another_recipe(tmp_path):
    frame, _ = draw()
    part = sampled(frame, 0.1)
    model = Predictor.fit(part, recipe(negative_rate=0.1))
    found = model.evaluate(part, n_boot=50)["targets"]["click"]
    assert found["mean_predicted"] == pytest.approx(found["mean_observed"], rel=0.1)
    assert found["mean_observed"] > 0.2
    model.save(tmp_path / "m")
    again = Predictor.load(tmp_path / "m")
    assert np.array_equal(again.score(frame).click.mean, model.score(frame).click.mean)


def test_a_relative_spread_is_larger_in_the_whole_than_in_the_sample():
    """By d log p / d log q, here from differences; contents' variance by its square, so that k is smaller."""
    q, w, step = np.array([0.005, 0.02, 0.1]), 0.1, 1e-6
    numeric = (np.log(to_sampled(q * (1 + step), w)) - np.log(to_sampled(q, w))) / np.log1p(step)
    assert log_slope(q, w) == pytest.approx(numeric, rel=1e-4)
    frame, _ = draw_table(0, n_groups=60, rate=0.01)
    part = frame.with_columns(n=pl.col("y") + ((pl.col("n") - pl.col("y")) * w).round().cast(pl.Int64))
    table = click_recipe(model={"kind": ["logistic"], "ridges": [30.0], "n_members": 2})
    table["targets"] = {"click": {**table["targets"]["click"], "negative_rate": w}}
    predictor = Predictor.fit(part, PredictRecipe.of(table))
    model = predictor.parts.rates["click"]
    assert model.effects.family == "gamma"
    none = np.zeros(3)
    whole = model.rate(none, part.head(3), strangeness=none)
    same = replace(model, negative_rate=1.0).rate(none, part.head(3), strangeness=none)
    assert whole.k == pytest.approx(same.k * log_slope(whole.mean, w) ** 2, rel=1e-9)
    assert (whole.level_sd > 1.05 * same.level_sd).all()
    back = predictor.parts.observations["click"].as_observed(whole, np.ones(3))
    assert back.mean == pytest.approx(same.mean, rel=1e-9)
    assert back.k == pytest.approx(same.k, rel=1e-9)
    assert back.level_sd == pytest.approx(same.level_sd, rel=0.05)


def test_an_update_counts_failures_as_sampled():
    frame, truth = draw(n=40_000)
    model = Predictor.fit(sampled(frame, 0.1), recipe(negative_rate=0.1))
    fresh, _ = draw(7, n=40_000)
    moved = model.update(sampled(fresh, 0.1, seed=8))
    assert moved.score(frame).click.mean.mean() == pytest.approx(truth.mean(), rel=0.1)


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0])
def test_no_share_is_an_error(share):
    with pytest.raises(ConfigError, match="negative_rate"):
        recipe(negative_rate=share)
