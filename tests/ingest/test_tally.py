from __future__ import annotations

from adwright.ingest.records import Record
from adwright.ingest.report import RowError
from adwright.ingest.tally import RejectionTally


def test_the_ten_commonest_reasons_come_first_each_with_its_first_row() -> None:
    tally = RejectionTally()
    for i in range(12):
        error = RowError("wrong_type", f"f{i:02d}", "no")
        tally.add("a.jsonl", [(Record(100 * i + j, f"row {i} {j}", None), error) for j in range(i + 1)])
    found = tally.commonest()
    assert [r.count for r in found] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert (found[0].field, found[0].line, found[0].example) == ("f11", 1100, "row 11 0")
    assert tally.total == 78
    assert tally.count_of("wrong_type") == 78


def test_an_example_is_cut_for_show() -> None:
    tally = RejectionTally()
    tally.add("a", [(Record(1, "x" * 5000, None), RowError("text_too_long", "title", "long"))])
    assert len(tally.commonest()[0].example) == 200
