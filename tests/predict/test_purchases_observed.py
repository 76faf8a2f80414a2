"""Conversions over all exposures, and purchases, beside late conversions and failures that were left out."""

import numpy as np
import polars as pl
import pytest
from scipy import special

from adwright.cli.decide_page import messages_of
from adwright.cli.predict_page import write_evaluation
from adwright.learn.tuning.objective import Objective
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.table import Table

FUSION = {"n_members": 2, "learning_rate": 1e-2, "batch_rows": 256, "n_epochs": 4, "dropout": 0.0}


def draw(n, seed, users=200):
    rng = np.random.default_rng(seed)
    taste = np.random.default_rng(99).standard_normal(users)
    user = rng.integers(0, users, n)
    click = rng.random(n) < special.expit(-1.0 + 0.8 * taste[user])
    would = rng.random(n) < special.expit(-0.5 + 0.8 * taste[user])
    at = np.sort(rng.uniform(0, 60, n))
    came = np.where(click & would, at + rng.exponential(3.0, n), np.nan)
    came = np.where(came <= 60, came, np.nan)
    return pl.DataFrame(
        {
            "user": [f"u{i}" for i in user],
            "seen": [[f"u{j}" for j in row] for row in rng.integers(0, users, (n, 2))],
            "at": at,
            "came": pl.Series(came).fill_nan(None),
            "click": click.astype(int),
            "buy": np.isfinite(came).astype(int),
            "slot": rng.integers(1, 3, n),
        }
    )


def recipe(*, late=False, sampled=False, positioned=False, kind="fusion"):
    conversion = {"label": "buy"}
    if late:
        conversion["delay"] = {"began": "at", "succeeded": "came"}
    return PredictRecipe.of(
        {
            "columns": {
                "categorical": ["user"],
                "sequence": {"seen": {"of": "user"}},
                "time": "at",
                "time_format": "ordinal",
            },
            "targets": {
                "click": {"label": "click"} | ({"negative_rate": 0.5} if sampled else {}),
                "conversion": conversion,
            },
            "model": {"kind": [kind], "ridges": [3.0], "n_members": 2, "fusion": FUSION},
            **({"position": {"column": "slot", "propensity": {"1": 1.0, "2": 1.0}}} if positioned else {}),
        }
    )


FRAME = draw(4000, 0)


def test_purchases_are_calibrated_where_every_one_is_shown():
    found = Predictor.fit(FRAME, recipe(kind="logistic"))
    assert "purchase_p" in found.score_frame(FRAME).columns
    assert not any("purchase:" in warning for warning in found.warnings)


@pytest.mark.parametrize(("language", "name"), [("en", "purchase per exposure"), ("zh", "每次展示的购买")])
def test_the_page_of_an_evaluation_has_the_purchase_beside_both_rates(language, name, tmp_path):
    found = Predictor.fit(FRAME, recipe(kind="logistic")).evaluate(FRAME, n_boot=10)
    assert set(found["targets"]) == {"click", "conversion", "purchase"}
    write_evaluation(tmp_path / "page.html", messages_of(language), found)
    assert name in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("hidden", ["late", "sampled", "positioned"])
def test_purchases_that_the_table_hides_are_not_calibrated_and_the_card_says_so(hidden):
    found = Predictor.fit(FRAME, recipe(kind="logistic", **{hidden: True}))
    assert found.parts.purchase is None
    assert "purchase_p" not in found.score_frame(FRAME).columns
    assert any("purchase:" in warning for warning in found.warnings)
    assert "purchase" not in found.evaluate(FRAME, n_boot=10)["targets"]


def test_late_conversions_are_learned_on_clicks_alone_and_said_to_be():
    found = Predictor.fit(FRAME, recipe(late=True))
    assert found.card["metrics"]["conversion"]["learned_over"] == "its own rows"
    assert any("clicks alone" in warning for warning in found.warnings)
    plain = Predictor.fit(FRAME, recipe())
    assert plain.card["metrics"]["conversion"]["learned_over"].startswith("all exposures")
    assert not any("clicks alone" in warning for warning in plain.warnings)


def test_a_study_judges_fusion_as_it_is_fitted_over_all_exposures(monkeypatch):
    given = {}

    def judged(names, data):
        given[names] = data
        return np.zeros(len(data.tune))

    monkeypatch.setattr("adwright.learn.tuning.objective.blend_on_tune", judged)
    for kind in ("fusion", "logistic"):
        wanted = recipe(kind=kind)
        objective = Objective(Table.of(FRAME, wanted), "conversion", n_folds=1, first_share=1.0)
        objective.losses(wanted.model, 0)
    exposed = given["fusion",].exposed
    assert len(exposed["train"]) > len(given["fusion",].train)
    assert len(exposed["tune"]) == objective.folds[0].judged.sum()
    assert given["fusion",].candidates == {"seen": "user"}
    assert given["logistic",].exposed is None


def test_a_study_scores_fusion_with_sequences():
    wanted = recipe()
    objective = Objective(Table.of(FRAME, wanted), "conversion", n_folds=1, first_share=1.0)
    found = objective.losses(wanted.model, 0)
    assert np.isfinite(found.mean)
    assert found.explained > 0
