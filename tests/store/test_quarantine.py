from __future__ import annotations

from pathlib import Path

import pytest

from adwright.store import Database, Quarantine, QuarantinedRow
from adwright.store.quarantine import MAX_RAW_CHARS


@pytest.fixture
def quarantine(database: Database) -> Quarantine:
    return Quarantine(database)


def row(line: int, code: str = "bad_json", raw: str = "{") -> QuarantinedRow:
    return QuarantinedRow(line=line, reason_code=code, reason=f"because of {code}", raw=raw)


def test_reading_the_same_file_again_adds_nothing(quarantine: Quarantine) -> None:
    rows = [row(1), row(2), row(2, "bad_price")]
    assert quarantine.add("a.jsonl", rows) == 3
    assert quarantine.add(Path("a.jsonl"), rows) == 0
    assert quarantine.add("b.jsonl", rows) == 3
    assert quarantine.count() == 6
    assert quarantine.count("a.jsonl") == 3


def test_another_file_under_the_same_name_loses_nothing(quarantine: Quarantine) -> None:
    assert quarantine.add("daily.csv", [row(1, raw="monday")]) == 1
    assert quarantine.add("daily.csv", [row(1, raw="tuesday")]) == 1


def test_the_commonest_reasons_come_first_with_their_first_row(quarantine: Quarantine) -> None:
    quarantine.add("a", [row(1, "rare", "r"), row(2, "common", "first"), row(3, "common", "second")])
    quarantine.add("b", [row(1, "common", "third"), row(2, "also rare")])
    found = quarantine.commonest()
    assert [(r.reason_code, r.n_rows) for r in found] == [("common", 3), ("also rare", 1), ("rare", 1)]
    assert (found[0].file, found[0].line, found[0].raw) == ("a", 2, "first")
    assert found[0].reason == "because of common"
    assert len(quarantine.commonest(1)) == 1


def test_a_long_row_is_cut_and_says_so(quarantine: Quarantine) -> None:
    quarantine.add("a", [row(1, raw="x" * 100_000)])
    (found,) = quarantine.commonest()
    assert found.raw == "x" * MAX_RAW_CHARS + " [truncated: 100000 characters]"
    assert quarantine.add("a", [row(1, raw="x" * 100_000)]) == 0
    assert quarantine.add("a", [row(1, raw="x" * 99_999 + "y")]) == 1


def test_what_no_database_can_hold_is_kept_as_escapes(quarantine: Quarantine) -> None:
    broken = b"caf\xe9 \x00 \xff".decode("utf-8", "surrogateescape")
    assert quarantine.add("a", [row(1, raw=broken)]) == 1
    assert quarantine.commonest()[0].raw == "caf\\udce9 \\x00 \\udcff"
    assert quarantine.add("a", [row(1, raw=broken)]) == 0


def test_the_rows_of_a_file_are_given_by_line(quarantine: Quarantine) -> None:
    quarantine.add("a", [row(9), row(2, "bad_price")])
    quarantine.add("b", [row(1)])
    assert quarantine.rows("a") == [row(2, "bad_price"), row(9)]
    assert quarantine.rows("a", n=1) == [row(2, "bad_price")]
    assert quarantine.rows("none") == []


def test_no_rows_are_fine(quarantine: Quarantine) -> None:
    assert quarantine.add("a", []) == 0
    assert quarantine.commonest() == []


def test_many_rows_are_added_in_batches(quarantine: Quarantine) -> None:
    assert quarantine.add("a", [row(i) for i in range(12_000)]) == 12_000
