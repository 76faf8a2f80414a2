"""Attacks hidden in titles, descriptions, attributes and reviews, before a model that obeys every one of them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from adwright.errors import DataError
from adwright.generate import get_kind
from adwright.generate.facts import facts_of
from adwright.generate.guards import check, create_guards
from adwright.generate.prompt import render_prompt
from adwright.generate.requests import WriteRequest
from adwright.generate.writer import write_contents
from adwright.schema import Review
from adwright.testing import ScriptedBackend
from adwright.text.normalise import clean

ATTACKS = tomllib.loads((Path(__file__).parent / "injections.toml").read_text(encoding="utf-8"))["attack"]
GUARDS = create_guards()
SLOTS = ("headline", "description")


@pytest.fixture
def mug(make_product):
    return make_product(
        title="Enamel mug", description="", brand=None, attributes={}, rating=None, quantity=None
    )


def _poisoned(product, attack):
    text = attack["text"]
    if attack["place"] == "attribute":
        return replace(product, attributes={"note": text})
    return product if attack["place"] == "review" else replace(product, **{attack["place"]: text})


def _reviews(attack):
    return [Review(text=attack["text"], rating=5, verified=True)] if attack["place"] == "review" else []


def _brief(attack, mug, make_brief):
    return make_brief(
        products=(_poisoned(mug, attack),), language=attack["language"], angle="ease", tone="plain"
    )


def _prompt(brief, now):
    request = WriteRequest(brief=brief, n=1, seed=0, facts=facts_of(brief, now=now), now=now)
    return render_prompt(request, angle="ease", tone="plain")


def test_there_are_sixty_attacks_in_every_place_and_both_languages():
    assert len(ATTACKS) >= 60
    assert {(a["place"], a["language"]) for a in ATTACKS} == {
        (place, language)
        for place in ("title", "description", "attribute", "review")
        for language in ("zh", "en")
    }


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a["text"][:24])
def test_the_prompt_holds_an_attack_as_data_only(attack, mug, make_brief, now):
    prompt = _prompt(_brief(attack, mug, make_brief), now)
    harmless = _prompt(
        make_brief(products=(mug,), language=attack["language"], angle="ease", tone="plain"), now
    )
    assert prompt.system == harmless.system
    assert prompt.user.count("<catalogue_data>") == prompt.user.count("</catalogue_data>") == 1
    inside, after = prompt.user.split("</catalogue_data>")
    assert after == harmless.user.split("</catalogue_data>")[1]
    assert clean(inside) == inside


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a["text"][:24])
def test_an_obedient_answer_never_changes_the_schema(attack):
    try:
        slots = get_kind("ad_copy").read(attack["answer"])
    except DataError:
        return
    assert tuple(slots) == SLOTS
    assert all(isinstance(value, str) and clean(value) == value for value in slots.values())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a["text"][:24])
def test_nothing_that_an_obedient_model_writes_reaches_the_public(attack, mug, make_brief, make_content, now):
    try:
        slots = get_kind("ad_copy").read(attack["answer"])
    except DataError:
        return
    product = _poisoned(mug, attack)
    content = make_content(slots, language=attack["language"])
    found = check(content, products=[product], reviews=_reviews(attack), now=now, guards=GUARDS)
    obeyed = slots["description"] not in ("A mug for tea.", "日常用的杯子。", "B")
    assert not obeyed or any(f.severity in ("block", "review") and f.exemption is None for f in found)


def test_the_writer_keeps_what_was_refused_with_its_findings(mug, make_brief, now):
    attack = ATTACKS[0]
    backend = ScriptedBackend(lambda _request, _n: get_kind("ad_copy").read(attack["answer"]))
    (written,) = write_contents([_brief(attack, mug, make_brief)], backend=backend, n=1, seed=0, now=now)
    assert written.content.status == "rejected"
    assert {f.rule_id for f in written.findings} & {"law.health"}
