"""The facts guard beside offers that run, have run or ask for something: its table of catches and of near misses."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adwright.generate.guards.facts import FactsGuard
from generate.judged import rules_of

TABLES = tomllib.loads((Path(__file__).parent / "offers_conformance.toml").read_text(encoding="utf-8"))
GUARDS = [FactsGuard(by_rules_only=True)]
"""The stage of evidence has learnt from the table, so what it says of it proves nothing."""


@pytest.mark.parametrize("name", TABLES)
def test_each_rule_catches_its_sentences(name):
    table = TABLES[name]
    seen = {text: rules_of(text, table, GUARDS) for texts in table["caught"].values() for text in texts}
    missed = [
        (rule, t, seen[t]) for rule, texts in table["caught"].items() for t in texts if rule not in seen[t]
    ]
    assert missed == []


@pytest.mark.parametrize("name", TABLES)
def test_near_misses_pass(name):
    table = TABLES[name]
    flagged = {t: rules_of(t, table, GUARDS) for t in table["allowed"]}
    assert {t: rules for t, rules in flagged.items() if rules} == {}
