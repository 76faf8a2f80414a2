"""Prices and numbers in many wordings, beside goods with offers: what is caught, and what follows and passes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adwright.generate.guards.facts import FactsGuard
from generate.judged import rules_of

TABLES = tomllib.loads((Path(__file__).parent / "worded_facts.toml").read_text(encoding="utf-8"))
GUARDS = [FactsGuard(by_rules_only=True)]
"""The stage of evidence has learnt from the table, so what it says of it proves nothing."""
RULES = {
    "price": (
        "facts.price",
        "facts.discount",
        "facts.sale_over",
        "facts.currency",
        "facts.shipping",
        "facts.percent",
        "facts.offer",
    ),
    "number": ("facts.number", "facts.measure", "facts.percent"),
}


def _is_flagged(text, family, table):
    return any(rule.startswith(RULES[family]) for rule in rules_of(text, table, GUARDS))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("family", RULES)
def test_claims_are_caught_and_what_follows_from_the_evidence_passes(name, family):
    table = TABLES[name]
    assert [t for t in table.get(f"caught_{family}", ()) if not _is_flagged(t, family, table)] == []
    assert [t for t in table.get(f"allowed_{family}", ()) if _is_flagged(t, family, table)] == []


def test_both_languages_have_as_much_to_let_pass_as_to_catch():
    for language in ("zh", "en"):
        tables = [t for t in TABLES.values() if t["language"] == language]
        caught = sum(len(t.get(f"caught_{f}", ())) for t in tables for f in RULES)
        allowed = sum(len(t.get(f"allowed_{f}", ())) for t in tables for f in RULES)
        assert allowed >= 0.9 * caught >= 60
