"""The guard of facts against its table of attributes: what each catalogue entry bears out, in either language."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwright.generate.guards import check, create_guards
from adwright.schema import EVERYONE, Content, Product, Provenance

TABLES = tomllib.loads((Path(__file__).parent / "attributes_conformance.toml").read_text(encoding="utf-8"))
GUARDS = create_guards(["facts"])
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
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
    found = check(content, products=[Product(id="p", **table["product"])], now=NOW, guards=GUARDS)
    return any(f.rule_id.startswith(RULES) and f.severity != "warn" and f.exemption is None for f in found)


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
