from pathlib import Path

import pytest

from adwright.config import build, to_mapping
from adwright.errors import ConfigError
from adwright.predict import PredictRecipe

RECIPES = Path(__file__).parents[2] / "recipes"
CLICK = {"trials": "n", "successes": "y"}


@pytest.mark.parametrize("name", ["upworthy", "coupon", "kag", "kag_conversions", "hillstrom", "ml100k"])
def test_the_recipes_that_come_along_can_be_read(name):
    recipe = PredictRecipe.read(RECIPES / f"{name}.toml")
    assert recipe.rates
    assert recipe.features


@pytest.mark.parametrize("name", ["upworthy", "coupon", "kag", "kag_conversions", "hillstrom", "ml100k"])
def test_a_recipe_begins_with_the_command_that_runs_it_and_its_cost(name):
    head = (RECIPES / f"{name}.toml").read_text(encoding="utf-8").split("\n\n")[0]
    assert "adwright predict fit      --data" in head
    assert "Costs:" in head


def test_the_same_table_may_stand_under_predict(tmp_path):
    text = '[columns]\ntext = ["t"]\n[targets.click]\nlabel = "y"\n'
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "b.toml").write_text(
        "[predict]\nseed = 0\n" + text.replace("[", "[predict.", 1).replace("[targets", "[predict.targets")
    )
    assert PredictRecipe.read(tmp_path / "a.toml") == PredictRecipe.read(tmp_path / "b.toml")


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(ConfigError, match=r"columns\.txt.*Did you mean 'text'"):
        PredictRecipe.of({"columns": {"txt": ["a"]}, "targets": {"click": CLICK}})


@pytest.mark.parametrize(
    "target", [{}, {"label": "a", **CLICK}, {"trials": "n"}, {"label": "a", "successes": "y"}]
)
def test_a_target_is_a_label_or_counts_and_not_both(target):
    with pytest.raises(ConfigError, match="either label, or trials and successes"):
        PredictRecipe.of({"columns": {"text": ["a"]}, "targets": {"click": target}})


def test_a_recipe_without_target_or_without_feature_is_an_error():
    with pytest.raises(ConfigError, match="no target"):
        PredictRecipe.of({"columns": {"text": ["a"]}})
    with pytest.raises(ConfigError, match="no features"):
        PredictRecipe.of({"targets": {"click": CLICK}})


def test_conversion_out_of_exposures_beside_clicks_is_an_error():
    targets = {"click": CLICK, "conversion": {"trials": "n", "successes": "orders"}}
    with pytest.raises(ConfigError, match="given click"):
        PredictRecipe.of({"columns": {"text": ["a"]}, "targets": targets})


def test_order_value_needs_a_real_currency_and_one_of_two_forms():
    columns = {"text": ["a"]}
    with pytest.raises(ConfigError, match="not a currency"):
        PredictRecipe.of({"columns": columns, "targets": {"order_value": {"label": "v", "currency": "XXQ"}}})
    with pytest.raises(ConfigError, match="either label, or sum_minor and count"):
        PredictRecipe.of({"columns": columns, "targets": {"order_value": {"count": "v", "currency": "EUR"}}})


@pytest.mark.parametrize(
    "model", [{"word_ngrams": [2, 1]}, {"ridges": []}, {"ridges": [0.0]}, {"n_members": 1}]
)
def test_model_settings_that_make_no_sense_are_errors(model):
    with pytest.raises(ConfigError):
        PredictRecipe.of({"columns": {"text": ["a"]}, "targets": {"click": CLICK}, "model": model})


def test_a_recipe_survives_its_own_mapping():
    recipe = PredictRecipe.read(RECIPES / "upworthy.toml")
    assert build(PredictRecipe, to_mapping(recipe)) == recipe
