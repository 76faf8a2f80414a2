from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError
from adwright.ingest import IngestReport, ingest_contents

Write = Callable[[str, str | bytes], Path]


def ingest(shop: Any, *files: Path, **options: Any) -> IngestReport:
    return ingest_contents(shop.tables, shop.quarantine, files, now=shop.now, **options)


def test_the_public_headline_tests_are_taken_whole_and_once(shop: Any, data: Path) -> None:
    file = data / "upworthy" / "headline_tests.parquet"
    mapping = {
        "text": "headline",
        "group": "test_id",
        "at": "test_week",
        "n_exposures": "impressions",
        "n_clicks": "clicks",
    }
    report = ingest(shop, file, mapping=mapping, time_format="yearweek")
    raw = pl.read_parquet(file)
    assert (report.n_read, report.n_added, report.n_quarantined) == (raw.height, raw.height, 0)
    again = ingest(shop, file, mapping=mapping, time_format="yearweek")
    assert (again.n_added, again.n_changed) == (0, 0)
    stored = shop.tables.read("contents")
    assert stored["n_clicks"].sum() == raw["clicks"].sum()
    assert stored["n_exposures"].sum() == raw["impressions"].sum()
    assert stored["group"].n_unique() == raw["test_id"].n_unique()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",100,5,", "missing_value"),
        ("a,,5,", "missing_value"),
        ("a,100,101,", "clicks_exceed_exposures"),
        ("a,100,5,101", "conversions_exceed_exposures"),
        ("a,-1,0,", "negative_value"),
        ("a,many,0,", "wrong_type"),
        ("x" * 100_000 + ",100,5,", "text_too_long"),
    ],
)
def test_each_fault_of_a_content_goes_to_quarantine_with_its_reason(
    shop: Any, write: Write, row: str, code: str
) -> None:
    report = ingest(shop, write("c.csv", f"text,impressions,clicks,conversions\nok,9,1,1\n{row}\n"))
    assert (report.n_added, report.n_quarantined) == (1, 1)
    assert report.commonest[0].reason_code == code


def test_equal_texts_without_id_are_kept_apart_and_restated_results_replace(shop: Any, write: Write) -> None:
    header = "text,group,impressions,clicks\n"
    first = ingest(shop, write("c.csv", header + "a,g1,100,5\na,g1,200,9\na,g2,100,5\n"))
    assert first.n_added == 3
    restated = ingest(shop, write("c.csv", header + "a,g1,100,5\na,g1,250,9\na,g2,100,5\n"))
    assert (restated.n_added, restated.n_changed, restated.n_duplicate) == (0, 1, 2)


def test_a_stated_id_twice_is_refused_and_money_is_read_in_both_units(shop: Any, write: Write) -> None:
    rows = [
        {"content_id": "c1", "text": "a", "n_exposures": 10, "value": 12.5, "currency": "CNY"},
        {"content_id": "c2", "text": "b", "n_exposures": 10, "value_minor": 1250, "currency": "CNY"},
        {"content_id": "c2", "text": "c", "n_exposures": 10},
        {"content_id": "c3", "text": "d", "n_exposures": 10, "value_minor": 1250},
    ]
    report = ingest(shop, write("c.json", json.dumps(rows)))
    assert shop.tables.read("contents")["value_minor"].to_list() == [1250, 1250]
    assert {r.reason_code for r in report.commonest} == {"duplicate_id", "missing_currency"}


def test_an_absent_text_column_suggests_the_mapping(shop: Any, write: Write) -> None:
    with pytest.raises(DataError, match="--map text="):
        ingest(shop, write("c.csv", "headline,impressions\na,5\n"))
