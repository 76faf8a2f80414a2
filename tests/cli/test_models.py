from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adwright.cli.models import app
from adwright.errors import InfeasibleError, NotFoundError
from adwright.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ADWRIGHT_DATABASE_URL", raising=False)
    with Workspace.init(tmp_path / "shop") as shop:
        for auc in (0.6, 0.7):
            card = {"config": {}, "seed": 1, "data_digest": "d", "metrics": {"auc": auc}}
            shop.models.save("click", lambda path: (path / "w").write_text("w"), card)
    return tmp_path / "shop"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--workspace", str(folder)])


def run_json(folder: Path, *arguments: str) -> Any:
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_marks_the_model_in_use(folder: Path) -> None:
    found = run_json(folder, "list")["models"]
    assert [(m["ref"], m["promoted"], m["metrics"]["auc"]) for m in found] == [
        ("click@1", False, 0.6),
        ("click@2", True, 0.7),
    ]
    assert "* click@2" in run(folder, "list").stdout
    assert run_json(folder, "list", "other") == {"models": []}


def test_show_prints_the_card(folder: Path) -> None:
    found = run_json(folder, "show", "click@1")
    assert found["ref"] == "click@1"
    assert found["card"]["metrics"] == {"auc": 0.6}
    assert '"data_digest": "d"' in run(folder, "show", "click").stdout


def test_promote_and_rollback_change_what_is_in_use(folder: Path) -> None:
    assert run_json(folder, "promote", "click@2") == {"promoted": "click@2"}
    assert run_json(folder, "rollback", "click") == {"promoted": "click@1"}
    assert run_json(folder, "show", "click")["ref"] == "click@1"
    assert isinstance(run(folder, "rollback", "click").exception, InfeasibleError)


def test_an_unknown_model_is_our_error(folder: Path) -> None:
    for arguments in (("show", "clik"), ("promote", "click@9"), ("rollback", "clik")):
        assert isinstance(run(folder, *arguments).exception, NotFoundError)
