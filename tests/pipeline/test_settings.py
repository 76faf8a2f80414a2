from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest

from adwright.errors import AdwrightError, ConfigError
from adwright.generate import BACKENDS
from adwright.pipeline.settings import RunSettings, default_predict_recipe
from adwright.workspace import default_recipe

PREDICT = {
    "columns": {"text": ["text"], "content": "content_id"},
    "targets": {"click": {"trials": "n_exposures", "successes": "n_clicks"}},
}


def fault(recipe: dict[str, Any]) -> str:
    with pytest.raises(AdwrightError) as caught:
        RunSettings.from_recipe(recipe)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_what_stands_in_a_new_workspaces_recipe_is_the_default() -> None:
    assert RunSettings.from_recipe(tomllib.loads(default_recipe())) == RunSettings.from_recipe({})
    assert RunSettings.from_recipe({}) == RunSettings()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_recipes_of_the_demo_are_valid(language: str) -> None:
    text = resources.files("adwright.demo").joinpath(f"recipe.{language}.toml").read_text("utf-8")
    settings = RunSettings.from_recipe(tomllib.loads(text))
    assert settings.shop.languages == (language,)


def test_every_section_reaches_its_settings() -> None:
    settings = RunSettings.from_recipe(
        {
            "seed": 3,
            "shop": {"name": "丝路", "languages": ["zh", "en"], "currency": "CNY"},
            "profile": {"k": 20},
            "generate": {"channels": ["email", "onsite"], "kinds": ["ad_copy", "product_description"]},
            "predict": {"min_rows": 10, "seed": 4, **PREDICT},
            "gate": {"auto_approve": True, "min_value_lower": 2},
            "decide": {"policy": "greedy"},
            "experiment": {"metric": "conversion", "unit": "session"},
            "goal": {"kind": "revenue"},
            "attribution": {"view_window_h": 1},
        }
    )
    assert settings.seed == 3
    assert settings.shop.languages == ("zh", "en")
    assert settings.profile.k == 20
    assert settings.generate.channels == ("email", "onsite")
    assert (settings.predict.min_rows, settings.predict.seed) == (10, 4)
    assert settings.predict.recipe is not None
    assert settings.predict.recipe.columns.content == "content_id"
    assert settings.gate.auto_approve
    assert settings.gate.min_value_lower == 2.0
    assert (settings.decide.policy, settings.decide.floor, settings.decide.test_share) == (
        "greedy",
        0.05,
        0.5,
    )
    assert settings.experiment.unit == "session"
    assert settings.goal.kind == "revenue"
    assert settings.attribution.view_window_h == 1.0


def test_the_recipe_is_left_as_it_was() -> None:
    recipe: dict[str, Any] = {
        "predict": {"min_rows": 10, **PREDICT},
        "generate": {"backend": "compose", "compose": {}},
    }
    before = repr(recipe)
    RunSettings.from_recipe(recipe)
    assert repr(recipe) == before


def test_the_options_are_those_of_the_chosen_backend() -> None:
    tables = {"openai": {"model": "m"}, "hf": {"model": "x"}}
    for name in ("openai", "hf"):
        settings = RunSettings.from_recipe({"generate": {"backend": name, **tables}})
        assert settings.generate.tables[name] == tables[name]
    assert RunSettings.from_recipe({"generate": tables}).generate.backend == "compose"


@pytest.mark.parametrize(
    ("recipe", "named"),
    [
        ({"sead": 1}, "unknown key 'sead'"),
        ({"gates": {}}, "Did you mean 'gate'?"),
        ({"shop": {"nam": "x"}}, "unknown key 'shop.nam'"),
        ({"generate": {"n_variant": 2}}, "unknown key 'generate.n_variant'"),
        ({"generate": {"opanai": {"model": "m"}}}, "Did you mean 'openai'?"),
        ({"generate": {"options": {"model": "m"}}}, "unknown key 'generate.options'"),
        ({"decide": {"polcy": "greedy"}}, "Did you mean 'policy'?"),
        ({"predict": {"min_row": 3}}, "unknown key 'predict.min_row'"),
        ({"predict": {"seed": "x"}}, "predict.seed = 'x'"),
        ({"predict": {**PREDICT, "columns": {"txt": ["a"]}}}, "unknown key 'predict.columns.txt'"),
        ({"experiment": {"unit": "visit"}}, "'customer' | 'session'"),
        ({"shop": {"languages": ["fr"]}}, "shop.languages[0] = 'fr'"),
    ],
)
def test_what_no_section_knows_is_named(recipe: dict[str, Any], named: str) -> None:
    assert named in fault(recipe)


@pytest.mark.parametrize("section", ["shop", "generate", "predict", "decide", "gate", "attribution"])
@pytest.mark.parametrize("value", [3, "text", [1]])
def test_a_section_that_is_no_table_is_named(section: str, value: object) -> None:
    assert f"{section} = {value!r}" in fault({section: value})


@pytest.mark.parametrize(
    ("recipe", "named"),
    [
        ({"shop": {"languages": []}}, "shop.languages = 0"),
        ({"profile": {"k": 0}}, "profile.k = 0"),
        ({"profile": {"n_cohorts": 0}}, "profile.n_cohorts = 0"),
        ({"generate": {"kinds": []}}, "generate.kinds = 0"),
        ({"generate": {"channels": []}}, "generate.channels = 0"),
        ({"generate": {"n_variants": 0}}, "generate.n_variants = 0"),
        ({"generate": {"n_products": -1}}, "generate.n_products = -1"),
        ({"experiment": {"max_arms": 1}}, "experiment.max_arms = 1"),
        ({"decide": {"floor": 1.0}}, "decide.floor = 1.0"),
        ({"decide": {"floor": -0.1}}, "decide.floor = -0.1"),
        ({"decide": {"test_share": 1.2}}, "test_share = 1.2"),
        ({"decide": {"test_share": 0.9, "holdout_share": 0.2}}, "more than all traffic"),
    ],
)
def test_values_out_of_range_are_met_before_anything_is_written(recipe: dict[str, Any], named: str) -> None:
    assert named in fault(recipe)


@pytest.mark.parametrize(
    ("recipe", "named"),
    [
        ({"generate": {"backend": "compse"}}, "Did you mean 'compose'?"),
        ({"generate": {"kinds": ["adcopy"]}}, "Did you mean 'ad_copy'?"),
        ({"generate": {"channels": ["emial"]}}, "Did you mean 'email'?"),
        ({"decide": {"policy": "tompson"}}, "Did you mean 'thompson'?"),
        ({"shop": {"currency": "DOLLAR"}}, "DOLLAR"),
    ],
)
def test_an_unknown_name_is_met_before_anything_is_written(recipe: dict[str, Any], named: str) -> None:
    assert named in fault(recipe)


def test_every_registered_backend_can_be_named() -> None:
    for name in BACKENDS.names():
        assert RunSettings.from_recipe({"generate": {"backend": name}}).generate.backend == name


def test_a_predict_section_without_targets_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no target"):
        RunSettings.from_recipe({"predict": {"columns": {"text": ["text"]}}})


def test_without_a_predict_section_there_is_no_recipe_of_the_users() -> None:
    assert RunSettings.from_recipe({"predict": {"min_rows": 5}}).predict.recipe is None


@pytest.mark.parametrize(
    ("has_conversions", "currency", "targets"),
    [
        (False, None, (True, False, False)),
        (False, "USD", (True, False, False)),
        (True, None, (True, True, False)),
        (True, "USD", (True, True, True)),
    ],
)
def test_the_default_predict_recipe_learns_what_the_table_holds(
    has_conversions: bool, currency: str | None, targets: tuple[bool, ...]
) -> None:
    found = default_predict_recipe(has_conversions=has_conversions, currency=currency).targets
    given = (found.click, found.conversion, found.order_value)
    assert tuple(part is not None for part in given) == targets
