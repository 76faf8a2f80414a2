from __future__ import annotations

import errno
import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.errors import DataError, NotFoundError, StoreError
from adwright.store import Database, TableStore
from adwright.store import tables as tables_module

AT = datetime(2025, 3, 1, 8, tzinfo=UTC)


def events(*ids: str, event: str = "Product Viewed") -> pl.DataFrame:
    return pl.DataFrame({"message_id": list(ids), "event": event, "at": AT})


def lines(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"message_id": list(ids), "order_id": "o"})


def products(**titles: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": list(titles), "title": list(titles.values())}, schema_overrides={"title": pl.String}
    )


def parquet_files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def test_rows_come_back_in_the_order_in_which_they_arrived(tables: TableStore) -> None:
    tables.append("events", events("b", "a"), key="message_id")
    tables.append("events", events("c"), key="message_id")
    assert tables.read("events")["message_id"].to_list() == ["b", "a", "c"]
    assert tables.count("events") == 3
    assert tables.read("events").schema == pl.Schema(tables_module.TABLES["events"])
    assert tables.read("events")["at"].to_list() == [AT] * 3


def test_a_second_run_adds_nothing(tables: TableStore) -> None:
    assert tables.append("events", events("a", "b"), key="message_id") == 2
    assert tables.append("events", events("a", "b"), key="message_id") == 0
    assert tables.append("events", events("b", "c"), key="message_id") == 1
    assert tables.read("events")["message_id"].to_list() == ["a", "b", "c"]


def test_of_a_key_twice_in_one_frame_the_first_row_is_kept(tables: TableStore) -> None:
    frame = pl.concat([events("a", event="first"), events("a", event="second"), events("b", event="third")])
    assert tables.append("events", frame, key="message_id") == 2
    assert tables.read("events")["event"].to_list() == ["first", "third"]


def test_without_a_key_every_row_is_added(tables: TableStore) -> None:
    assert tables.append("totals", pl.DataFrame({"content_id": ["c", "c"]}), key=None) == 2
    assert tables.append("totals", pl.DataFrame({"content_id": ["c"]}), key=None) == 1
    assert tables.count("totals") == 3


def test_the_same_key_may_stand_in_two_tables(tables: TableStore) -> None:
    assert tables.append("events", events("a"), key="message_id") == 1
    assert tables.append("order_lines", lines("a"), key="message_id") == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.text(max_size=3), max_size=6), max_size=4))
def test_any_batches_leave_each_key_once_where_it_first_came(
    tables: TableStore, batches: list[list[str]]
) -> None:
    before = tables.read("events")["message_id"].to_list()
    for batch in batches:
        tables.append("events", events(*batch), key="message_id")
    # The second implementation: an ordinary dictionary keeps first places.
    expected = dict.fromkeys([*before, *(key for batch in batches for key in batch)])
    assert tables.read("events")["message_id"].to_list() == list(expected)


def test_several_tables_share_the_fate_of_the_first(tables: TableStore) -> None:
    first = tables.append_many(
        {"events": events("a", "b"), "order_lines": lines("a", "a", "b")}, key="message_id"
    )
    again = tables.append_many(
        {"events": events("b", "c"), "order_lines": lines("b", "c", "c")}, key="message_id"
    )
    assert first == {"events": 2, "order_lines": 3}
    assert again == {"events": 1, "order_lines": 2}
    assert tables.read("order_lines")["message_id"].to_list() == ["a", "a", "b", "c", "c"]


def test_lines_of_an_event_that_stands_twice_in_the_frame_are_refused(tables: TableStore) -> None:
    with pytest.raises(DataError, match="order_lines hang on a key that events has twice"):
        tables.append_many({"events": events("a", "a"), "order_lines": lines("a")}, key="message_id")
    assert tables.count("events") == tables.count("order_lines") == 0
    assert tables.append("events", events("a"), key="message_id") == 1


def test_upsert_counts_added_and_changed_and_ignores_equal_rows(tables: TableStore) -> None:
    assert tables.upsert("products", products(p="one", q=None, r="three"), key="id") == (3, 0)
    assert tables.upsert("products", products(p="one", q=None, r="three"), key="id") == (0, 0)
    assert tables.upsert("products", products(p="ONE", q=None, s="four"), key="id") == (1, 1)
    assert tables.upsert("products", products(q="two"), key="id") == (0, 1)
    found = dict(tables.read("products").select("id", "title").iter_rows())
    assert found == {"p": "ONE", "q": "two", "r": "three", "s": "four"}
    assert tables.count("products") == 4


def test_upsert_takes_the_last_of_two_rows_with_one_key(tables: TableStore) -> None:
    frame = pl.concat([products(p="old"), products(p="new")])
    assert tables.upsert("products", frame, key="id") == (1, 0)
    assert tables.read("products")["title"].to_list() == ["new"]


def test_upsert_sees_no_change_in_a_rating_that_is_not_a_number(tables: TableStore) -> None:
    frame = pl.DataFrame({"id": ["p"], "rating": [math.nan]})
    assert tables.upsert("products", frame, key="id") == (1, 0)
    assert tables.upsert("products", frame, key="id") == (0, 0)


def test_upsert_leaves_one_file(tables: TableStore, tmp_path: Path) -> None:
    for title in ("one", "two", "three"):
        tables.upsert("products", products(p=title), key="id")
    assert len(parquet_files(tmp_path / "tables")) == 1


def test_an_empty_table_has_its_columns(tables: TableStore) -> None:
    assert tables.read("events").schema == pl.Schema(tables_module.TABLES["events"])
    assert tables.count("events") == 0
    assert tables.append("events", events(), key="message_id") == 0
    assert tables.upsert("products", products(), key="id") == (0, 0)


def test_an_unknown_table_names_the_nearest(tables: TableStore) -> None:
    for call in (
        lambda: tables.scan("event"),
        lambda: tables.read("event"),
        lambda: tables.count("event"),
        lambda: tables.append("event", events("a"), key="message_id"),
        lambda: tables.upsert("event", events("a"), key="message_id"),
    ):
        with pytest.raises(NotFoundError, match="Did you mean 'events'"):
            call()


def test_an_unknown_column_names_the_nearest(tables: TableStore) -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'message_id'"):
        tables.append("events", pl.DataFrame({"mesage_id": ["a"]}), key="message_id")


def test_a_wrong_type_says_which_column(tables: TableStore) -> None:
    with pytest.raises(DataError, match=r"quantity: .*Int64"):
        tables.append("events", events("a").with_columns(quantity=pl.lit("many")), key="message_id")
    assert tables.count("events") == 0


def test_a_row_without_a_key_is_refused(tables: TableStore) -> None:
    frame = pl.DataFrame({"message_id": ["a", None]})
    with pytest.raises(DataError, match="no key"):
        tables.append("events", frame, key="message_id")
    with pytest.raises(DataError, match="no key"):
        tables.upsert("products", pl.DataFrame({"id": ["a", None]}), key="id")
    assert tables.append("events", events("a"), key="message_id") == 1


def test_the_frame_that_was_given_is_not_changed(tables: TableStore) -> None:
    frame = events("a", "a")
    tables.append("events", frame, key="message_id")
    assert frame.columns == ["message_id", "event", "at"]
    assert frame.height == 2


def test_equal_batches_have_an_equal_digest_and_other_rows_another(tables: TableStore) -> None:
    empty = tables.digest("events")
    tables.append("events", events("a"), key="message_id")
    one = tables.digest("events")
    tables.append("events", events("a"), key="message_id")
    assert tables.digest("events") == one != empty
    tables.append("events", events("b"), key="message_id")
    assert tables.digest("events") != one
    assert tables.digest("events") != tables.digest("events", "products")


def test_parts_that_no_transaction_listed_are_never_read_and_then_swept(
    tables: TableStore, reopen: Callable[[], TableStore], tmp_path: Path
) -> None:
    tables.append("events", events("a"), key="message_id")
    stray = tmp_path / "tables" / "events" / "00000099.parquet"
    events("stray").write_parquet(stray)
    half = tmp_path / "tables" / "events" / "00000098.parquet.77.writing"
    half.write_bytes(b"PAR1")
    fresh = reopen()
    assert fresh.read("events")["message_id"].to_list() == ["a"]
    fresh.append("events", events("b"), key="message_id")
    assert not stray.exists()
    assert not half.exists()
    assert fresh.read("events")["message_id"].to_list() == ["a", "b"]


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_listed_part_that_is_gone_or_cut_short_is_one_clear_error(
    tables: TableStore, tmp_path: Path, damage: str
) -> None:
    tables.append("events", events("a"), key="message_id")
    (part,) = (tmp_path / "tables" / "events").iterdir()
    if damage == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(StoreError, match=damage):
        tables.read("events")


def test_a_table_written_before_a_column_was_added_reads_as_null(
    tables: TableStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.append("customers", pl.DataFrame({"id": ["p_1"]}), key="id")
    grown = dict(tables_module.TABLES)
    grown["customers"] = {**grown["customers"], "city": pl.String}
    monkeypatch.setattr(tables_module, "TABLES", grown)
    tables.append("customers", pl.DataFrame({"id": ["p_2"], "city": ["Ulm"]}), key="id")
    assert tables.read("customers")["city"].to_list() == [None, "Ulm"]


def fail_at(monkeypatch: pytest.MonkeyPatch, step: str, database: Database) -> None:
    """Makes one step of a write fail as a full disk or a lost connection would."""

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "write":
        monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    elif step in ("fsync", "replace"):
        monkeypatch.setattr(f"adwright.store.durable.os.{step}", full)
    elif step == "digest":
        monkeypatch.setattr("adwright.store.tables.hashlib.file_digest", full)


@pytest.mark.parametrize("step", ["write", "fsync", "replace", "digest"])
def test_a_full_disk_at_any_step_records_nothing_and_a_rerun_completes(
    tables: TableStore, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    tables.append("events", events("a"), key="message_id")
    before = parquet_files(tmp_path / "tables")
    batch = {"events": events("a", "b"), "order_lines": lines("b", "b")}
    with monkeypatch.context() as patch:
        fail_at(patch, step, database)
        with pytest.raises(StoreError, match="free some space") as caught:
            tables.append_many(batch, key="message_id")
        assert caught.value.retryable
        assert "\n" not in str(caught.value)
        with pytest.raises(StoreError, match="free some space"):
            tables.upsert("products", products(p="one"), key="id")
    assert tables.count("events") == 1
    assert tables.count("order_lines") == tables.count("products") == 0
    if step != "digest":
        assert parquet_files(tmp_path / "tables") == before
    assert tables.append_many(batch, key="message_id") == {"events": 1, "order_lines": 2}
    assert tables.upsert("products", products(p="one"), key="id") == (1, 0)
    assert tables.read("events")["message_id"].to_list() == ["a", "b"]


def test_a_failure_in_the_second_table_takes_the_first_back(
    tables: TableStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = {"events": events("a"), "order_lines": lines("a")}
    add = TableStore._add_part

    def failing(self: TableStore, connection: Any, table: str, rows: Any, *, n_rows: int) -> Path:
        if table == "order_lines":
            raise StoreError("the second part fails", retryable=True)
        return add(self, connection, table, rows, n_rows=n_rows)

    with monkeypatch.context() as patch:
        patch.setattr(TableStore, "_add_part", failing)
        with pytest.raises(StoreError, match="second part"):
            tables.append_many(batch, key="message_id")
    assert parquet_files(tmp_path / "tables") == []
    assert tables.append_many(batch, key="message_id") == {"events": 1, "order_lines": 1}
