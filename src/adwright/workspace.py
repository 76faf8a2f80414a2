"""One shop's folder: its recipe, its database, its tables, its models and its reports.

The folder and the database know each other by an id. A database that was swapped, restored alone or
deleted would otherwise make the tables look like leftovers, and leftovers are swept.
"""

from __future__ import annotations

import os
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

import sqlalchemy as sa

from adwright.config import build, read_toml
from adwright.errors import ConfigError, NotFoundError, StoreError, UsageError
from adwright.privacy.pseudonyms import KEY_VARIABLE, Pseudonymiser
from adwright.schema import Language, ShopPolicy
from adwright.store import (
    CallLedger,
    ContentStore,
    Database,
    ExperimentStore,
    Ledger,
    ModelRegistry,
    Quarantine,
    RunLog,
    Settings,
    TableStore,
    open_database,
)
from adwright.store.durable import write_whole
from adwright.store.faults import disk_faults

__all__ = ["DATABASE_VARIABLE", "RECIPE", "PolicyConfig", "ShopConfig", "Workspace"]

RECIPE = "adwright.toml"
DATABASE_VARIABLE = "ADWRIGHT_DATABASE_URL"
_ID_FILE = ".workspace"
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class ShopConfig:
    """The recipe's `[shop]`.

    Args:
        name: As people know it.
        currency: ISO 4217, of amounts that come without one.
        languages: The languages that contents are written in.
        database_url: SQLite relative to the workspace, or PostgreSQL without a password. The environment
            variable ADWRIGHT_DATABASE_URL goes before it.
    """

    name: str = "My shop"
    currency: str = "USD"
    languages: tuple[Language, ...] = ("en",)
    database_url: str = "sqlite:///adwright.db"


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """One `[[policy]]` of the recipe: what the shop promises, in the languages that it answers in.

    Args:
        id: Short and unique.
        topic: shipping, returns, warranty, payment ..., or a topic of the shop's own.
        text: Language -> what may be said of it, word for word.
    """

    id: str
    topic: str
    text: dict[str, str]

    def __post_init__(self) -> None:
        known = get_args(Language)
        if not self.text or set(self.text) - set(known):
            raise ConfigError(
                "a policy needs its text by language",
                argument=f"policy.{self.id}.text",
                value=self.text,
                allowed=", ".join(known),
            )


@dataclass(frozen=True, slots=True)
class _Policies:
    policy: tuple[PolicyConfig, ...] = ()


class Workspace:
    """One shop's folder, open. From `Workspace.init` or `Workspace.open`; close it, or use it in `with`.

    Args:
        path: The folder.
        recipe: The parsed recipe.
        database: Its database, migrated.
    """

    def __init__(self, path: Path, recipe: dict[str, Any], database: Database) -> None:
        self.path = path
        self.recipe = recipe
        self.shop = build(ShopConfig, recipe.get("shop", {}), where="shop")
        self.policies = _policies(recipe)
        self.database = database
        self.tables = TableStore(path / "tables", database)
        self.models = ModelRegistry(path / "models")
        self.calls = CallLedger(database)
        self.contents = ContentStore(database)
        self.ledger = Ledger(database)
        self.experiments = ExperimentStore(database)
        self.quarantine = Quarantine(database)
        self.runs = RunLog(database)
        self.settings = Settings(database)
        self.reports = path / "reports"

    @classmethod
    def init(
        cls, path: str | Path, recipe: str | None = None, *, env: Mapping[str, str] | None = None
    ) -> Workspace:
        """A new workspace. The recipe is written last: an interrupted `init` can be run again.

        Args:
            path: The folder; made if it is not there.
            recipe: The recipe's text (TOML); the commented default, if None.
            env: The environment; the process's own, if None.

        Raises:
            UsageError: the folder is a workspace already, or a file.
            ConfigError: the recipe is wrong, or its database belongs to another workspace.
            StoreError: the disk or the database failed.
        """
        folder = Path(path)
        if (folder / RECIPE).exists():
            raise UsageError(
                "there is a workspace here already; nothing was changed", argument="path", value=str(folder)
            )
        if folder.exists() and not folder.is_dir():
            raise UsageError("not a folder", argument="path", value=str(folder))
        text = default_recipe() if recipe is None else recipe
        parsed = _parse(text)
        with disk_faults(folder):
            for name in ("tables", "models", "reports"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        database = open_database(_database_url(folder, parsed, env))
        try:
            database.migrate()
            _pair(folder, database)
            write_whole(folder / RECIPE, lambda file: file.write(text.encode()))
            return cls(folder, parsed, database)
        except BaseException:
            database.close()
            raise

    @classmethod
    def open(cls, path: str | Path, *, env: Mapping[str, str] | None = None) -> Workspace:
        """The workspace in this folder, its database brought up to date.

        Raises:
            NotFoundError: no workspace there.
            ConfigError: the recipe is wrong.
            StoreError: the database is missing, unreachable, newer than this code, or another workspace's.
        """
        folder = Path(path)
        if not (folder / RECIPE).is_file():
            raise NotFoundError(
                f"no workspace here: {RECIPE} is missing",
                argument="path",
                value=str(folder),
                hint=f"Make one: adwright init {folder}; or name one: --workspace DIR",
            )
        recipe = read_toml(folder / RECIPE)
        url = _database_url(folder, recipe, env)
        file = sa.make_url(url).database if url.startswith("sqlite") else None
        if file is not None and not Path(file).exists():
            raise StoreError(
                f"the database {file} is missing", retryable=False, hint="Put it back from a backup"
            )
        database = open_database(url)
        try:
            database.migrate()
            _check_pair(folder, database)
            return cls(folder, recipe, database)
        except BaseException:
            database.close()
            raise

    def pseudonymiser(self, env: Mapping[str, str] | None = None) -> Pseudonymiser:
        """The pseudonymiser of this shop. The first key that is used is remembered by its fingerprint.

        Args:
            env: The environment; the process's own, if None.

        Raises:
            ConfigError: ADWRIGHT_PSEUDONYM_KEY is unset, too short, or not the key that this shop began with.
        """
        found = Pseudonymiser.from_env(env)
        self.remember_key(found)
        return found

    def remember_key(self, pseudonymiser: Pseudonymiser) -> None:
        """Records the key's fingerprint, or raises `ConfigError` if another key was used here before."""
        held = self.settings.set_once("pseudonym_key", pseudonymiser.fingerprint)
        if held != pseudonymiser.fingerprint:
            raise ConfigError(
                f"{KEY_VARIABLE} is not the key that this workspace began with "
                f"(fingerprint {pseudonymiser.fingerprint}, was {held})",
                hint="Set the first key again; with another one, every customer would become a new one",
            )

    def close(self) -> None:
        """Gives the database's connections back."""
        self.database.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _policies(recipe: Mapping[str, Any]) -> tuple[ShopPolicy, ...]:
    found = build(_Policies, {"policy": recipe.get("policy", [])}).policy
    return tuple(
        ShopPolicy(
            id=p.id, topic=p.topic, text={spoken: p.text[spoken] for spoken in _LANGUAGES if spoken in p.text}
        )
        for p in found
    )


def default_recipe() -> str:
    """The text of the commented recipe that a new workspace gets."""
    return resources.files("adwright").joinpath("default_recipe.toml").read_text(encoding="utf-8")


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"cannot read the recipe: {error}") from error


def _database_url(folder: Path, recipe: Mapping[str, Any], env: Mapping[str, str] | None) -> str:
    """The environment's URL, else the recipe's; a relative SQLite path is relative to the workspace."""
    from_env = (os.environ if env is None else env).get(DATABASE_VARIABLE, "")
    text = from_env or build(ShopConfig, recipe.get("shop", {}), where="shop").database_url
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        return text  # open_database says what is wrong with it
    if url.password is not None and not from_env:
        raise ConfigError(
            "the recipe holds a password",
            argument="shop.database_url",
            value="(not shown)",
            hint=f"Put the URL into the environment variable {DATABASE_VARIABLE} and change the password",
        )
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(folder.absolute() / url.database))
    return url.render_as_string(hide_password=False)


def _pair(folder: Path, database: Database) -> None:
    """Makes a new folder and a new database know each other; a half-made pair is completed."""
    file = folder / "tables" / _ID_FILE
    with disk_faults(file):
        mine = file.read_text(encoding="ascii").strip() if file.exists() else uuid.uuid4().hex
    write_whole(file, lambda out: out.write(mine.encode()))
    if Settings(database).set_once("workspace", mine) != mine:
        file.unlink(missing_ok=True)
        raise ConfigError(
            "this database belongs to another workspace",
            argument="database_url",
            value="(not shown)",
            hint="Give each workspace a database of its own, for example: createdb NAME",
        )


def _check_pair(folder: Path, database: Database) -> None:
    file = folder / "tables" / _ID_FILE
    with disk_faults(file):
        mine = file.read_text(encoding="ascii").strip()
    if Settings(database).get("workspace") != mine:
        raise StoreError(
            f"the database is not the one of this folder ({folder})",
            retryable=False,
            hint=f"Look at shop.database_url and {DATABASE_VARIABLE}; restore both from the same backup",
        )
