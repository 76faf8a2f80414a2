from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from adwright.errors import ConfigError, StoreError, UsageError
from adwright.store import Database, Settings, open_database
from adwright.store import database as database_module
from adwright.store.migrations import Migration, known_migrations
from adwright.store.state import APPROVAL, SETTING, UtcTime, metadata


def test_migrating_twice_takes_no_step_the_second_time(empty_database: Database) -> None:
    assert empty_database.version() == 0
    assert empty_database.migrate() == len(known_migrations())
    assert empty_database.migrate() == 0
    assert empty_database.version() == known_migrations()[-1].number


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    numbers = [step.number for step in known_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_migrations_end_where_the_code_expects(database: Database) -> None:
    found = sa.inspect(database.engine)
    assert set(found.get_table_names()) == {*metadata.tables, "migration"}
    for name, table in metadata.tables.items():
        columns = {column["name"]: column for column in found.get_columns(name)}
        assert set(columns) == set(table.c.keys()), name
        for column in table.c:
            there = columns[column.name]
            assert there["nullable"] == column.nullable, f"{name}.{column.name}"
            expected = column.type.dialect_impl(database.engine.dialect)
            kind = expected.impl_instance if isinstance(expected, sa.types.TypeDecorator) else expected
            assert isinstance(there["type"], kind._type_affinity), f"{name}.{column.name}"
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key], name


def test_a_migration_that_fails_leaves_nothing_of_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE half_made (x INTEGER)"))
        raise RuntimeError("stopped halfway")

    last = known_migrations()[-1].number
    steps = [*known_migrations(), Migration(last + 1, "half", half)]
    monkeypatch.setattr(database_module, "known_migrations", lambda: steps)
    with pytest.raises(RuntimeError, match="halfway"):
        database.migrate()
    assert database.version() == last
    assert not sa.inspect(database.engine).has_table("half_made")


def test_a_database_newer_than_the_code_is_a_clear_error(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("INSERT INTO migration (number, name) VALUES (9999, 'later')"))
    with pytest.raises(StoreError, match=r"migration 9999.*Upgrade Adwright") as caught:
        database.migrate()
    assert not caught.value.retryable


def test_an_error_in_the_block_rolls_back(database: Database) -> None:
    def write_and_fail() -> None:
        with database.begin() as connection:
            connection.execute(SETTING.insert().values(name="a", value="b"))
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    assert Settings(database).get("a") is None


def test_a_setting_holds_once_it_is_set(database: Database) -> None:
    settings = Settings(database)
    assert settings.get("a") is None
    assert settings.set_once("a", "first") == "first"
    assert settings.set_once("a", "second") == "first"
    assert settings.get("a") == "first"


def test_exclusive_blocks_wait_for_each_other(database: Database) -> None:
    order: list[str] = []
    entered = threading.Event()

    def hold() -> None:
        with database.exclusive():
            entered.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(10)
    with database.exclusive():
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_locked_database_is_one_line_with_a_hint(database: Database, database_url: str) -> None:
    impatient = open_database(database_url, busy_timeout_s=0.05)
    block = impatient.exclusive()
    with (
        database.exclusive(),
        pytest.raises(StoreError, match=r"locked.*Another process is writing") as caught,
    ):
        block.__enter__()
    impatient.close()
    assert caught.value.retryable
    assert "\n" not in str(caught.value)


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(SETTING.insert().values(name="x", value="y"))
        assert Settings(database).get("x") is None
    assert Settings(database).get("x") == "y"


def test_sqlite_is_opened_with_wal_full_sync_and_foreign_keys(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}", busy_timeout_s=3)
    with database.read() as connection:
        found = [
            connection.scalar(sa.text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 3000]
    database.close()


def test_foreign_keys_hold(database: Database) -> None:
    row = {
        "content_id": "none",
        "approved": True,
        "by": "a",
        "at": datetime.now(UTC),
        "text": "",
        "reason": "",
    }
    with pytest.raises(StoreError, match="refused") as caught, database.begin() as connection:
        connection.execute(APPROVAL.insert().values(row))
    assert not caught.value.retryable


def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    east = datetime(2025, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    table = sa.Table("moment", sa.MetaData(), sa.Column("at", UtcTime))
    with database.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(at=east))
        found = connection.execute(sa.select(table.c.at)).scalar_one()
    assert found == datetime(2025, 1, 1, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(UsageError, match="time zone"), database.read() as connection:
        connection.scalar(sa.select(sa.bindparam("at", datetime(2025, 1, 1), UtcTime)))


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter2@host/db", "not a url hunter2", "", "oracle+x://hunter2"]
)
def test_a_bad_url_is_an_error_that_does_not_show_it(url: str) -> None:
    with pytest.raises(ConfigError, match="allowed: sqlite") as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


def test_a_bare_postgresql_url_means_psycopg() -> None:
    pytest.importorskip("psycopg")
    database = open_database("postgresql://someone@host/shop")
    assert database.engine.url.drivername == "postgresql+psycopg"
    assert database.kind == "postgresql"


def test_an_unreachable_server_is_one_line_without_the_password() -> None:
    pytest.importorskip("psycopg")
    database = open_database("postgresql://someone:hunter2@127.0.0.1:1/shop")
    with pytest.raises(StoreError, match="adwright doctor") as caught:
        database.version()
    assert caught.value.retryable
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_a_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is not a database, it is a text file" * 50)
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(StoreError, match="not a database"):
        database.migrate()
    database.close()


def test_sqlite_keeps_its_rows_for_other_programs(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    database.migrate()
    Settings(database).set_once("name", "value")
    database.close()
    with sqlite3.connect(tmp_path / "a.db") as connection:
        assert connection.execute("SELECT name, value FROM setting").fetchall() == [("name", "value")]
    connection.close()
