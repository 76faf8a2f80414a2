import numpy as np
import polars as pl

from adwright.predict import Predictor, PredictRecipe
from adwright.stats.ranking import auc


def labels(seed=0, n=4000):
    """A label that hangs on two columns jointly: what a linear model cannot see."""
    rng = np.random.default_rng(seed)
    a, b = rng.choice(["x", "y"], n), rng.choice(["u", "v"], n)
    p = np.where((a == "x") == (b == "u"), 0.6, 0.2)
    return pl.DataFrame({"a": a, "b": b, "z": rng.standard_normal(n), "click": rng.random(n) < p}), p


def recipe(kind):
    return PredictRecipe.of(
        {
            "columns": {"categorical": ["a", "b"], "numeric": ["z"]},
            "targets": {"click": {"label": "click"}},
            "model": {"kind": kind, "ridges": [1.0, 10.0], "n_members": 2},
        }
    )


def test_trees_see_what_two_columns_say_jointly():
    frame, _ = labels()
    fresh, truth = labels(1)
    found = {
        kind: Predictor.fit(frame, recipe([kind])).score(fresh).click.mean for kind in ("gbdt", "logistic")
    }
    y = fresh["click"].to_numpy().astype(float)
    assert auc(found["gbdt"], y)[0] > auc(truth, y)[0] - 0.01
    assert auc(found["logistic"], y)[0] < 0.55
    error = {kind: np.abs(mean - truth).mean() for kind, mean in found.items()}
    assert error["gbdt"] < error["logistic"] / 2


def test_one_class_is_a_constant_and_says_so():
    frame, _ = labels(n=400)
    predictor = Predictor.fit(frame.with_columns(click=pl.lit(value=False)), recipe(["gbdt"]))
    assert any("the rate is a constant" in warning for warning in predictor.warnings)
    assert np.ptp(predictor.score(frame).click.mean) == 0


def test_rare_successes_of_many_trials_teach_trees():
    """Some 10,000 impressions a row and a rate of 2 to 20 in 100,000: a row tells little of its rate's scale, and
    all of what its trials tell counts."""
    rng = np.random.default_rng(3)
    a = rng.integers(0, 4, 1200)
    truth = np.array([2e-5, 5e-5, 1e-4, 2e-4])[a]
    n = rng.integers(5_000, 20_000, 1200)
    frame = pl.DataFrame({"a": [f"a{i}" for i in a], "n": n, "y": rng.binomial(n, truth)})
    table = {
        "columns": {"categorical": ["a"]},
        "targets": {"click": {"trials": "n", "successes": "y"}},
        "model": {"kind": ["gbdt"]},
    }
    found = Predictor.fit(frame, PredictRecipe.of(table)).score(frame).click.mean
    by_kind = np.array([np.log(found[a == i].mean() / truth[a == i][0]) for i in range(4)])
    assert np.abs(by_kind).max() < 0.3
