from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError
from adwright.ingest import IngestReport, ingest_catalog

Write = Callable[[str, str | bytes], Path]


def ingest(shop: Any, *files: Path, **options: Any) -> IngestReport:
    return ingest_catalog(shop.tables, shop.quarantine, files, now=shop.now, **options)


def product(shop: Any, product_id: str) -> dict[str, Any]:
    return shop.tables.read("products").row(by_predicate=pl.col("id") == product_id, named=True)


def test_a_merchant_feed_in_tabs_is_read(shop: Any, write: Write) -> None:
    columns = {
        "id": "7",
        "title": "轻便跑鞋",
        "price": "12.34 USD",
        "sale price": "9.99 USD",
        "sale price effective date": "2025-03-01T00:00-0800/2030-03-15T00:00-0800",
        "availability": "in stock",
        "cost of goods sold": "5 USD",
        "item group id": "g1",
        "color": "red",
    }
    feed = "\t".join(columns) + "\n" + "\t".join(columns.values()) + "\n"
    ingest(shop, write("feed.tsv", feed), link_template="https://shop.example/p/{id}")
    found = product(shop, "7")
    assert (found["price_minor"], found["sale_price_minor"], found["cost_minor"]) == (1234, 999, 500)
    assert (found["currency"], found["availability"], found["item_group_id"]) == ("USD", "in_stock", "g1")
    assert found["sale_starts_at"] == datetime(2025, 3, 1, 8, tzinfo=UTC)
    assert found["link"] == "https://shop.example/p/7"
    assert json.loads(found["attributes"]) == {"color": "red"}


def test_the_public_catalogue_is_taken_whole_without_its_reviewers(shop: Any, data: Path) -> None:
    file = data / "catalog" / "dummyjson_products.json"
    options = {"currency": "USD", "link_template": "https://shop.example/p/{id}"}
    report = ingest(shop, file, **options)
    raw = json.loads(file.read_text(encoding="utf-8"))
    assert (report.n_read, report.n_added, report.n_quarantined) == (len(raw), len(raw), 0)
    assert ingest(shop, file, **options).n_added == 0
    stored = shop.tables.read("products")
    assert sorted(stored["price_minor"]) == sorted(round(p["price"] * 100) for p in raw)
    assert sorted(stored["quantity"]) == sorted(p["stock"] for p in raw)
    text = stored.write_json()
    names = {review[key] for p in raw for review in p["reviews"] for key in ("reviewerName", "reviewerEmail")}
    assert names
    assert not [name for name in names if name in text]
    attributes = json.loads(product(shop, "1")["attributes"])
    assert attributes["dimensions"] == "width 15.14, height 13.08, depth 22.99"
    assert attributes["tags"] == "beauty, mascara"
    assert attributes["warrantyInformation"] == "1 week warranty"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": None}, "missing_value"),
        ({"title": None}, "missing_value"),
        ({"title": ["a"]}, "wrong_type"),
        ({"title": "x" * 100_000}, "text_too_long"),
        ({"price": -1}, "negative_value"),
        ({"price": "-1 USD"}, "negative_value"),
        ({"price": "cheap"}, "wrong_type"),
        ({"price": "1.999 USD"}, "too_many_decimals"),
        ({"price": 1e300}, "number_overflow"),
        ({"price": "5 XQX"}, "unknown_currency"),
        ({"price": "5 EUR", "cost": "5 USD"}, "mixed_currencies"),
        ({"currency": "XQX"}, "unknown_currency"),
        ({"sale_price": 6}, "out_of_range"),
        ({"sale_price_effective_date": "2025-03-01"}, "unreadable_time"),
        ({"sale_price_effective_date": "2025-03-02/2025-03-01"}, "impossible_time"),
        ({"quantity": -1}, "negative_value"),
        ({"quantity": "many"}, "wrong_type"),
        ({"availability": "maybe"}, "unknown_value"),
        ({"rating": 6}, "out_of_range"),
        ({"attributes": "{"}, "malformed_json"),
        ({"attributes": "[]"}, "wrong_type"),
    ],
)
def test_each_fault_of_a_product_goes_to_quarantine_with_its_reason(
    shop: Any, write: Write, changes: dict[str, Any], code: str
) -> None:
    good = {"id": "1", "title": "Lamp", "price": 5}
    bad = {k: v for k, v in (good | {"id": "2"} | changes).items() if v is not None}
    report = ingest(shop, write("c.json", json.dumps([good, bad])), currency="USD")
    assert (report.n_added, report.n_quarantined) == (1, 1)
    assert shop.quarantine.commonest()[0].reason_code == code


def test_a_price_without_currency_asks_for_one(shop: Any, write: Write) -> None:
    report = ingest(shop, write("c.csv", "id,title,price\n1,Lamp,5\n"))
    assert "--currency" in report.commonest[0].reason


def test_an_id_twice_in_a_file_keeps_the_first_and_quarantines_the_second(shop: Any, write: Write) -> None:
    path = write("c.csv", "id,title\n1,Lamp\n1,Other\n2,Chair\n")
    report = ingest(shop, path)
    assert (report.n_added, report.n_quarantined) == (2, 1)
    assert report.commonest[0].reason_code == "duplicate_id"
    assert product(shop, "1")["title"] == "Lamp"


def test_a_later_file_changes_what_differs(shop: Any, write: Write) -> None:
    ingest(shop, write("a.csv", "id,title\n1,Lamp\n2,Chair\n"))
    report = ingest(shop, write("b.csv", "id,title\n1,Lamp\n2,Armchair\n3,Table\n"))
    assert (report.n_added, report.n_changed, report.n_duplicate) == (1, 1, 1)
    assert product(shop, "2")["title"] == "Armchair"


def test_an_absent_title_column_is_one_clear_error(shop: Any, write: Write) -> None:
    with pytest.raises(DataError, match="--map title=titel"):
        ingest(shop, write("c.csv", "id,titel\n1,Lamp\n"))


def test_a_link_template_needs_a_place_for_the_id(shop: Any, write: Write) -> None:
    with pytest.raises(DataError, match="link_template"):
        ingest(shop, write("c.csv", "id,title\n1,Lamp\n"), link_template="https://shop.example/")


def test_an_id_is_quoted_in_its_link(shop: Any, write: Write) -> None:
    ingest(shop, write("c.csv", "id,title\na/b,Lamp\n"), link_template="https://shop.example/{id}")
    assert product(shop, "a/b")["link"] == "https://shop.example/a%2Fb"
