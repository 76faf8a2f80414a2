"""Positions that are looked at with known probability."""

import numpy as np
import polars as pl
import pytest
from scipy import special

from adwright.errors import ConfigError, DataError
from adwright.predict import Predictor, PredictRecipe

THETA = {"1": 1.0, "2": 0.6, "3": 0.35, "4": 0.15}


def draw(seed=0, *, n=8000, trials=60, follow=0.0, theta=THETA):
    """(frame, true rates when seen): rows of a content in a position; `follow` puts the better contents on top."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, n)
    content = rng.integers(0, 200, n)
    quality = 0.4 * rng.standard_normal(200)
    rate = special.expit(np.array([-3.5, -3.0, -2.5, -2.0])[kind] + quality[content])
    place = special.logit(rate) * follow + rng.logistic(size=n)
    position = 3 - np.searchsorted(np.quantile(place, [0.25, 0.5, 0.75]), place)
    y = rng.binomial(trials, rate * np.array(list(theta.values()))[position])
    frame = pl.DataFrame(
        {
            "kind": [f"k{i}" for i in kind],
            "content": [f"c{i}" for i in content],
            "slot": position + 1,
            "n": np.full(n, trials),
            "y": y,
        }
    )
    return frame, rate


def recipe(position=None, **changes):
    table = {
        "columns": {"categorical": ["kind"], "content": "content"},
        "targets": {"click": {"trials": "n", "successes": "y"}},
        "model": {"kind": ["logistic"], "ridges": [1.0], "n_members": 2},
        **changes,
    }
    return PredictRecipe.of(table | ({} if position is None else {"position": position}))


def learned(model):
    return model.card["metrics"]["click"]["observed"]["propensity"]


@pytest.mark.parametrize("follow", [0.0, 1.0])
def test_propensities_are_learned_whether_places_are_random_or_by_quality(follow):
    frame, _ = draw(follow=follow)
    found = learned(Predictor.fit(frame, recipe({"column": "slot"})))
    for name, theta in THETA.items():
        assert found[name] == pytest.approx(theta, rel=0.1)


def test_raw_rates_would_mistake_good_contents_for_good_places():
    """What the learned ones are better than: the ratio of raw rates, where the better contents are on top."""
    frame, _ = draw(follow=1.0)
    rate = {
        str(k): v for k, v in frame.group_by("slot").agg(pl.col("y").sum() / pl.col("n").sum()).iter_rows()
    }
    found = learned(Predictor.fit(frame, recipe({"column": "slot"})))
    for name in ("2", "3", "4"):
        assert abs(found[name] - THETA[name]) < abs(rate[name] / rate["1"] - THETA[name])


@pytest.mark.parametrize("given", [{}, THETA])
def test_rates_are_those_of_being_seen(given):
    """The naive rate is that of the average position; corrected it is within 5 %, also kind by kind."""
    frame, truth = draw(follow=1.0)
    naive = Predictor.fit(frame, recipe()).score(frame).click.mean
    found = Predictor.fit(frame, recipe({"column": "slot", "propensity": given})).score(frame).click.mean
    assert naive.mean() < 0.8 * truth.mean()
    assert found.mean() == pytest.approx(truth.mean(), rel=0.07)
    gap = [
        abs(np.log(guess[rows].mean() / truth[rows].mean()))
        for guess in (found, naive)
        for rows in [(frame["kind"] == k).to_numpy() for k in ("k0", "k1", "k2", "k3")]
    ]
    assert max(gap[:4]) < 0.15
    assert max(gap[:4]) < min(gap[4:])


def test_one_label_a_row_learns_them_too():
    frame, truth = draw(n=60_000, trials=1)
    table = recipe({"column": "slot"}, targets={"click": {"label": "y"}})
    model = Predictor.fit(frame, table)
    found = learned(model)
    assert found["2"] == pytest.approx(0.6, rel=0.2)
    assert found["4"] == pytest.approx(0.15, rel=0.3)
    assert model.score(frame).click.mean.mean() == pytest.approx(truth.mean(), rel=0.1)


def test_scoring_needs_no_position_and_judging_uses_it(tmp_path):
    frame, _ = draw()
    model = Predictor.fit(frame, recipe({"column": "slot"}))
    model.save(tmp_path / "m")
    model = Predictor.load(tmp_path / "m")
    assert len(model.score(frame.drop("slot")).click.mean) == frame.height
    fresh, _ = draw(5)
    found = model.evaluate(fresh, n_boot=50)["targets"]["click"]
    assert found["mean_predicted"] == pytest.approx(found["mean_observed"], rel=0.1)
    low = model.evaluate(fresh.filter(pl.col("slot") == 4), n_boot=50)["targets"]["click"]
    assert low["mean_predicted"] == pytest.approx(low["mean_observed"], rel=0.15)
    assert low["mean_share_seen"] == pytest.approx(0.15, rel=0.15)


def test_a_position_without_propensity_is_an_error():
    frame, _ = draw(n=500)
    with pytest.raises(DataError, match=r"no propensity for this position.*'4'"):
        Predictor.fit(frame, recipe({"column": "slot", "propensity": {"1": 1.0, "2": 0.6, "3": 0.3}}))
    model = Predictor.fit(frame, recipe({"column": "slot"}))
    with pytest.raises(DataError, match=r"no propensity for this position.*9"):
        model.evaluate(frame.with_columns(slot=pl.lit(9)), n_boot=10)


def test_a_position_with_hardly_a_click_is_a_warning():
    frame, _ = draw(n=500, trials=10)
    model = Predictor.fit(frame, recipe({"column": "slot"}))
    assert any("in position" in line and "hardly known" in line for line in model.warnings)


@pytest.mark.parametrize("value", [0.0, 1.2])
def test_a_propensity_out_of_range_is_an_error(value):
    with pytest.raises(ConfigError, match="propensity"):
        recipe({"column": "slot", "propensity": {"1": value}})
