import numpy as np
import polars as pl
import pytest
from scipy import sparse

from adwright.predict.model_config import ModelConfig
from adwright.predict.models import blend as module
from adwright.predict.models.blend import fit_blend
from adwright.predict.models.logistic import LinearScore
from adwright.predict.models.model import Fit, FitData
from adwright.predict.rows import Rows


class Fixed:
    """A model whose score is one column of the features."""

    def __init__(self, name, column):
        self.name, self.column = name, column

    def fit(self, data):
        beta = np.zeros((3, data.train.x.shape[1]))
        beta[:, self.column] = 1
        return Fit(LinearScore(beta, 1.0), np.asarray(data.tune.x @ beta[0]))


@pytest.fixture
def named(monkeypatch):
    kinds = {f"m{i}": Fixed(f"m{i}", i) for i in range(3)}
    monkeypatch.setattr(module, "model_named", kinds.__getitem__)


def data(effects, n=4000, seed=0, trials=400):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    y = rng.binomial(trials, 1 / (1 + np.exp(3 - x @ np.array(effects))))
    part = Rows(
        sparse.csr_matrix(x),
        y.astype(float),
        np.full(n, float(trials)),
        np.arange(n),
        None,
        knows_content=True,
    )
    return FitData(part, part, ModelConfig(), {}, np.random.default_rng(0), lambda _: None)


@pytest.mark.usefixtures("named")
def test_weights_are_those_that_the_outcomes_were_drawn_with():
    """Standard errors: a content counts once here, so 1 / sqrt(4000) times what the shrinkage leaves."""
    found = fit_blend(("m0", "m1"), data([0.8, 0.3, 0.0]))
    assert found.weights["m0"] == pytest.approx(0.8, abs=0.08)
    assert found.weights["m1"] == pytest.approx(0.3, abs=0.08)


@pytest.mark.usefixtures("named")
def test_a_model_that_points_the_wrong_way_is_left_out_and_it_is_said():
    given = data([0.8, -0.5, 0.0])
    found = fit_blend(("m0", "m1"), given)
    assert found.weights["m1"] == 0
    assert "m1 is left out" in given.notes[0]


@pytest.mark.usefixtures("named")
def test_too_few_successes_on_tune_give_an_even_split():
    given = data([-2.0, 0.0, 0.0], n=5, trials=1)
    assert fit_blend(("m0", "m1"), given).weights == {"m0": 0.5, "m1": 0.5}


@pytest.mark.usefixtures("named")
def test_scores_are_weighted_sums_and_one_model_keeps_its_own():
    given = data([0.8, 0.3, 0.0])
    both, alone = fit_blend(("m0", "m1"), given), fit_blend(("m2",), given)
    x = given.train.x[:4]
    expected = x.toarray()[:, :2] @ np.array(list(both.weights.values()))
    assert np.allclose(both.score(x, pl.DataFrame())[:, 0], expected)
    assert np.allclose(alone.score(x, pl.DataFrame())[:, 0], x.toarray()[:, 2])
