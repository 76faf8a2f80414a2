from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adwright.ingest import IngestReport, ingest_totals

Write = Callable[[str, str | bytes], Path]

HEADER = "ad_id,day,platform,impressions,clicks,conversions,spend,age\n"
ROWS = "a1,2025-12-01,meta,1000,20,2,3.50,30-34\na1,2025-12-01,meta,500,8,1,1.20,35-39\n"


def ingest(shop: Any, *files: Path, **options: Any) -> IngestReport:
    return ingest_totals(shop.tables, shop.quarantine, files, now=shop.now, currency="USD", **options)


def test_a_platforms_report_is_added_once_context_by_context(shop: Any, write: Write) -> None:
    path = write("t.csv", HEADER + ROWS)
    first, second = ingest(shop, path), ingest(shop, path)
    assert (first.n_added, second.n_added, second.n_duplicate) == (2, 0, 2)
    stored = shop.tables.read("totals")
    assert stored["n_clicks"].to_list() == [20, 8]
    assert stored["cost_minor"].to_list() == [350, 120]
    assert stored["cohort_id"].to_list() == ["everyone"] * 2
    assert stored["value_minor"].to_list() == [None] * 2


def test_a_restated_total_is_not_added_on_top_and_not_lost(shop: Any, write: Write) -> None:
    ingest(shop, write("t.csv", HEADER + ROWS))
    report = ingest(shop, write("t2.csv", HEADER + ROWS.replace(",1000,20,", ",1100,25,")))
    assert (report.n_added, report.n_duplicate, report.n_quarantined) == (0, 1, 1)
    assert report.commonest[0].reason_code == "conflicting_total"
    assert shop.tables.read("totals")["n_clicks"].sum() == 28


def test_a_row_twice_in_a_file_counts_once(shop: Any, write: Write) -> None:
    report = ingest(shop, write("t.csv", HEADER + ROWS + ROWS))
    assert (report.n_added, report.n_duplicate) == (2, 2)


def test_more_clicks_than_exposures_and_a_missing_channel_are_refused(shop: Any, write: Write) -> None:
    report = ingest(shop, write("t.csv", HEADER + "a1,2025-12-01,meta,10,11,,,\na1,2025-12-01,,10,1,,,\n"))
    assert {r.reason_code for r in report.commonest} == {"clicks_exceed_exposures", "missing_value"}


def test_a_dry_run_tells_new_from_known(shop: Any, write: Write) -> None:
    ingest(shop, write("t.csv", HEADER + ROWS))
    more = write("t2.csv", HEADER + ROWS + "a2,2025-12-01,meta,10,1,,,\n")
    report = ingest(shop, more, dry_run=True)
    assert (report.n_added, report.n_duplicate) == (1, 2)
    assert shop.tables.count("totals") == 2
