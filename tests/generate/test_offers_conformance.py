"""The facts guard beside offers that run, have run or ask for something: its table of catches and of near misses."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwright.generate.guards import check, create_guards
from adwright.schema import EVERYONE, Content, Offer, Product, Provenance

TABLES = tomllib.loads((Path(__file__).parent / "offers_conformance.toml").read_text(encoding="utf-8"))
GUARDS = create_guards(["facts"])
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


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
    product, offer = Product(id="p", **table["product"]), Offer(id="o", **table["offer"])
    found = check(content, products=[product], offer=offer, now=NOW, guards=GUARDS)
    return {f.rule_id for f in found if f.severity != "warn" and f.exemption is None}


@pytest.mark.parametrize("name", TABLES)
def test_each_rule_catches_its_sentences(name):
    table = TABLES[name]
    seen = {text: _rules(text, table) for texts in table["caught"].values() for text in texts}
    missed = [
        (rule, t, seen[t]) for rule, texts in table["caught"].items() for t in texts if rule not in seen[t]
    ]
    assert missed == []


@pytest.mark.parametrize("name", TABLES)
def test_near_misses_pass(name):
    table = TABLES[name]
    flagged = {t: _rules(t, table) for t in table["allowed"]}
    assert {t: rules for t, rules in flagged.items() if rules} == {}
