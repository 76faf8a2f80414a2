from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from adwright.ingest import IngestReport, ingest_customers

Write = Callable[[str, str | bytes], Path]


def ingest(shop: Any, *files: Path) -> IngestReport:
    return ingest_customers(
        shop.tables, shop.quarantine, files, pseudonymiser=shop.pseudonymiser, now=shop.now
    )


def test_a_customer_is_a_pseudonym_with_consent_language_and_attributes(shop: Any, write: Write) -> None:
    path = write(
        "c.csv",
        "user_id,consent,locale,email,tier\nu1,marketing:email marketing:push,zh-CN,a@b.example,gold\n",
    )
    assert ingest(shop, path).n_added == 1
    assert ingest(shop, path).n_added == 0
    (row,) = shop.tables.read("customers").to_dicts()
    assert row["id"] == shop.pseudonymiser.of("u1")
    assert (row["consent"], row["language"]) == ("marketing:email marketing:push", "zh")
    assert json.loads(row["attributes"]) == {"tier": "gold"}


def test_unclear_consent_missing_and_double_ids_go_to_quarantine(shop: Any, write: Write) -> None:
    path = write("c.csv", "id,consent\nu1,yes\n,marketing:email\nu2,\nu2,marketing:email\n")
    report = ingest(shop, path)
    assert (report.n_added, report.n_quarantined) == (1, 3)
    assert {r.reason_code for r in report.commonest} == {"unknown_value", "missing_value", "duplicate_id"}


def test_no_consent_given_is_not_the_same_as_consent_unknown(shop: Any, write: Write) -> None:
    ingest(
        shop, write("c.jsonl", '{"id": "u1", "consent": ""}\n{"id": "u2"}\n{"id": 3, "consent": ["a:b"]}\n')
    )
    stored = shop.tables.read("customers")
    consent = {
        raw: stored.filter(pl.col("id") == shop.pseudonymiser.of(raw))["consent"][0]
        for raw in ("u1", "u2", "3")
    }
    assert consent == {"u1": "", "u2": None, "3": "a:b"}
