from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from adwright.ingest import IngestReport, QualityNote, ingest_catalog
from adwright.pipeline.file_figures import file_figures
from adwright.testing import NOW


def test_a_files_report_says_how_many_rows_went_where_and_why(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    pl.DataFrame(
        {
            "id": ["a", "b", "b", "c"],
            "title": ["A mug", "A cup", "A cup", "A jug"],
            "price": ["3.00 USD", "4.00 USD", "4.00 USD", "-1 USD"],
        }
    ).write_csv(path)
    report = ingest_catalog(None, None, [path], now=NOW, dry_run=True)
    found = file_figures(report)
    assert (found.name, found.table) == ("goods.csv", "products")
    assert (found.n_read, found.n_added, found.n_quarantined) == (
        report.n_read,
        report.n_added,
        report.n_quarantined,
    )
    assert found.n_read == 4
    assert found.n_quarantined >= 1
    by_line = {reason.example_line: reason for reason in found.reasons}
    assert set(by_line) == {4, 5}  # the second b, and the negative price
    assert {reason.example for reason in found.reasons} == {""}  # a row may hold a customer's id
    assert all(reason.count == 1 for reason in found.reasons)


def test_remarks_that_mean_nothing_to_a_reader_are_left_out() -> None:
    notes = tuple(
        QualityNote(kind=kind, column="x", count=1, share=0.1, message=f"{kind} column")
        for kind in ("missing", "late")
    )
    report = IngestReport(
        file="e.jsonl",
        table="events",
        n_read=1,
        n_added=1,
        n_changed=0,
        n_duplicate=0,
        n_quarantined=0,
        commonest=(),
        quality=notes,
        seconds=0.1,
    )
    assert len(file_figures(report).quality) == 1
    assert len(file_figures(replace(report, table="products")).quality) == 2
