from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from adwright.errors import DataError
from adwright.ingest import delimited
from adwright.ingest.sources import columns_of, read_records

Write = Callable[[str, str | bytes], Path]


def test_rows_keep_their_line_numbers_across_quoted_line_ends(write: Write) -> None:
    path = write("t.csv", 'a,b\n1,"two\nlines"\n3,4\n')
    records = list(read_records(path, "csv"))
    assert [(r.line, r.fields) for r in records] == [
        (2, {"a": "1", "b": "two\nlines"}),
        (4, {"a": "3", "b": "4"}),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [(b"1,2,3", "wrong_field_count"), (b"1", "wrong_field_count"), (b"1,\xff", "invalid_utf8")],
)
def test_a_bad_row_does_not_spoil_the_next(write: Write, row: bytes, code: str) -> None:
    path = write("t.csv", b"a,b\n" + row + b"\n3,4\n")
    first, second = read_records(path, "csv")
    assert first.error is not None
    assert first.error.code == code
    assert second.fields == {"a": "3", "b": "4"}


def test_an_unclosed_quote_is_quarantined_whole(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "FIELD_LIMIT", 50)
    limit = csv.field_size_limit()
    path = write("t.csv", 'a,b\n1,"' + "x" * 40 + "\n" + "y" * 40 + "\n5,6\n")
    bad, good = read_records(path, "csv")
    assert bad.error is not None
    assert bad.error.code == "malformed_csv"
    assert "xxx" in bad.raw_text()
    assert "yyy" in bad.raw_text()
    assert (good.line, good.fields) == (4, {"a": "5", "b": "6"})
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("content", ["a,a\n1,2\n", "\n1,2\n"])
def test_a_header_that_is_none_is_one_clear_error(write: Write, content: str) -> None:
    with pytest.raises(DataError, match="header"):
        columns_of(write("t.csv", content), "csv")


def test_tabs_and_a_byte_order_mark_are_read(write: Write) -> None:
    path = write("t.tsv", b"\xef\xbb\xbfid\tname\n1\t\xe9\x9e\x8b\n")
    assert columns_of(path, "tsv") == ["id", "name"]
    assert [r.fields for r in read_records(path, "tsv")] == [{"id": "1", "name": "鞋"}]
