"""Claims of time, stock and other people against tables with an offer, a stock and reviews of their own."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwright.generate.guards import check, create_guards
from adwright.schema import EVERYONE, Content, Offer, Product, Provenance, Review

TABLES = tomllib.loads((Path(__file__).parent / "circumstances_conformance.toml").read_text(encoding="utf-8"))
GUARDS = create_guards(["facts"])
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
JUDGED = ("facts.time", "facts.date", "facts.stock", "facts.social_proof")


def _rules(text, table):
    content = Content(
        id="c",
        kind="ad_copy",
        product_ids=("p",),
        cohort_id=EVERYONE,
        channel="onsite",
        language=table["language"],
        slots={"headline": "", "description": text},
        provenance=Provenance(backend="compose"),
    )
    found = check(
        content,
        products=[Product(id="p", **table["product"])],
        offer=Offer(id="o", **table["offer"]) if "offer" in table else None,
        reviews=[Review(**r) for r in table.get("reviews", ())],
        now=NOW,
        guards=GUARDS,
    )
    return {f.rule_id for f in found if f.severity != "warn" and f.exemption is None}


def _speaks(rule, rules):
    return rule in rules or (rule == "facts.time" and "facts.date" in rules)


@pytest.mark.parametrize("name", TABLES)
def test_what_the_circumstances_do_not_bear_out_is_caught(name):
    table = TABLES[name]
    cases = [(rule, text) for rule, texts in table["caught"].items() for text in texts]
    assert [text for rule, text in cases if not _speaks(rule, _rules(text, table))] == []


@pytest.mark.parametrize("name", TABLES)
def test_what_the_circumstances_bear_out_passes(name):
    table = TABLES[name]
    flagged = {text: _rules(text, table).intersection(JUDGED) for text in table["allowed"]}
    assert {text: rules for text, rules in flagged.items() if rules} == {}
