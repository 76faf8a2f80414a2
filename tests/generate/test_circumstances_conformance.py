"""Claims of time, stock and other people against tables with an offer, a stock and reviews of their own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adwright.generate.guards.facts import FactsGuard
from generate.judged import rules_of

TABLES = tomllib.loads((Path(__file__).parent / "circumstances_conformance.toml").read_text(encoding="utf-8"))
GUARDS = [FactsGuard(by_rules_only=True)]
"""The stage of evidence has learnt from the table, so what it says of it proves nothing."""
JUDGED = ("facts.time", "facts.date", "facts.stock", "facts.social_proof")


def _speaks(rule, rules):
    return rule in rules or (rule == "facts.time" and "facts.date" in rules)


@pytest.mark.parametrize("name", TABLES)
def test_what_the_circumstances_do_not_bear_out_is_caught(name):
    table = TABLES[name]
    cases = [(rule, text) for rule, texts in table["caught"].items() for text in texts]
    assert [text for rule, text in cases if not _speaks(rule, rules_of(text, table, GUARDS))] == []


@pytest.mark.parametrize("name", TABLES)
def test_what_the_circumstances_bear_out_passes(name):
    table = TABLES[name]
    flagged = {text: rules_of(text, table, GUARDS).intersection(JUDGED) for text in table["allowed"]}
    assert {text: rules for text, rules in flagged.items() if rules} == {}
