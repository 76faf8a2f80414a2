from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from adwright.cli.app import main


def adwright(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Runs the command line in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["adwright", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADWRIGHT_DATABASE_URL", raising=False)


def test_init_makes_a_workspace_and_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert adwright(monkeypatch, "init", tmp_path / "shop") == 0
    assert (tmp_path / "shop" / "adwright.toml").is_file()
    assert "adwright ingest catalog" in capsys.readouterr().out


def test_init_prints_one_json_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert adwright(monkeypatch, "init", "--workspace", tmp_path / "shop", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workspace"] == str(tmp_path / "shop")
    assert found["database"] == "sqlite"


def test_init_twice_is_one_line_and_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    adwright(monkeypatch, "init", tmp_path / "shop")
    capsys.readouterr()
    assert adwright(monkeypatch, "init", tmp_path / "shop") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("adwright: there is a workspace here already")
    assert printed.err.count("\n") == 1


def test_init_begins_with_a_given_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text("[shop]\nname = '丝路'\n", encoding="utf-8")
    assert adwright(monkeypatch, "init", tmp_path / "shop", "--recipe", recipe) == 0
    assert (tmp_path / "shop" / "adwright.toml").read_text(encoding="utf-8") == recipe.read_text(
        encoding="utf-8"
    )


def test_a_missing_recipe_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert adwright(monkeypatch, "init", tmp_path / "shop", "--recipe", tmp_path / "none.toml") == 1
    assert "no such recipe" in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()
