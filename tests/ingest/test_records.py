from __future__ import annotations

from adwright.ingest.records import Record


def test_the_raw_row_is_never_lost_whatever_its_bytes() -> None:
    assert Record(1, b"ok \xe4\xbd\xa0\n", None).raw_text() == "ok 你"
    assert Record(1, b"bad \xff\xfe\n", None).raw_text() == "bad \\xff\\xfe"
    assert Record(1, {"a": "\ud800"}, None).raw_text() == '{"a": "\\ud800"}'
    assert Record(1, "x\udcff\n", None).raw_text().startswith("x\\")
