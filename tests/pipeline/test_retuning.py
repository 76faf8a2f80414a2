"""The main job tunes by itself where the tune block falls short, and not otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from adwright.learn.tuning import TuneConfig
from adwright.pipeline.campaigns import read_products
from adwright.pipeline.effects import EffectModel, learn_effects, tune_effects
from adwright.pipeline.settings import PredictSection, RunSettings, default_predict_recipe
from adwright.predict import PredictRecipe
from adwright.workspace import Workspace
from pipeline.workbench import quiet

MakeShop = Callable[..., Workspace]
RIDGE = {"ridge": {"low": 0.5, "high": 3000.0, "log": True}}
WATCH = TuneConfig(n_trials=4, folds=1, space=RIDGE, max_fall=0.1)


def recipe_with(**model: object) -> PredictRecipe:
    recipe = default_predict_recipe(has_conversions=False, currency=None)
    return replace(recipe, model=replace(recipe.model, n_members=2, **model))  # type: ignore[arg-type]


GOOD = recipe_with(ridges=(3.0, 10.0, 30.0, 100.0))
BAD = recipe_with(ridges=(1e6,))


def learn(
    shop: Workspace, recipe: PredictRecipe, tuning: TuneConfig | None, told: list[str] | None = None
) -> EffectModel:
    return learn_effects(
        shop,
        read_products(shop.tables.read("products")),
        PredictSection(recipe=recipe),
        tuning=tuning,
        progress=quiet if told is None else told.append,
    )


def more_results(shop: Workspace, times: int = 1) -> None:
    """The same again, later, under other names: a shop that goes on as it was."""
    past = shop.tables.read("contents")
    span = past["at"].max() - past["at"].min() + timedelta(hours=1)  # type: ignore[operator]
    for i in range(times):
        later = past.with_columns(
            pl.col("content_id") + f"-{i}", pl.col("group") + f"-{i}", pl.col("at") + span * (i + 1)
        )
        shop.tables.upsert("contents", later, key="content_id")


def test_settings_made_worse_start_a_study_and_are_replaced(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    before = learn(shop, GOOD, WATCH)
    assert before.retuning is None
    healthy = shop.models.card("effect@1")["tune_score"]["explained"]
    told: list[str] = []
    model = learn(shop, BAD, WATCH, told)
    assert model.retuning is not None
    assert model.retuning.due is not None
    assert model.retuning.due.rule == "max_fall"
    assert any(line.startswith("tuning starts by itself: the share explained on tune fell") for line in told)
    assert model.retuning.result.taken
    assert model.version == "effect@2"
    card = shop.models.card("effect@2")
    assert card["tune_score"]["explained"] > 0.7 * healthy
    assert card["tuned"]["values"]["ridge"] < 1000
    assert "fell from" in card["tuned"]["because"]
    again = learn(shop, BAD, WATCH)
    assert (again.version, again.retuning) == (
        "effect@2",
        None,
    )  # the tuned setting is in use, and no study begins


def test_a_threshold_starts_a_study_once_for_a_table(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    first = learn(shop, GOOD, TuneConfig(n_trials=2, folds=1, space=RIDGE, min_score=0.999))
    assert first.retuning is not None
    assert first.retuning.due is not None
    assert first.retuning.due.rule == "min_score"
    again = learn(shop, GOOD, TuneConfig(n_trials=2, folds=1, space=RIDGE, min_score=0.999))
    assert again.retuning is None
    more_results(shop)
    grown = learn(shop, GOOD, TuneConfig(n_trials=2, folds=1, space=RIDGE, min_score=0.999))
    assert grown.retuning is not None
    assert sorted(p.name for p in (shop.path / "tuning" / "effect").iterdir()) == ["1", "2", "state.json"]


def test_a_healthy_shop_that_grows_is_left_alone(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    watch = replace(WATCH, min_score=0.1)
    versions = []
    for _ in range(3):
        model = learn(shop, GOOD, watch)
        assert model.retuning is None
        versions.append(model.version)
        more_results(shop)
    assert versions == ["effect@1", "effect@2", "effect@3"]


def test_without_a_threshold_nothing_is_even_scored(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    assert learn(shop, BAD, TuneConfig()).retuning is None
    assert "tune_score" not in shop.models.card("effect@1")


def test_the_tuned_values_hold_for_the_recipe_they_were_found_for(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    products = read_products(shop.tables.read("products"))
    model = tune_effects(shop, products, PredictSection(recipe=BAD), tuning=WATCH, progress=quiet)
    assert model.retuning is not None
    assert model.retuning.due is None
    assert model.predictor is not None
    assert model.predictor.recipe.model.ridges[0] < 1000
    assert learn(shop, BAD, None).version == model.version
    other = learn(shop, recipe_with(ridges=(2e6,)), None)
    assert other.predictor is not None
    assert other.predictor.recipe.model.ridges == (2e6,)
    (shop.path / "tuning" / "effect" / "state.json").unlink()
    own = learn(shop, BAD, None)
    assert own.predictor is not None
    assert own.predictor.recipe.model.ridges == (1e6,)


def test_an_interrupted_study_is_gone_on_with(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=100)
    products = read_products(shop.tables.read("products"))

    def stop(line: str) -> None:
        if line.startswith("trial 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune_effects(shop, products, PredictSection(recipe=BAD), tuning=WATCH, progress=stop)
    told: list[str] = []
    tune_effects(shop, products, PredictSection(recipe=BAD), tuning=WATCH, progress=told.append)
    assert [line[:7] for line in told if line.startswith("trial ")] == ["trial 3", "trial 4"]
    assert (shop.path / "tuning" / "effect" / "1" / "result.json").is_file()


def test_where_optuna_is_missing_the_run_goes_on_and_says_so(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(n_groups=100)
    learn(shop, GOOD, WATCH)
    monkeypatch.setattr("adwright.pipeline.retuning.find_spec", lambda name: None)
    told: list[str] = []
    model = learn(shop, BAD, WATCH, told)
    assert model.version == "effect@2"
    assert any("pip install 'adwright[tune]'" in line for line in told)


def test_the_workspaces_recipe_has_a_section_for_it() -> None:
    settings = RunSettings.from_recipe({"tune": {"n_trials": 3, "min_score": 0.1}})
    assert (settings.tune.n_trials, settings.tune.watches) == (3, True)
    assert np.isclose(settings.tune.min_score, 0.1)
    assert sys.modules["adwright.learn.tuning"].TuneConfig is type(settings.tune)
