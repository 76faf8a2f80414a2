"""`adwright tune` as people run it, also when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from adwright.learn.tuning import TuneConfig, tune
from adwright.predict import PredictRecipe
from adwright.workspace import Workspace
from cli.command_line import CommandLine, command_line
from predict.synthetic_table import draw_table

RECIPE = """
[columns]
text = ["text"]
time = "day"
time_format = "ordinal"
content = "content"
group = "test"
[targets.click]
trials = "n"
successes = "y"
[model]
ridges = [3000.0]
n_members = 2
char_ngrams = [0, 0]
[tune]
n_trials = 6
folds = 2
[tune.space]
ridge = { low = 0.5, high = 3000.0, log = true }
"""


@pytest.fixture
def adwright(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    draw_table(1, n_groups=80, per_group=4)[0].write_parquet(tmp_path / "table.parquet")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path / "table.parquet", tmp_path / "recipe.toml"


def test_a_table_is_tuned_and_the_tuned_recipe_can_be_fitted(
    adwright: CommandLine, files: tuple[Path, Path], tmp_path: Path
) -> None:
    data, recipe = files
    said = adwright(
        "tune", "--data", data, "--recipe", recipe, "--study", tmp_path / "s", "--model", tmp_path / "m",
        "--out", tmp_path / "tuned.toml", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert said.err.count("\ntrial ") == 6
    assert said.json["taken"] is True
    assert said.json["model"] == str(tmp_path / "m")
    assert said.json["test"]["gain"]["loss"]["value"] > 0
    fitted = adwright(
        "predict", "fit", "--data", data, "--recipe", tmp_path / "tuned.toml", "--model", tmp_path / "f"
    )
    assert fitted.code == 0, fitted.err
    judged = adwright("predict", "evaluate", "--data", data, "--model", tmp_path / "m", "--json")
    assert judged.json["targets"]["click"]["n_rows"] == 48
    people = adwright("tune", "--data", data, "--recipe", recipe, "--study", tmp_path / "s")
    assert "test block, read once: n = 48" in people.out
    assert "ridge = " in people.out


def test_a_study_that_is_killed_goes_on_and_ends_as_one_that_was_not(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    data, recipe = files
    folder = tmp_path / "killed"
    command = [sys.executable, "-c", "from adwright.cli.app import main; main()", "tune", "--json"]
    command += ["--data", str(data), "--recipe", str(recipe), "--study", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("trial 3 "):
            process.send_signal(signal.SIGKILL)
            break
    process.stderr.close()
    assert process.wait() == -signal.SIGKILL
    assert not (folder / "result.json").exists()
    resumed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "trial 3 of 6" not in resumed.stderr
    assert "trial 4 of 6" in resumed.stderr
    found = json.loads((folder / "result.json").read_text())
    whole = tune(
        pl.read_parquet(data), PredictRecipe.read(recipe), TuneConfig.read(recipe), tmp_path / "whole"
    )
    keys = ("number", "values", "pruned", "loss", "gain")
    assert [[t[k] for k in keys] for t in found["trials"]] == [
        [t[k] for k in keys] for t in whole.figures["trials"]
    ]
    assert found["test"] == whole.figures["test"]


def test_in_a_workspace_study_and_model_are_kept_there(
    adwright: CommandLine, files: tuple[Path, Path], tmp_path: Path
) -> None:
    data, recipe = files
    Workspace.init(tmp_path / "shop", env={}).close()
    said = adwright(
        "tune", "--data", data, "--recipe", recipe, "--model", "headlines", "--trials", 2, "--json",
        "-w", tmp_path / "shop",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert said.json["model"] == "headlines@1"
    assert Path(said.json["study"]) == tmp_path / "shop" / "tuning" / "headlines"
    shown = adwright("models", "show", "headlines", "-w", tmp_path / "shop", "--json")
    assert shown.json["card"]["tuned"]["n_trials"] == 2


def test_what_is_missing_is_said(
    adwright: CommandLine, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, recipe = files
    monkeypatch.chdir(tmp_path)
    assert "Name one: --recipe FILE" in adwright("tune", "--data", data).fault
    assert "--study DIR" in adwright("tune", "--data", data, "--recipe", recipe).fault
    assert "--data FILE" in adwright("tune", "--recipe", recipe).fault
    assert "no workspace here" in adwright("tune").fault
    whole = ("tune", "--data", data, "--recipe", recipe, "--study")
    for package in ("wandb", "mlflow"):
        said = adwright(*whole, tmp_path / package, f"--{package}", "p")
        assert f"pip install {package}" in said.fault
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert "pip install 'adwright[tune]'" in adwright(*whole, "s").fault


def test_an_empty_workspace_has_nothing_to_tune_on(adwright: CommandLine, tmp_path: Path) -> None:
    Workspace.init(tmp_path / "shop", env={}).close()
    assert "too few past contents" in adwright("tune", "-w", tmp_path / "shop").fault
