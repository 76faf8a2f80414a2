from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.ingest import IngestReport, ingest_events, loading

Lines = Callable[..., str]
Message = Callable[..., dict[str, Any]]
Write = Callable[[str, str | bytes], Path]


def ingest(shop: Any, *files: Path, **options: Any) -> IngestReport:
    return ingest_events(
        shop.tables, shop.quarantine, files, pseudonymiser=shop.pseudonymiser, now=shop.now, **options
    )


def order(message: Message, i: int) -> dict[str, Any]:
    properties = {
        "order_id": f"o{i}",
        "currency": "USD",
        "products": [{"product_id": "p1", "price": 1}, {"product_id": "p2", "price": 2}],
    }
    return message(messageId=f"o{i}", event="Order Completed", properties=properties)


def test_a_second_run_of_the_same_file_adds_nothing(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    path = write("e.jsonl", lines(message(), order(message, 1), message(messageId="m2")) + "{broken\n")
    first, second = ingest(shop, path), ingest(shop, path)
    assert (first.n_read, first.n_added, first.n_duplicate, first.n_quarantined) == (4, 3, 0, 1)
    assert (second.n_read, second.n_added, second.n_duplicate, second.n_quarantined) == (4, 0, 3, 1)
    assert (shop.tables.count("events"), shop.tables.count("order_lines")) == (3, 2)
    assert shop.quarantine.count() == 1


def test_a_message_twice_in_a_file_counts_once_with_the_lines_of_the_first(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    first, second = order(message, 1), order(message, 1)
    second["properties"]["products"] *= 3
    report = ingest(shop, write("e.jsonl", lines(first, second)))
    assert (report.n_added, report.n_duplicate) == (1, 1)
    assert shop.tables.count("order_lines") == 2
    assert [n.count for n in report.quality if n.kind == "duplicate"] == [1]


def test_customers_are_stored_as_pseudonyms_only(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    ingest(shop, write("e.jsonl", lines(message(userId="ann@shop.example"), order(message, 1))))
    events, order_lines = shop.tables.read("events"), shop.tables.read("order_lines")
    assert events["customer_id"][0] == shop.pseudonymiser.of("ann@shop.example")
    assert set(order_lines["customer_id"]) == {shop.pseudonymiser.of("u1")}
    assert "ann@" not in events.write_json()


def test_bad_rows_are_in_quarantine_with_line_reason_and_raw_text(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    bad = message(messageId="bad", timestamp="2199-01-01T00:00:00Z")
    ingest(shop, write("e.jsonl", lines(message(), bad)))
    (found,) = shop.quarantine.commonest()
    assert (found.reason_code, found.line, found.file) == ("impossible_time", 2, "e.jsonl")
    assert found.reason == "timestamp is more than a day in the future"
    assert json.loads(found.raw) == bad


def test_a_killed_ingest_is_completed_by_a_second_run_with_nothing_doubled(
    shop: Any, message: Message, lines: Lines, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH_ROWS", 10)
    path = write("e.jsonl", lines(*(order(message, i) for i in range(35))))
    real, calls = shop.tables.append_many, []

    def dies_in_the_third_batch(frames: Any, *, key: str) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(frames, key=key)

    monkeypatch.setattr(shop.tables, "append_many", dies_in_the_third_batch)
    with pytest.raises(KeyboardInterrupt):
        ingest(shop, path)
    assert shop.tables.count("events") == 20
    report = ingest(shop, path)
    assert (report.n_added, report.n_duplicate) == (15, 20)
    assert shop.tables.count("order_lines") == 70
    assert shop.tables.read("events")["message_id"].n_unique() == 35


def test_a_dry_run_writes_nothing_and_says_what_would_be(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    ingest(shop, write("old.jsonl", lines(message())))
    content = lines(message(), *(message(messageId=f"n{i}") for i in range(5)), message(userId=None))
    report = ingest(shop, write("e.jsonl", content), dry_run=True)
    assert (report.n_added, report.n_duplicate, report.n_quarantined) == (5, 1, 1)
    assert report.dry_run
    assert [row["message_id"] for row in report.preview] == ["m1", "n0", "n1"]
    assert report.commonest[0].example.startswith('{"type": "track"')
    assert (shop.tables.count("events"), shop.quarantine.count()) == (1, 0)


def test_a_dry_run_needs_no_store_and_a_real_one_says_that_it_does(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    path = write("e.jsonl", lines(message()))
    options = {"pseudonymiser": shop.pseudonymiser, "now": shop.now}
    assert ingest_events(None, None, [path], dry_run=True, **options).n_added == 1
    with pytest.raises(UsageError, match="no store"):
        ingest_events(None, None, [path], **options)


def test_gzip_csv_and_parquet_hold_the_same_events(
    shop: Any, message: Message, lines: Lines, write: Write, tmp_path: Path
) -> None:
    packed = write("e.jsonl.gz", gzip.compress(lines(message()).encode()))
    assert ingest(shop, packed).n_added == 1
    csv = write(
        "e.csv", "messageId,event,when,user_id\nm1,Product Viewed,01/12/2025,u1\nm2,Product Viewed,x,u1\n"
    )
    report = ingest(shop, csv, mapping={"at": "when"}, time_format="%d/%m/%Y")
    assert (report.n_added, report.n_duplicate, report.n_quarantined) == (0, 1, 1)
    parquet = tmp_path / "e.parquet"
    pl.read_csv(csv).head(1).with_columns(messageId=pl.lit("m3")).write_parquet(parquet)
    assert ingest(shop, parquet, mapping={"at": "when"}, time_format="%d/%m/%Y").n_added == 1


def test_a_table_without_a_needed_column_is_one_clear_error(shop: Any, write: Write) -> None:
    path = write("e.csv", "messageId,event,user\nm1,Product Viewed,u1\n")
    with pytest.raises(DataError, match=r"column at is absent.*--map at="):
        ingest(shop, path)


def test_late_and_withheld_are_in_the_quality_report(
    shop: Any, message: Message, lines: Lines, write: Write
) -> None:
    late = message(messageId="late", receivedAt="2025-12-05T00:00:00Z")
    personal = message(messageId="who", properties={"email": "ann@shop.example", "name": "so\u200bft"})
    report = ingest(shop, write("e.jsonl", lines(message(), late, personal)))
    kinds = {note.kind: note for note in report.quality}
    assert kinds["late"].count == 1
    assert kinds["withheld"].column == "email"
    assert kinds["cleaned"].count == 1
    assert {c.name: c.n_distinct for c in report.columns}["message_id"] == 3


def test_progress_is_told_with_the_speed(
    shop: Any, message: Message, lines: Lines, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_PROGRESS_S", 0.0)
    told: list[str] = []
    ingest(shop, write("e.jsonl", lines(message())), progress=told.append)
    assert len(told) == 1
    assert "1 rows read" in told[0]
    assert "rows/s" in told[0]


def test_no_file_and_an_unknown_currency_are_the_callers_fault(shop: Any, write: Write) -> None:
    with pytest.raises(DataError, match="no file"):
        ingest(shop)
    with pytest.raises(DataError, match="currency"):
        ingest(shop, write("e.jsonl", "{}\n"), currency="XQX")
