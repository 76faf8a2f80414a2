"""`adwright learn pretrain`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwright.cli import learn, learn_pretrain
from adwright.learn.pretrain import PretrainConfig


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the command asks of the library, which is not run."""
    made: list[dict[str, Any]] = []

    def pretrain(out: Path, config: PretrainConfig | None, **rest: Any) -> dict[str, Any]:
        made.append({"out": out, "config": config, "resume": rest["resume"]})
        return {"finished": True, "dev_loss": 1.25}

    monkeypatch.setattr(learn_pretrain, "pretrain", pretrain)
    return made


def test_the_options_become_the_configuration(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    arguments = ["pretrain", "--out", str(tmp_path), "--steps", "9", "--seed", "4", "--json"]
    result = CliRunner().invoke(learn.app, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"finished": True, "dev_loss": 1.25}
    assert calls == [{"out": tmp_path, "config": PretrainConfig(steps=9, seed=4), "resume": False}]


def test_a_run_that_is_resumed_keeps_its_configuration(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    result = CliRunner().invoke(learn.app, ["pretrain", "--out", str(tmp_path), "--resume"])
    assert result.exit_code == 0
    assert "dev_loss: 1.25" in result.stdout
    assert calls[0]["config"] is None
