"""A database of each kind for every test of the store: SQLite, and PostgreSQL from the machine's own binaries."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from adwright.store import Database, TableStore, open_database

_numbers = itertools.count()


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a Unix socket in `folder` only."""

    folder: Path

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database, a copy of the template."""
        name = f"test_{next(_numbers)}"
        admin = self.url("postgres").replace("postgresql:", "postgresql+psycopg:")
        engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        return self.url(name)


def _find(program: str) -> str | None:
    found = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))]
    return found[-1] if found else shutil.which(program)


def _as_postgres() -> list[str] | None:
    """What to put before a command so that it does not run as root; None where that is impossible."""
    if os.name != "posix":
        return None
    if os.geteuid() != 0:
        return []
    known = shutil.which("runuser") and subprocess.run(["id", "postgres"], check=False, capture_output=True)
    return ["runuser", "-u", "postgres", "--"] if known and known.returncode == 0 else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    initdb, pg_ctl, prefix = _find("initdb"), _find("pg_ctl"), _as_postgres()
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not on this machine")
    if prefix is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user to run it as")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="adw-pg-"))  # short: a socket's path has at most 107 bytes
    if prefix:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    options = f"-F -k {folder} -c listen_addresses="
    try:
        _run(folder, *prefix, initdb, "-D", data, "-A", "trust", "-U", "postgres", "-N")
        _run(folder, *prefix, pg_ctl, "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield PostgresServer(folder)
        finally:
            _run(folder, *prefix, pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def _migrate(url: str) -> str:
    database = open_database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database; copying one is faster than migrating."""
    url = _migrate(postgres_server.new_database())
    return str(sa.make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "adwright.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database of this test's own."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "adwright.db")
        return f"sqlite:///{tmp_path / 'adwright.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database(request.getfixturevalue("postgres_template"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url, busy_timeout_s=10)
    yield database
    database.close()


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of this test's own."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    database = open_database(empty_url)
    yield database
    database.close()


@pytest.fixture
def tables(database: Database, tmp_path: Path) -> TableStore:
    return TableStore(tmp_path / "tables", database)


@pytest.fixture
def reopen(database: Database, tmp_path: Path) -> Callable[[], TableStore]:
    """The same tables as another process would see them."""
    return lambda: TableStore(tmp_path / "tables", database)
