from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from adwright import workspace as workspace_module
from adwright.errors import AdwrightError, ConfigError, NotFoundError, StoreError, UsageError
from adwright.privacy import Pseudonymiser
from adwright.store import QuarantinedRow
from adwright.workspace import Workspace, default_recipe

ENV: dict[str, str] = {}
KEY = {"ADWRIGHT_PSEUDONYM_KEY": "an example key, not a secret"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Workspace.init(tmp_path / "shop", env=ENV).close()
    return tmp_path / "shop"


def test_init_makes_the_folder_that_the_design_names(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == [
        "adwright.db",
        "adwright.toml",
        "models",
        "reports",
        "tables",
    ]
    assert (folder / "adwright.toml").read_text(encoding="utf-8") == default_recipe()


def test_a_new_workspace_has_all_its_stores(folder: Path) -> None:
    with Workspace.open(folder, env=ENV) as shop:
        assert shop.tables.append("events", pl.DataFrame({"message_id": ["a"]}), key="message_id") == 1
        assert shop.models.list() == []
        assert shop.contents.by_status("draft") == []
        assert shop.ledger.totals().height == 0
        assert shop.experiments.list() == []
        assert shop.quarantine.add("f", [QuarantinedRow(1, "x", "x", "x")]) == 1
        assert shop.runs.start("run", "d") == shop.runs.start("run", "d")
        assert shop.reports == folder / "reports"
        assert shop.shop.currency == shop.recipe["shop"]["currency"] == "USD"
    with Workspace.open(folder, env=ENV) as shop:
        assert shop.tables.count("events") == 1


def test_init_never_overwrites(folder: Path) -> None:
    (folder / "adwright.toml").write_text("[shop]\nname = 'Mine'\n")
    with pytest.raises(UsageError, match="a workspace here already; nothing was changed"):
        Workspace.init(folder, env=ENV)
    assert "Mine" in (folder / "adwright.toml").read_text()


def test_init_takes_a_recipe_and_refuses_a_broken_one(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "a", "[shop]\nname = '丝路'\nlanguages = ['zh']\n", env=ENV) as shop:
        assert (shop.shop.name, shop.shop.languages) == ("丝路", ("zh",))
    for broken in ("[shop", "[shop]\nnane = 'x'\n", "[shop]\nlanguages = ['fr']\n"):
        with pytest.raises(ConfigError):
            Workspace.init(tmp_path / "b", broken, env=ENV)
        assert not (tmp_path / "b" / "adwright.toml").exists()


def test_an_interrupted_init_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workspace_module, "write_whole", stop)
        with pytest.raises(KeyboardInterrupt):
            Workspace.init(tmp_path / "a", env=ENV)
    with monkeypatch.context() as patch:
        patch.setattr(workspace_module, "_parse", lambda text: {"shop": {"name": 3}})
        with pytest.raises(ConfigError):
            Workspace.init(tmp_path / "a", env=ENV)
    Workspace.init(tmp_path / "a", env=ENV).close()
    Workspace.open(tmp_path / "a", env=ENV).close()


def test_init_on_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        Workspace.init(tmp_path / "file", env=ENV)


def test_open_without_a_recipe_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no workspace here.*adwright init") as caught:
        Workspace.open(tmp_path, env=ENV)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_open_refuses_a_recipe_that_is_not_one(folder: Path) -> None:
    (folder / "adwright.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot read the recipe"):
        Workspace.open(folder, env=ENV)


def test_a_password_in_the_recipe_is_refused_and_not_shown(folder: Path) -> None:
    (folder / "adwright.toml").write_text("[shop]\ndatabase_url = 'postgresql://me:hunter2@host/shop'\n")
    with pytest.raises(ConfigError, match="ADWRIGHT_DATABASE_URL") as caught:
        Workspace.open(folder, env=ENV)
    assert "hunter2" not in str(caught.value)


def test_the_environment_names_the_database_before_the_recipe(tmp_path: Path) -> None:
    env = {"ADWRIGHT_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere.db'}"}
    Workspace.init(tmp_path / "shop", env=env).close()
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "shop" / "adwright.db").exists()
    with pytest.raises(StoreError, match="missing"):
        Workspace.open(tmp_path / "shop", env=ENV)
    Workspace.open(tmp_path / "shop", env=env).close()


def test_a_missing_database_is_an_error_and_no_empty_one_is_made(folder: Path) -> None:
    """An empty database would make all parts look like leftovers."""
    (folder / "adwright.db").unlink()
    with pytest.raises(StoreError, match=r"adwright\.db is missing"):
        Workspace.open(folder, env=ENV)
    assert not (folder / "adwright.db").exists()


def test_another_workspaces_database_is_refused(folder: Path, tmp_path: Path) -> None:
    Workspace.init(tmp_path / "other", env=ENV).close()
    shutil.copy(tmp_path / "other" / "adwright.db", folder / "adwright.db")
    with pytest.raises(StoreError, match="not the one of this folder"):
        Workspace.open(folder, env=ENV)


def test_two_workspaces_cannot_share_a_database(tmp_path: Path) -> None:
    env = {"ADWRIGHT_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.db'}"}
    Workspace.init(tmp_path / "one", env=env).close()
    for _ in range(2):
        with pytest.raises(ConfigError, match="belongs to another workspace"):
            Workspace.init(tmp_path / "two", env=env)
    Workspace.open(tmp_path / "one", env=env).close()


def test_a_database_newer_than_the_code_is_an_error(folder: Path) -> None:
    with sqlite3.connect(folder / "adwright.db") as connection:
        connection.execute("INSERT INTO migration (number, name) VALUES (9999, 'later')")
    connection.close()
    with pytest.raises(StoreError, match="Upgrade Adwright"):
        Workspace.open(folder, env=ENV)


def test_the_first_pseudonym_key_is_remembered_and_another_refused(folder: Path) -> None:
    other = {"ADWRIGHT_PSEUDONYM_KEY": "quite another key, just as long"}
    with Workspace.open(folder, env=ENV) as shop:
        assert shop.pseudonymiser(KEY).of("a") == Pseudonymiser.from_env(KEY).of("a")
    with Workspace.open(folder, env=ENV) as shop:
        with pytest.raises(ConfigError, match="not the key that this workspace began with") as caught:
            shop.pseudonymiser(other)
        shop.pseudonymiser(KEY)
    for secret in (*KEY.values(), *other.values()):
        assert secret not in str(caught.value)
        assert secret.encode() not in (folder / "adwright.db").read_bytes()


def test_without_a_key_nothing_is_remembered(folder: Path) -> None:
    with Workspace.open(folder, env=ENV) as shop:
        with pytest.raises(ConfigError, match="is not set"):
            shop.pseudonymiser(ENV)
        assert shop.settings.get("pseudonym_key") is None


def test_a_workspace_on_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AdwrightError) as caught:
        Workspace.init(tmp_path / "file" / "shop", env=ENV)
    assert "\n" not in str(caught.value)
