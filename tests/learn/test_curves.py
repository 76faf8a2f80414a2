"""Where the figures of a training run go."""

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from adwright.errors import UsageError
from adwright.learn.curves import open_curve


def test_every_entry_is_a_json_line(tmp_path: Path) -> None:
    curve = open_curve(tmp_path, name="loss.jsonl", first=0)
    curve.add(1, loss=2.5)
    curve.add(2, loss=2.0, learning_rate=0.1)
    curve.close()
    lines = [json.loads(line) for line in (tmp_path / "loss.jsonl").read_text().splitlines()]
    assert [(e["step"], e["loss"]) for e in lines] == [(1, 2.5), (2, 2.0)]
    assert curve.first_loss == 2.5


def test_a_resumed_curve_drops_what_comes_again(tmp_path: Path) -> None:
    for first, steps in ((0, (1, 2, 3)), (2, (3, 4))):
        curve = open_curve(tmp_path, name="loss.jsonl", first=first)
        for step in steps:
            curve.add(step, loss=1.0)
        curve.close()
    steps_written = [json.loads(line)["step"] for line in (tmp_path / "loss.jsonl").read_text().splitlines()]
    assert steps_written == [1, 2, 3, 4]


def test_without_tensorboard_a_line_says_where_the_curve_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said: list[str] = []
    open_curve(tmp_path, name="loss.jsonl", first=0, progress=said.append).close()
    assert len(said) == 1
    assert "loss.jsonl" in said[0]


def test_mlflow_and_wandb_get_the_figures_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[tuple[str, object]] = []
    mlflow = SimpleNamespace(
        set_experiment=lambda name: logged.append(("experiment", name)),
        log_metrics=lambda figures, step: logged.append(("mlflow", (step, figures))),
    )
    run = SimpleNamespace(log=lambda figures, step: logged.append(("wandb", (step, figures))))
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=lambda **options: run))
    curve = open_curve(tmp_path, name="c.jsonl", first=0, wandb_project="p", mlflow_experiment="e")
    curve.add(3, loss=0.5)
    curve.close()
    assert logged == [("experiment", "e"), ("wandb", (3, {"loss": 0.5})), ("mlflow", (3, {"loss": 0.5}))]


@pytest.mark.parametrize("package", ["wandb", "mlflow"])
def test_what_was_asked_for_and_is_not_installed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    asked = {"wandb": {"wandb_project": "p"}, "mlflow": {"mlflow_experiment": "e"}}[package]
    with pytest.raises(UsageError, match=f"pip install {package}"):
        open_curve(tmp_path, name="c.jsonl", first=0, **asked)
