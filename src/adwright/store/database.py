"""The operational database: SQLite by default, PostgreSQL by URL, and how it gets its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adwright.errors import ConfigError, StoreError
from adwright.store.faults import database_faults
from adwright.store.migrations import known_migrations
from adwright.store.state import UtcTime

_WRITE = "adwright_write"
_ADVISORY_LOCK = 0x61647772  # "adwr": the one writer of a PostgreSQL database

_migration = sa.Table(
    "migration",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied_at", UtcTime, server_default=sa.func.current_timestamp(), nullable=False),
)


def open_database(url: str, *, busy_timeout_s: float = 30.0) -> Database:
    """The database at `url`, not yet migrated.

    Args:
        url: `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST/NAME` (driver psycopg 3).
        busy_timeout_s: How long to wait for another writer, seconds.

    Raises:
        ConfigError: a URL that is neither, or the PostgreSQL driver is not installed. The URL itself is
            never shown, since it may hold a password.
    """
    parsed = _parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(parsed, hide_parameters=True)
        _prepare_sqlite(engine, busy_timeout_ms=round(busy_timeout_s * 1000))
        return Database(engine)
    arguments = {"options": f"-c lock_timeout={round(busy_timeout_s * 1000)}"}
    try:
        return Database(
            sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            "the PostgreSQL driver is not installed", hint="Install it: pip install 'adwright[postgres]'"
        ) from error


class Database:
    """One database. Transactions are had from `begin`, `read` and `exclusive`; a failure is a `StoreError`.

    Args:
        engine: From `open_database`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that writes: committed at the end of the block, rolled back on any error."""
        with (
            database_faults(),
            self.engine.connect().execution_options(**{_WRITE: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, and so waits for no writer."""
        with database_faults(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def exclusive(self) -> Iterator[sa.Connection]:
        """A transaction with no other `exclusive` one beside it, in any process.

        On SQLite every writer is alone already; PostgreSQL takes an advisory lock until the end of the block.
        """
        with self.begin() as connection:
            if self.kind == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT of this database's dialect, which can say ON CONFLICT."""
        return postgresql.insert(table) if self.kind == "postgresql" else sqlite.insert(table)

    def migrate(self) -> int:
        """Brings the tables up to date, each step in a transaction; returns how many steps it took.

        Raises:
            StoreError: the database is newer than this code.
        """
        steps = known_migrations()
        newest = self.version()
        if newest > steps[-1].number:
            raise StoreError(
                f"the database is at migration {newest}, this Adwright knows only {steps[-1].number}",
                retryable=False,
                hint="Upgrade Adwright: a newer one has written this database",
            )
        n_applied = 0
        for step in steps[newest:]:
            with self.exclusive() as connection:
                _migration.create(connection, checkfirst=True)
                if _newest(connection) >= step.number:
                    continue
                step.upgrade(connection)
                connection.execute(_migration.insert().values(number=step.number, name=step.name))
                n_applied += 1
        return n_applied

    def version(self) -> int:
        """The number of the last migration applied; 0 for an empty database."""
        with self.read() as connection:
            return _newest(connection) if sa.inspect(connection).has_table("migration") else 0

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


def _newest(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(_migration.c.number), 0))) or 0


def _parse_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigError(
            "not a database URL", argument="url", value="(not shown)", allowed=_ALLOWED
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise ConfigError(
            "unknown kind of database", argument="url", value=parsed.drivername, allowed=_ALLOWED
        )
    return parsed


_ALLOWED = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


def _prepare_sqlite(engine: sa.Engine, *, busy_timeout_ms: int) -> None:
    """Makes SQLAlchemy, not the driver, begin transactions, so that a writer can lock from the start.

    A reader that turns writer halfway would fail at once when another has written in between.
    """

    def set_up(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {busy_timeout_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -65536",  # 64 MiB: the index of seen keys is visited at random
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sa.event.listen(engine, "connect", set_up)
    sa.event.listen(engine, "begin", begin)
