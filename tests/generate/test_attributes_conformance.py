"""The guard of facts against its table of attributes: what each catalogue entry bears out, in either language."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adwright.generate.guards.facts import FactsGuard
from generate.judged import rules_of

TABLES = tomllib.loads((Path(__file__).parent / "attributes_conformance.toml").read_text(encoding="utf-8"))
GUARDS = [FactsGuard(by_rules_only=True)]
"""The stage of evidence has learnt from the table, so what it says of it proves nothing."""
RULES = tuple(
    f"facts.{name}"
    for name in (
        "attribute",
        "material",
        "colour",
        "pattern",
        "origin",
        "feature",
        "certification",
        "brand",
        "name",
        "style",
        "scent",
        "composition",
    )
)
"""The rules that speak of attributes, as in `benchmarks/guards/labelled.py`."""


def _flagged(text: str, table: dict[str, object]) -> bool:
    return any(rule.startswith(RULES) for rule in rules_of(text, table, GUARDS))


@pytest.mark.parametrize("name", TABLES)
def test_what_the_catalogue_does_not_bear_out_is_caught_and_the_rest_passes(name):
    table = TABLES[name]
    assert [t for t in table["caught"] if not _flagged(t, table)] == []
    assert [t for t in table["allowed"] if _flagged(t, table)] == []


@pytest.mark.parametrize("name", TABLES)
def test_known_shortfalls_are_still_short(name):
    table = TABLES[name]
    assert [t for t in table["missed"] if _flagged(t, table)] == []
    assert [t for t in table["overdone"] if not _flagged(t, table)] == []
