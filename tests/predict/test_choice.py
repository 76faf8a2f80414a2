import pytest

from adwright.errors import ConfigError, NotFoundError
from adwright.predict import PredictRecipe
from adwright.predict.models.choice import (
    ATTENTION_FROM_ROWS,
    HASHED_FROM_ROWS,
    TREES_FROM_ROWS,
    choose_models,
)
from predict.synthetic_table import click_recipe


def tabular(**model):
    return PredictRecipe.of(
        {"columns": {"numeric": ["a"]}, "targets": {"click": {"label": "y"}}, "model": model}
    )


def test_text_gets_the_baseline_unless_the_recipe_asks_for_more():
    choice = choose_models(PredictRecipe.of(click_recipe()), 100_000)
    assert choice.kinds == ("logistic",)
    assert "encoder" in choice.reason


def test_a_table_without_text_gets_trees_once_it_is_large_enough():
    assert choose_models(tabular(), TREES_FROM_ROWS - 1).kinds == ("logistic",)
    large = choose_models(tabular(), TREES_FROM_ROWS)
    assert large.kinds == ("gbdt",)
    assert str(TREES_FROM_ROWS) in large.reason


def test_much_text_is_hashed():
    choice = choose_models(PredictRecipe.of(click_recipe()), HASHED_FROM_ROWS)
    assert choice.kinds == ("hashed",)
    assert str(HASHED_FROM_ROWS) in choice.reason


def test_past_behaviour_gets_attention_once_there_are_rows_to_learn_it_from():
    recipe = PredictRecipe.of(
        {
            "columns": {"categorical": ["item"], "sequence": {"history": {"of": "item"}}},
            "targets": {"click": {"label": "y"}},
        }
    )
    assert choose_models(recipe, ATTENTION_FROM_ROWS - 1).kinds == ("gbdt",)
    assert "fusion" in choose_models(recipe, ATTENTION_FROM_ROWS).kinds
    assert choose_models(recipe, 10, streamed=True).kinds == ("fusion",)


def test_a_stream_gets_models_that_read_it_all():
    for recipe in (tabular(), PredictRecipe.of(click_recipe())):
        choice = choose_models(recipe, 1000, streamed=True)
        assert "hashed" in choice.kinds
        assert "memory" in choice.reason


def test_what_the_recipe_names_is_taken():
    assert choose_models(tabular(kind=["gbdt"]), 10).kinds == ("gbdt",)


def test_an_unknown_model_is_an_error_that_names_the_nearest():
    with pytest.raises(NotFoundError, match="logistic"):
        choose_models(tabular(kind=["logistics"]), 10)


@pytest.mark.parametrize("kind", [[], ["gbdt", "gbdt"], ["auto", "gbdt"]])
def test_a_list_that_makes_no_sense_is_an_error(kind):
    with pytest.raises(ConfigError, match="kind"):
        tabular(kind=kind)
