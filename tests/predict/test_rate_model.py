import numpy as np
import polars as pl
import pytest
from scipy import sparse, stats

from adwright.predict.models.model import FitData
from adwright.predict.rate_model import fit_beta_binomial, fit_rate_model
from adwright.predict.recipe import PredictRecipe
from adwright.predict.rows import Rows
from predict.synthetic_table import click_recipe, draw_table

CONFIG = PredictRecipe.of(click_recipe()).model


def rows(y, n, x=None, group=None, content=None, knows=True):
    size = len(y)
    x = np.zeros((size, 1)) if x is None else x
    content = np.arange(size) if content is None else content
    return Rows(sparse.csr_matrix(x), np.asarray(y, float), np.asarray(n, float), content, group, knows)


def fit(parts, **changes):
    train, tune, calibrate = parts
    data = FitData(
        train=train,
        tune=tune,
        config=changes.pop("config", CONFIG),
        roles={},
        rng=np.random.default_rng(0),
        progress=lambda _: None,
    )
    return fit_rate_model(
        data,
        calibrate,
        kinds=("logistic",),
        strangeness=lambda disagreement, _: np.zeros(len(disagreement)),
    )


def score(model, x):
    return model.score(x, pl.DataFrame())


def beta(model):
    return model.model.models["logistic"].beta


def draw(seed, slope=0.5, size=400, rate=0.03, trials=2000):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((size, 3))
    n = np.full(size, trials)
    y = rng.binomial(n, np.minimum(rate * np.exp(slope * x[:, 0]) * rng.gamma(30, 1 / 30, size), 1))
    return rows(y, n, x)


def test_expected_successes_on_calibrate_are_the_observed():
    """The intercept's definition, but for the one success at the training rate that is added."""
    parts = [draw(0), draw(1), draw(2, rate=0.06)]
    model = fit(parts)
    mean = model.mean(score(model, parts[2].x)[0], pl.DataFrame())
    assert mean @ parts[2].trials == pytest.approx(parts[2].successes.sum(), rel=1e-3)


def test_the_slope_undoes_what_the_ridge_shrank():
    parts = [draw(i) for i in range(3)]
    for ridge in (1.0, 3000.0):
        config = PredictRecipe.of(click_recipe(model={"ridges": [ridge]})).model
        model = fit(parts, config=config)
        assert model.slope * beta(model)[0, 0] == pytest.approx(0.5, abs=0.08)


def test_features_that_say_nothing_get_predictions_that_hardly_differ():
    model = fit([draw(i, slope=0.0) for i in range(3)])
    spread = np.std(model.slope * score(model, draw(9).x)[0])
    assert spread < 0.03


def test_the_slope_is_never_negative():
    parts = [draw(0, slope=0.8), draw(1, slope=0.8), draw(2, slope=-0.8, size=2000)]
    assert fit(parts).slope == 0.0


def test_tempering_keeps_one_huge_content_from_deciding():
    """Two words, equally good; one content of the first had a thousand times the traffic and bad luck."""
    rng = np.random.default_rng(4)
    x = np.repeat(np.eye(2), 40, axis=0)
    n = np.full(80, 2000.0)
    n[0] = 2_000_000
    y = rng.binomial(n.astype(int), 0.03 * rng.gamma(20, 1 / 20, 80)).astype(float)
    y[0] = round(0.02 * n[0])
    part = rows(y, n, x)
    config = PredictRecipe.of(click_recipe(model={"ridges": [1.0]})).model
    model = fit([part, part, part], config=config)
    assert abs(np.diff(beta(model)[0])[0]) < 0.2 < np.log(0.03 / 0.02)


def test_one_class_is_a_constant_and_says_so():
    part = rows(np.zeros(50), np.full(50, 100))
    model = fit([part, part, part])
    assert "the rate is a constant" in model.notes[0]
    mean = model.mean(score(model, part.x)[0], pl.DataFrame())
    assert np.ptp(mean) == 0
    assert 0 < mean[0] < 1e-3


def test_one_label_a_row_without_content_is_unknown_and_says_why():
    rng = np.random.default_rng(5)
    part = rows(rng.integers(0, 2, 200), np.ones(200), knows=False)
    model = fit([part, part, part])
    assert np.isnan(model.rate(np.zeros(3), pl.DataFrame(), strangeness=np.zeros(3)).k).all()
    assert any("cannot be known" in note for note in model.notes)


def test_too_few_successes_on_tune_are_said():
    quiet = rows(np.r_[1, np.zeros(19)], np.full(20, 10), np.zeros((20, 3)))
    model = fit([draw(0), quiet, draw(2)])
    assert any("too few to choose" in note for note in model.notes)


def test_the_beta_binomial_is_at_the_top_of_its_likelihood():
    rng = np.random.default_rng(6)
    n = rng.integers(500, 2000, 300)
    y = rng.binomial(n, rng.beta(0.02 * 150, 0.98 * 150, 300))
    mean, total = fit_beta_binomial(y.astype(float), n.astype(float))

    def at(m, t):
        return stats.betabinom.logpmf(y, n, m * t, (1 - m) * t).sum()

    best = at(mean, total)
    assert all(best >= at(mean * a, total * b) for a in (0.98, 1, 1.02) for b in (0.9, 1, 1.1))


def test_members_disagree_where_training_had_little_to_say():
    rng = np.random.default_rng(7)
    seen = np.zeros((600, 2))
    seen[:, 0] = rng.integers(0, 2, 600)
    seen[:6, 1] = 1
    n = np.full(600, 500)
    part = rows(rng.binomial(n, 0.05), n, seen)
    config = PredictRecipe.of(click_recipe(model={"ridges": [1.0], "n_members": 6})).model
    model = fit([part, part, part], config=config)
    common, rare = score(model, sparse.csr_matrix(np.eye(2)))[1]
    assert rare > 2 * common


def test_drawn_tables_give_their_words_effects_back():
    frame, mean = draw_table(3, n_groups=150)
    x = np.stack([[float(w in t.split()) for t in frame["text"]] for w in ("wonderful", "boring")], axis=1)
    group = np.unique(frame["test"].to_numpy(), return_inverse=True)[1]
    part = rows(frame["y"].to_numpy(), frame["n"].to_numpy(), x, group=group)
    config = PredictRecipe.of(click_recipe(model={"ridges": [1.0]})).model
    model = fit([part, part, part], config=config)
    assert model.slope * beta(model)[0] == pytest.approx([0.35, -0.35], abs=0.07)
    assert mean.mean() > 0
