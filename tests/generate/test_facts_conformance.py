"""The facts guard against its table: each rule's catches and the near misses, zh and en; and how its work grows."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest

from adwright.generate.guards import facts
from generate.judged import findings_of, stopped

TABLES = tomllib.loads((Path(__file__).parent / "facts_conformance.toml").read_text(encoding="utf-8"))
GUARDS = [facts.FactsGuard(by_rules_only=True)]
"""The stage of evidence has learnt from the table, so what it says of it proves nothing."""
SOURCES = sorted((Path(facts.__file__).parent / "claims").glob("*.py"))
RULES = {
    rule for path in SOURCES for rule in re.findall(r'"(facts\.[a-z_]+)"', path.read_text(encoding="utf-8"))
}
ONE_LANGUAGE = {("facts.name", "en")}
"""A name in Latin letters is told from the text only where the text is Chinese."""
FRAGMENTS = (
    "a ",
    "1",
    "9.",
    "一",
    "小",
    "not ",
    "from the ",
    "no drop of ",
    "仅剩",
    "就这",
    "a b ",
    "50% ",
    "in a ",
    "过",
)


def _rules(text: str, language: str, product: dict[str, object]) -> set[str]:
    return stopped(findings_of(text, language, GUARDS, product=product))


@pytest.mark.parametrize("name", TABLES)
def test_each_rule_catches_its_sentences(name):
    table = TABLES[name]
    missed = [
        (rule, text)
        for rule, texts in table["caught"].items()
        for text in texts
        if rule not in _rules(text, table["language"], table["product"])
    ]
    assert missed == []


@pytest.mark.parametrize("name", TABLES)
def test_near_misses_pass(name):
    table = TABLES[name]
    flagged = {t: _rules(t, table["language"], table["product"]) for t in table["allowed"]}
    assert {t: rules for t, rules in flagged.items() if any(r.startswith("facts.") for r in rules)} == {}


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_work_grows_with_the_text(fragment):
    product = {"title": "Cotton shirt", "price_minor": 1999, "currency": "USD"}
    spent = []
    for n in (2000, 8000):
        text = (fragment * n)[:n]
        took = []
        for _ in range(3):  # the least of them: another process may have had the core
            start = time.process_time()
            _rules(text, "zh", product)
            took.append(time.process_time() - start)
        spent.append(min(took))
    assert spent[1] < max(0.5, 12 * spent[0])


def test_every_rule_that_asks_for_a_person_has_sentences_in_both_languages():
    offers = tomllib.loads(Path(__file__).with_name("offers_conformance.toml").read_text(encoding="utf-8"))
    tables = (*TABLES.values(), *offers.values())
    covered = {(rule, table["language"]) for table in tables for rule in table["caught"]}
    assert {(rule, language) for rule in RULES for language in ("zh", "en")} - covered == ONE_LANGUAGE


def test_a_text_that_is_too_long_to_read_goes_to_a_person():
    cup = TABLES["zh_cup"]["product"]
    for language, text in (("zh", "好杯子。" * 6000), ("en", "A good cup. " * 2000)):
        assert "facts.too_long" in _rules(text, language, cup)
