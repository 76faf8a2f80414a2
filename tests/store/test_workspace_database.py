"""A whole workspace on each kind of database."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adwright.errors import ConfigError
from adwright.workspace import Workspace


def test_a_workspace_works_on_the_environments_database(empty_url: str, kind: str, tmp_path: Path) -> None:
    env = {"ADWRIGHT_DATABASE_URL": empty_url}
    with Workspace.init(tmp_path / "shop", env=env) as shop:
        assert shop.database.kind == kind
        assert shop.tables.append("events", pl.DataFrame({"message_id": ["a"]}), key="message_id") == 1
    with Workspace.open(tmp_path / "shop", env=env) as shop:
        assert shop.tables.read("events")["message_id"].to_list() == ["a"]
    with pytest.raises(ConfigError, match="belongs to another workspace"):
        Workspace.init(tmp_path / "other", env=env)


def test_the_recipe_may_name_the_database(empty_url: str, kind: str, tmp_path: Path) -> None:
    recipe = f'[shop]\ndatabase_url = "{empty_url}"\n'
    with Workspace.init(tmp_path / "shop", recipe, env={}) as shop:
        assert shop.database.kind == kind
