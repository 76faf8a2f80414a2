"""`[tune]` of a recipe."""

from pathlib import Path

import pytest

from adwright.errors import ConfigError
from adwright.learn.tuning import TuneConfig
from adwright.predict import PredictRecipe

RECIPE = """
[columns]
text = ["text"]
[targets.click]
label = "y"
[tune]
n_trials = 7
min_score = 0.02
[tune.space]
ridge = { low = 1.0, high = 10.0, log = true }
"""


def test_a_recipe_file_may_hold_both_the_model_and_its_tuning(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(RECIPE)
    assert PredictRecipe.read(tmp_path / "r.toml").columns.text == ("text",)
    config = TuneConfig.read(tmp_path / "r.toml")
    assert (config.n_trials, config.min_score, config.watches) == (7, 0.02, True)
    assert config.space == {"ridge": {"low": 1.0, "high": 10.0, "log": True}}


def test_nothing_starts_by_itself_unless_a_threshold_is_said() -> None:
    assert not TuneConfig().watches
    assert TuneConfig(max_fall=0.1).watches


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("n_trials", 0),
        ("folds", 0),
        ("timeout_s", 0.0),
        ("first_share", 0.0),
        ("confidence", 1.0),
        ("min_gain_se", -1.0),
        ("min_score", 1.0),
        ("max_fall", 0.0),
    ],
)
def test_a_setting_out_of_range_is_named(key: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"tune.{key} = "):
        TuneConfig.of({"tune": {key: value}})


def test_an_unknown_key_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'n_trials'"):
        TuneConfig.of({"tune": {"trials": 3}})
