"""From a table and its recipe to a tuned model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.learn.tuning import TuneConfig, tune
from adwright.learn.tuning import tune as package_tune
from adwright.learn.tuning.objective import Objective, target_of
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.table import Table
from predict.synthetic_table import click_recipe, draw_table

FRAME, TRUTH = draw_table(1, n_groups=100, per_group=5)
WORSE = PredictRecipe.of(click_recipe(model={"ridges": [3000.0], "char_ngrams": [0, 0]}))
RIDGE = {"ridge": {"low": 0.5, "high": 3000.0, "log": True}}
SHORT = TuneConfig(n_trials=6, folds=2, space=RIDGE)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory):
    return tune(FRAME, WORSE, SHORT, tmp_path_factory.mktemp("study") / "a")


def test_a_setting_that_was_bad_is_replaced_and_the_test_block_shows_the_gain(tuned) -> None:
    figures = tuned.figures
    assert tuned.taken
    assert figures["values"]["ridge"] < 300
    gain = figures["test"]["gain"]["loss"]
    assert gain["value"] > 0
    assert gain["low"] > 0
    assert figures["test"]["tuned"]["auc"] > figures["test"]["default"]["auc"]
    assert figures["test"]["n_clusters"] == 15


def test_the_tuned_recipe_is_one_that_predict_fit_reads_and_gives_the_tuned_model(tuned) -> None:
    recipe = tuned.recipe
    assert recipe.model.ridges == (tuned.figures["values"]["ridge"],)
    assert recipe.columns == WORSE.columns
    again = Predictor.fit(FRAME, recipe)
    np.testing.assert_allclose(again.score(FRAME).click.mean, tuned.model.score(FRAME).click.mean, rtol=1e-9)
    text = (tuned.folder / "tuned.toml").read_text()
    assert text.startswith("# A study of 6 settings")
    assert f"ridge = {tuned.figures['values']['ridge']}" in text


def test_the_tuned_recipe_says_what_the_recipe_said_and_what_was_found_and_no_default(tuned) -> None:
    import tomllib

    ours, own = tomllib.loads((tuned.folder / "tuned.toml").read_text()), click_recipe()
    found = [tuned.figures["values"]["ridge"]]
    assert ours.pop("model") == {"n_members": 2, "ridges": found, "char_ngrams": [0, 0]}
    own.pop("model")
    assert ours == own


def test_the_verdict_is_that_of_the_two_fits_on_the_test_block(tuned) -> None:
    table = Table.of(FRAME, WORSE)
    rows = np.flatnonzero(table.blocks(0) == "test")
    y, n = FRAME["y"].to_numpy()[rows], FRAME["n"].to_numpy()[rows]
    default = Predictor.fit(FRAME, WORSE)
    losses = [
        -np.sum(y * np.log(p) + (n - y) * np.log1p(-p)) / n.sum()
        for p in (default.score(FRAME[rows]).click.mean, tuned.model.score(FRAME[rows]).click.mean)
    ]
    gain = tuned.figures["test"]["gain"]["log_loss"]["value"]
    assert gain == pytest.approx(losses[0] - losses[1], rel=1e-6)


def test_a_study_that_is_done_gives_its_result_and_reads_nothing_again(tuned) -> None:
    told: list[str] = []
    again = tune(FRAME, WORSE, SHORT, tuned.folder, progress=told.append)
    assert again.figures == tuned.figures
    assert told == [
        f"the study in {tuned.folder} is done: its result stands, the test block is not read again"
    ]


def test_more_trials_after_the_test_block_was_read_are_refused(tuned) -> None:
    longer = TuneConfig(n_trials=7, folds=2, space=RIDGE)
    with pytest.raises(UsageError, match="test block was read"):
        tune(FRAME, WORSE, longer, tuned.folder)


def test_a_study_that_ran_out_of_time_gives_its_result_again(tmp_path: Path) -> None:
    hurried = TuneConfig(n_trials=6, folds=1, space=RIDGE, timeout_s=1e-6)
    first = tune(FRAME, WORSE, hurried, tmp_path / "a")
    assert (first.figures["stopped"], first.figures["n_trials"]) == ("time", 0)
    assert tune(FRAME, WORSE, hurried, tmp_path / "a").figures == first.figures
    with pytest.raises(UsageError, match="test block was read"):
        tune(FRAME, WORSE, replace(hurried, timeout_s=60.0), tmp_path / "a")


def test_a_study_of_something_else_is_not_gone_on_with(tuned) -> None:
    other, _ = draw_table(2, n_groups=100, per_group=5)
    with pytest.raises(UsageError, match="another data"):
        tune(other, WORSE, SHORT, tuned.folder)
    with pytest.raises(UsageError, match="another recipe"):
        tune(FRAME, PredictRecipe.of(click_recipe()), SHORT, tuned.folder)
    with pytest.raises(UsageError, match="another search"):
        tune(FRAME, WORSE, TuneConfig(n_trials=6, folds=1, space=RIDGE), tuned.folder)


def test_trials_are_a_curve(tuned) -> None:
    lines = [json.loads(line) for line in (tuned.folder / "trials.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert {"loss_over_default", "pruned", "steps"} <= set(lines[0])


def test_the_test_block_has_no_part_in_the_choice(tuned, tmp_path: Path) -> None:
    held = Table.of(FRAME, WORSE).blocks(0) == "test"
    rng = np.random.default_rng(0)
    y = FRAME["y"].to_numpy().copy()
    y[held] = rng.permutation(y[held])
    shuffled = FRAME.with_columns(y=y)
    other = package_tune(shuffled, WORSE, SHORT, tmp_path / "b")
    assert other.figures["values"] == tuned.figures["values"]
    assert other.figures["tune"] == tuned.figures["tune"]


def test_a_first_cheap_look_learns_from_fewer_groups() -> None:
    frame, _ = draw_table(1, n_groups=700, per_group=5)
    objective = Objective(Table.of(frame, WORSE), "click", n_folds=2, first_share=0.3)
    assert (objective.n_looks, len(objective.steps)) == (1, 3)
    assert objective.steps[0].learned.sum() == pytest.approx(0.3 * objective.steps[1].learned.sum(), rel=0.01)
    small = Objective(Table.of(FRAME, WORSE), "click", n_folds=2, first_share=0.3)
    assert (small.n_looks, len(small.steps)) == (0, 2)


def test_the_target_is_one_of_the_recipes() -> None:
    assert target_of(WORSE, None) == "click"
    with pytest.raises(UsageError, match="not a rate of the recipe"):
        target_of(WORSE, "conversion")
