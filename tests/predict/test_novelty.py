"""Values that training never saw are normal: predicted from the rest, with more spread."""

import numpy as np
import polars as pl
import pytest

from adwright.predict import Predictor, PredictRecipe
from predict.synthetic_table import click_recipe, draw_table


@pytest.fixture(scope="module")
def shops():
    frame, _ = draw_table(3, n_groups=150)
    rng = np.random.default_rng(0)
    frame = frame.with_columns(shop=pl.Series([f"s{i % 40}" for i in rng.integers(0, 40, frame.height)]))
    wanted = PredictRecipe.of(
        click_recipe(columns={"categorical": ["shop"]}, model={"kind": ["logistic"], "ridges": [30.0]})
    )
    return Predictor.fit(frame, wanted), frame[:100]


def test_an_unknown_category_is_predicted_from_the_text_with_a_wider_interval(shops):
    predictor, rows = shops
    known, new = (predictor.score(f).click for f in (rows, rows.with_columns(shop=pl.lit("new"))))
    assert np.isfinite(new.mean).all()
    assert (new.k < known.k).all()
    assert np.corrcoef(np.log(known.mean), np.log(new.mean))[0, 1] > 0.8


def test_a_missing_category_is_no_error(shops):
    predictor, rows = shops
    scored = predictor.score_frame(rows.with_columns(shop=pl.lit(None, dtype=pl.String)))
    assert np.isfinite(scored["p"].to_numpy()).all()


def test_past_behaviour_is_explained_beside_the_rest():
    rng = np.random.default_rng(0)
    item = rng.integers(0, 5, 2000)
    history = rng.integers(0, 5, (2000, 2))
    match = (history == item[:, None]).any(axis=1)
    frame = pl.DataFrame(
        {
            "item": [f"i{i}" for i in item],
            "h": [[f"i{j}" for j in row] for row in history],
            "click": (rng.random(2000) < np.where(match, 0.6, 0.1)).astype(int),
        }
    )
    wanted = PredictRecipe.of(
        {
            "columns": {"categorical": ["item"], "sequence": {"h": {"of": "item"}}},
            "targets": {"click": {"label": "click"}},
            "model": {"kind": ["logistic"], "ridges": [3.0], "n_members": 2},
        }
    )
    predictor = Predictor.fit(frame, wanted)
    found = predictor.explain(pl.DataFrame({"item": ["i1"], "h": [["i1", "i1"]]}))
    assert found["column"][0] == "h:matches"
    assert found["log_odds"][0] > 0.5
    assert set(found["column"]) >= {"item", "h"}
