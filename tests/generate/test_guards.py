"""Promises that every registered guard keeps."""

import pytest

from adwright.generate.guards import GUARDS, Guard, check, create_guards, is_blocked
from adwright.schema import Offer, Product

NASTY = [
    "",
    " ",
    "\u202eabc\u200b",
    "折" * 500,
    "$" * 500,
    "1" * 5000,
    "最" * 300,
    "\U0001f600" * 50,
    "{{7*7}}",
    "a\x00b",
    "\ud800",
]


@pytest.mark.parametrize("name", GUARDS.names())
def test_a_guard_keeps_the_protocol(name):
    (guard,) = create_guards([name])
    assert isinstance(guard, Guard)
    assert guard.name == name


@pytest.mark.parametrize("name", GUARDS.names())
@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize(
    "products", [(), (Product(id="1", title="Mug"),), (Product(id="1", title="\u200b折1元"),)]
)
def test_a_guard_never_fails_and_points_inside_the_text(name, text, products, make_content, now):
    content = make_content({"headline": text, "description": text})
    (guard,) = create_guards([name])
    for finding in guard.check(content, products=products, offer=Offer(id="o"), now=now):
        assert finding.rule_id.startswith(f"{name}.")
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.evidence


def test_findings_come_in_the_order_of_the_slots(make_content, make_product, now):
    content = make_content({"headline": "linen for $1", "description": "silk"})
    found = check(content, products=[make_product()], now=now)
    assert [f.text for f in found] == ["linen", "$1", "silk"]
    assert is_blocked(found)


def test_only_the_chosen_guards_run(make_content, make_product, now):
    content = make_content({"headline": "x" * 200, "description": "linen"})
    found = check(content, products=[make_product()], now=now, guards=create_guards(["limits"]))
    assert {f.rule_id for f in found} == {"limits.too_long"}
