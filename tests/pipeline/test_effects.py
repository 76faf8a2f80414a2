from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from adwright.pipeline.campaigns import read_products
from adwright.pipeline.effects import (
    WEAK_CLICK_RATE,
    WEAK_K,
    WEAK_LEVEL_SD,
    EffectModel,
    learn_effects,
    scoring_frame,
    training_frame,
)
from adwright.pipeline.settings import PredictSection, default_predict_recipe
from adwright.schema import EVERYONE, Content, GoalKind, Product, Provenance, content_id
from adwright.testing import toy_past_contents, toy_products
from adwright.workspace import Workspace
from pipeline.workbench import quiet

MakeShop = Callable[..., Workspace]
PRODUCTS = {p.id: p for p in toy_products(3)}


def content(text: str, product_id: str | None = "p0") -> Content:
    made = Content(
        id="",
        kind="ad_copy",
        product_ids=() if product_id is None else (product_id,),
        cohort_id=EVERYONE,
        channel="onsite",
        language="en",
        slots={"headline": text},
        provenance=Provenance(backend="test"),
    )
    return made.with_slots(made.slots)


def learn(
    shop: Workspace, section: PredictSection | None = None, told: list[str] | None = None
) -> EffectModel:
    products = read_products(shop.tables.read("products"))
    progress = quiet if told is None else told.append
    return learn_effects(shop, products, section or PredictSection(), progress=progress)


@pytest.fixture
def learned(make_shop: MakeShop) -> tuple[Workspace, EffectModel]:
    shop = make_shop(n_groups=100)
    return shop, learn(shop)


def test_with_too_little_to_learn_from_there_is_a_weak_prior_that_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=60)
    model = learn(shop)
    assert (model.predictor, model.version, model.n_rows) == (None, "prior", 180)
    assert model.note == "180 past contents with results; a model needs 200"
    assert not model.can_value
    assert shop.models.list() == []
    effect = model.effect([content("one"), content("two")], PRODUCTS)
    assert effect.click is not None
    assert effect.click.mean.tolist() == [WEAK_CLICK_RATE] * 2
    assert (effect.click.k[0], effect.click.level_sd[0]) == (WEAK_K, WEAK_LEVEL_SD)
    assert (effect.conversion, effect.order_value, effect.trained_through) == (None, None, None)
    assert effect.in_domain is not None
    assert not effect.in_domain.any()


def test_the_model_learns_what_the_past_contents_show(learned: tuple[Workspace, EffectModel]) -> None:
    _, model = learned
    assert model.version == "effect@1"
    assert model.can_value
    texts = [
        "A calm Linen Shirt\nNumber 5 of the calm ones",
        "A plain Linen Shirt\nNumber 5 of the plain ones",
    ]
    effect = model.effect([content(t) for t in texts], PRODUCTS)
    assert effect.click is not None
    assert effect.click.mean[0] > 1.15 * effect.click.mean[1]  # the truth is 1.5
    assert effect.content_ids == tuple(content(t).id for t in texts)
    assert effect.model_version == "effect@1"


def test_nothing_new_to_learn_from_means_the_stored_model(learned: tuple[Workspace, EffectModel]) -> None:
    shop, first = learned
    told: list[str] = []
    again = learn(shop, told=told)
    assert told == ["effect model: effect@1, nothing changed since it was fitted"]
    assert again.version == "effect@1"
    assert again.metrics == first.metrics
    contents = [content("A calm Linen Shirt"), content("Anything else")]
    one, two = first.effect(contents, PRODUCTS), again.effect(contents, PRODUCTS)
    assert one.click is not None
    assert two.click is not None
    np.testing.assert_array_equal(one.click.mean, two.click.mean)
    np.testing.assert_array_equal(one.click.k, two.click.k)
    assert (one.trained_through, one.model_version) == (two.trained_through, two.model_version)


def test_new_results_or_another_seed_make_a_new_version(learned: tuple[Workspace, EffectModel]) -> None:
    shop, first = learned
    past = shop.tables.read("contents")
    later = past.tail(3).with_columns(
        pl.col("content_id") + "b", pl.col("group") + "b", pl.col("at") + timedelta(days=5)
    )
    shop.tables.upsert("contents", later, key="content_id")
    assert learn(shop).version == "effect@2"
    assert learn(shop, PredictSection(seed=1)).version == "effect@3"
    assert learn(shop).version == "effect@2"
    assert first.version == "effect@1"


def test_a_model_that_was_cut_short_is_fitted_again(learned: tuple[Workspace, EffectModel]) -> None:
    shop, _ = learned
    (shop.models.path("effect@1") / "card.json").unlink()  # the card is written last
    assert learn(shop).version == "effect@2"
    shutil.rmtree(shop.path / "models" / "effect")
    assert learn(shop).predictor is not None


def test_contents_that_nobody_saw_teach_nothing() -> None:
    past = toy_past_contents(toy_products(2), n_groups=2, rng=np.random.default_rng(0))
    unseen = past.with_columns(
        pl.when(pl.col("content_id") == "past0-0").then(0).otherwise("n_exposures").alias("n_exposures")
    )
    frame = training_frame(unseen, PRODUCTS)
    assert "past0-0" not in frame["content_id"].to_list()
    assert frame.height == 5
    assert frame["price_minor"].to_list() == [1000.0, 1000.0, 1100.0, 1100.0, 1100.0]


def test_written_contents_have_the_columns_of_past_ones() -> None:
    contents = [content("one", "p1"), content("two", "gone"), content("three", None)]
    frame = scoring_frame(contents, PRODUCTS)
    assert frame["text"].to_list() == ["one", "two", "three"]
    assert frame["price_minor"].to_list() == [1100.0, None, None]
    assert frame["category"].to_list() == ["Home", None, None]
    assert frame["content_id"].to_list() == [content_id(c) for c in contents]
    past = training_frame(
        toy_past_contents(toy_products(1), n_groups=1, rng=np.random.default_rng(0)), PRODUCTS
    )
    for name, dtype in frame.schema.items():
        assert past.schema[name] == dtype, name


def test_clicks_alone_make_a_model_of_clicks(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=80)
    past = shop.tables.read("contents").with_columns(
        pl.lit(0, pl.Int64).alias("n_conversions"), pl.lit(0, pl.Int64).alias("value_minor")
    )
    shop.tables.upsert("contents", past, key="content_id")
    model = learn(shop)
    assert model.predictor is not None
    assert not model.can_value
    effect = model.effect([content("A calm Linen Shirt")], PRODUCTS)
    assert (effect.conversion, effect.order_value) == (None, None)


@pytest.mark.parametrize(
    ("without", "predicted"),
    [
        ((), {"click", "conversion", "revenue", "margin"}),
        (("order_value",), {"click", "conversion"}),
        (("conversion", "order_value"), {"click"}),
        (("click",), {"conversion", "revenue", "margin"}),
    ],
)
def test_a_goal_needs_the_targets_that_it_is_made_of(without: tuple[str, ...], predicted: set[str]) -> None:
    recipe = default_predict_recipe(has_conversions=True, currency="USD")
    targets = replace(recipe.targets, **dict.fromkeys(without))
    predictor = SimpleNamespace(recipe=replace(recipe, targets=targets))
    model = EffectModel(predictor=predictor, version="effect@1", metrics={}, n_rows=0)  # type: ignore[arg-type]
    goals: tuple[GoalKind, ...] = ("click", "conversion", "revenue", "margin")
    assert {goal for goal in goals if model.predicts(goal)} == predicted
    assert model.can_value == ("revenue" in predicted)
    weak = EffectModel(predictor=None, version="prior", metrics={}, n_rows=0)
    assert [goal for goal in goals if weak.predicts(goal)] == ["click"]


def test_values_in_two_currencies_teach_no_order_value(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=80)
    past = shop.tables.read("contents").with_columns(
        pl.when(pl.col("group") < "g4").then(pl.lit("EUR")).otherwise("currency").alias("currency")
    )
    shop.tables.upsert("contents", past, key="content_id")
    model = learn(shop)
    assert model.predictor is not None
    assert model.predictor.recipe.targets.conversion is not None
    assert model.predictor.recipe.targets.order_value is None
    assert not model.can_value


def test_a_model_knows_when_its_last_outcome_was(learned: tuple[Workspace, EffectModel]) -> None:
    shop, model = learned
    effect = model.effect([content("x")], PRODUCTS)
    past = shop.tables.read("contents")
    assert effect.trained_through is not None
    assert effect.trained_through < past["at"].max()  # type: ignore[operator]
    times = past["at"].unique().sort().to_list()
    assert effect.trained_through in times  # the last of train, tune and calibrate: the test block is later


def test_products_by_id_may_be_empty() -> None:
    nobody: dict[str, Product] = {}
    assert scoring_frame([content("one")], nobody)["price_minor"].to_list() == [None]
