from __future__ import annotations

import json
from collections import namedtuple
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli import doctor
from adwright.workspace import Workspace

KEY = "an example key, not a secret"
VARIABLES = ("ADWRIGHT_DATABASE_URL", "ADWRIGHT_PSEUDONYM_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with Workspace.init(tmp_path / "shop") as shop:
        shop.tables.upsert("products", pl.DataFrame({"id": ["p"]}), key="id")
    return tmp_path / "shop"


def checks(folder: Path, *, asked: bool = True, **env: str) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.check_workspace(folder, env, asked=asked)}


def test_everything_is_looked_at_and_the_exit_code_is_zero(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", KEY)
    result = CliRunner().invoke(doctor.app, ["--workspace", str(folder), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["ok"] is True
    assert [check["name"] for check in found["checks"]] == [
        "Python",
        "packages",
        "torch",
        "SQLite",
        "disk",
        "workspace",
        "recipe",
        "database",
        "data",
        "pseudonym key",
        "language model",
        "models",
    ]
    assert {check["status"] for check in found["checks"]} <= {"ok", "warning"}
    assert KEY not in result.output


def test_a_problem_is_printed_with_its_remedy_and_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "check_installation", lambda: iter(()))
    result = CliRunner().invoke(doctor.app, ["--workspace", str(tmp_path)])
    assert result.exit_code == 1
    assert "problem  workspace" in result.stdout
    assert "-> Make one: adwright init" in result.stdout


def test_a_folder_that_nobody_named_need_not_be_a_workspace(tmp_path: Path) -> None:
    assert checks(tmp_path, asked=False)["workspace"].status == "warning"
    assert checks(tmp_path, asked=True)["workspace"].status == "problem"
    assert list(tmp_path.iterdir()) == []


def test_a_broken_recipe_and_a_missing_database_are_problems(folder: Path) -> None:
    (folder / "adwright.db").rename(folder / "moved.db")
    assert checks(folder)["workspace"].status == "problem"
    assert "missing" in checks(folder)["workspace"].detail
    (folder / "adwright.toml").write_text("[shop")
    assert "cannot read the recipe" in checks(folder)["workspace"].detail


def test_the_key_is_judged_without_being_shown_or_remembered(folder: Path) -> None:
    assert checks(folder)["pseudonym key"].status == "warning"
    assert checks(folder, ADWRIGHT_PSEUDONYM_KEY="hunter2")["pseudonym key"].status == "problem"
    assert checks(folder, ADWRIGHT_PSEUDONYM_KEY=KEY)["pseudonym key"].status == "ok"
    with Workspace.open(folder, env={}) as shop:
        assert shop.settings.get("pseudonym_key") is None
        shop.pseudonymiser({"ADWRIGHT_PSEUDONYM_KEY": KEY})
    other = checks(folder, ADWRIGHT_PSEUDONYM_KEY=KEY + "!")["pseudonym key"]
    assert other.status == "problem"
    assert "hunter2" not in str(checks(folder, ADWRIGHT_PSEUDONYM_KEY="hunter2"))


def test_only_the_openai_backend_needs_an_endpoint(folder: Path) -> None:
    assert checks(folder)["language model"].status == "ok"
    (folder / "adwright.toml").write_text('[generate]\nbackend = "openai"\n')
    assert checks(folder)["language model"].status == "problem"
    found = checks(folder, OPENAI_API_KEY="hunter2")["language model"]
    assert found.status == "ok"
    assert "hunter2" not in found.detail


def test_an_empty_catalogue_says_how_to_fill_it(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "shop", env={}).close()
    found = checks(tmp_path / "shop")["data"]
    assert found.status == "problem"
    assert "adwright ingest catalog" in found.mend


@pytest.mark.parametrize(("free", "status"), [(2**40, "ok"), (2**30, "warning"), (2**20, "problem")])
def test_little_disk_space_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage(2**41, 0, free))
    assert checks(folder)["disk"].status == status


def test_half_written_models_are_named(folder: Path) -> None:
    (folder / "models" / "click" / "1").mkdir(parents=True)
    assert "half-written" in checks(folder)["models"].detail


def test_an_unreachable_database_is_a_problem_without_its_password(folder: Path) -> None:
    pytest.importorskip("psycopg")
    found = checks(folder, ADWRIGHT_DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/shop")["workspace"]
    assert found.status == "problem"
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("line", "said"), [("[decide]\nflor = 0.1", "decide.flor"), ('[generate]\nbackend = "hf"', "model")]
)
def test_a_recipe_that_the_main_job_would_refuse_is_a_problem(folder: Path, line: str, said: str) -> None:
    (folder / "adwright.toml").write_text(f'[shop]\nname = "s"\n{line}\n', encoding="utf-8")
    found = checks(folder)["recipe"]
    assert found.status == "problem"
    assert said in found.detail
