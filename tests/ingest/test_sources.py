from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from adwright.errors import DataError
from adwright.ingest import sources
from adwright.ingest.sources import columns_of, format_of, read_records

Write = Callable[[str, str | bytes], Path]


def codes(path: Path, file_format: str) -> list[str | None]:
    return [r.error.code if r.error else None for r in read_records(path, file_format)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "malformed_json"),
        (b"nonsense", "malformed_json"),
        (b'{"a": 1} {"b": 2}', "malformed_json"),
        (b"[1]", "not_an_object"),
        (b"5", "not_an_object"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b'{"a": "\xff"}', "invalid_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "invalid_utf8"),  # a surrogate is not UTF-8 (RFC 3629)
        (b'{"a": ' + b"9" * 5000 + b"}", "number_overflow"),
        (b"[" * 100_000, "malformed_json"),
    ],
)
def test_a_bad_line_is_a_record_with_its_reason_and_the_next_is_read(
    write: Write, line: bytes, code: str
) -> None:
    path = write("e.jsonl", b'{"a": 1}\n' + line + b"\n\n" + b'{"a": 2}')
    assert codes(path, "jsonl") == [None, code, None]
    assert [r.line for r in read_records(path, "jsonl")] == [1, 2, 4]


def test_a_line_without_end_cannot_fill_the_memory(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ROW_LIMIT", 100)
    path = write("e.jsonl", '{"a": "' + "x" * 1000 + '"}\n{"a": 2}\n')
    assert codes(path, "jsonl") == ["row_too_long", None]


def test_gzip_and_a_byte_order_mark_are_read(write: Write) -> None:
    packed = write("e.jsonl.gz", gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    assert format_of(packed, None) == "jsonl"
    assert [r.fields for r in read_records(packed, "jsonl")] == [{"a": 1}, {"a": 2}]
    marked = write("m.jsonl", b"\xef\xbb\xbf" + b'{"a": 1}\n')
    assert codes(marked, "jsonl") == [None]


def test_a_gzip_that_breaks_off_says_after_how_many_rows(write: Write) -> None:
    whole = gzip.compress(b"".join(json.dumps({"a": i}).encode() + b"\n" for i in range(5000)))
    path = write("e.jsonl.gz", whole[: len(whole) // 2])
    with pytest.raises(DataError, match="breaks off after"):
        codes(path, "jsonl")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"\n\n", "no rows"), (b"\xff\xfe{\x00", "UTF-16")],
)
def test_a_file_that_holds_nothing_readable_is_one_clear_error(
    write: Write, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        codes(write("e.jsonl", content), "jsonl")


def test_a_missing_file_and_an_unknown_format_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        codes(tmp_path / "nowhere.jsonl", "jsonl")
    with pytest.raises(DataError, match="parquet"):
        format_of(Path("a.xls"), None)
    with pytest.raises(DataError, match="ga4"):
        format_of(Path("a.jsonl"), "ga4")


def test_json_documents_are_read_as_array_wrapped_array_or_lines(write: Write) -> None:
    rows = [{"id": 1}, {"id": 2}]
    for content in (json.dumps(rows), json.dumps({"total": 2, "products": rows}), '{"id": 1}\n{"id": 2}'):
        assert [r.fields for r in read_records(write("c.json", content), "json")] == rows
    assert codes(write("c.json", '[{"id": 1}, 5]'), "json") == [None, "not_an_object"]


@pytest.mark.parametrize("content", ["[1, 2", "5", "[NaN]", b'["\xff"]'])
def test_a_broken_json_document_is_one_clear_error(write: Write, content: str | bytes) -> None:
    with pytest.raises(DataError):
        codes(write("c.json", content), "json")


def test_parquet_is_read_row_by_row_and_a_fake_is_refused(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1, 2], "b": ["x", None]}).write_parquet(path)
    assert columns_of(path, "parquet") == ["a", "b"]
    assert [r.fields for r in read_records(path, "parquet")] == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    with pytest.raises(DataError, match="not Parquet"):
        columns_of(write("f.parquet", "PAR1 but not really"), "parquet")
