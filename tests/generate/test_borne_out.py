"""The stage of evidence: what it finds in texts that it has not learnt, what it lets through, its size."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.generate.guards import borne_out, facts
from adwright.generate.guards.borne_out import (
    READS_BORNE_OUT,
    Evidence,
    EvidenceModel,
    evidence_model,
    families,
    windows_of,
)
from adwright.generate.guards.borne_out.features import KINDS, clauses
from adwright.generate.guards.borne_out.quantities import aligned, days, relation
from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.facts import FactsGuard, claims_of
from adwright.generate.guards.meaning.model import windows
from adwright.generate.guards.support import support_of
from adwright.generate.lexicon.evidence import evidence
from adwright.schema import EVERYONE, Content, Offer, Product, Provenance, Review
from generate.judged import NOW, findings_of, stopped

CUP = {
    "title": "山川保温杯 480ml",
    "brand": "山川",
    "price_minor": 8900,
    "currency": "CNY",
    "quantity": 120,
    "rating": 4.6,
    "product_type": "保温杯",
    "description": "双层真空,通勤随手杯。",
    "attributes": {
        "材质": "316不锈钢",
        "容量": "480ml",
        "保温": "6小时",
        "颜色": "雾蓝、奶白",
        "清洗": "不可放入洗碗机",
    },
}
LAMP = {
    "title": "Harrow Desk Lamp",
    "brand": "Harrow",
    "price_minor": 5900,
    "currency": "GBP",
    "quantity": 64,
    "rating": 4.4,
    "product_type": "desk lamp",
    "description": "Steel desk lamp with a linen shade.",
    "attributes": {
        "material": "steel, linen",
        "height": "45 cm",
        "cable": "1.8 m",
        "bulb": "E27, not included",
    },
}
GOODS = {"zh": CUP, "en": LAMP}
UNSEEN = (  # written for this test, before the weights that it judges, and learnt from by nobody
    ("zh", "facts.social_proof", "隔壁办公室人手一只,连保安大哥都换了它。"),
    ("zh", "facts.number", "晚上灌进去,第二天中午照样烫嘴。"),
    ("zh", "facts.attribute", "用完直接丢洗碗机,省心。"),
    ("zh", "facts.time", "过了今天半夜,这个价就没有了。"),
    ("zh", "facts.price", "上个月还要一百二,如今八十九就能拿下。"),
    ("zh", "facts.attribute", "杯盖里藏了一个茶滤,泡茶不用另外备。"),
    ("zh", "facts.social_proof", "用过的人都说再也回不去普通杯子了。"),
    ("en", "facts.social_proof", "Half the students on our street write under this lamp."),
    ("en", "facts.number", "With three metres of cable it reaches the far socket."),
    ("en", "facts.attribute", "Dims with a tap on the base, and charges your phone while you read."),
    ("en", "facts.time", "The price climbs back on Sunday night."),
    ("en", "facts.price", "It was eighty pounds in spring; now it is fifty-nine."),
    ("en", "facts.social_proof", "A lighting designer we know put two of them in her own studio."),
    ("en", "facts.attribute", "The bulb is in the box, so plug it in and read."),
)
RULES_OF = {
    family.rule.removesuffix(".meaning"): (*family.rules, family.rule) for family in families().values()
}
TRUE = (
    ("zh", "四百八十毫升,一上午的水刚好。"),
    ("zh", "八十九元,雾蓝和奶白两个颜色。"),
    ("zh", "别放洗碗机,温水冲一冲就好。"),
    ("zh", "早上装的热水,午饭前还是热的。"),
    ("en", "Forty-five centimetres tall, in steel and linen."),
    ("en", "You will want a bulb as well: E27, none comes with it."),
    ("en", "Fifty-nine pounds, and the desk is a little brighter."),
)


def _stopped(language: str, text: str) -> set[str]:
    return stopped(findings_of(text, language, [FactsGuard()], product=GOODS[language]))


def _claims(text: str, guard: FactsGuard) -> list[tuple[str, str]]:
    return [(f.rule_id, f.severity) for f in findings_of(text, "zh", [guard], product=CUP)]


def test_most_claims_that_nobody_learnt_from_are_sent_to_a_person():
    found = [
        text
        for language, rule, text in UNSEEN
        if any(r.startswith(RULES_OF[rule]) for r in _stopped(language, text))
    ]
    assert len(found) >= 0.7 * len(UNSEEN), {t for *_, t in UNSEEN} - set(found)


@pytest.mark.parametrize(("language", "text"), TRUE)
def test_what_the_record_says_passes(language, text):
    assert _stopped(language, text) == set()


def test_it_asks_for_a_person_only_and_shows_where():
    asked = [
        (text, finding)
        for language, _, text in UNSEEN
        for finding in findings_of(text, language, [FactsGuard()], product=GOODS[language])
        if finding.rule_id.endswith(".meaning")
    ]
    assert asked
    for text, finding in asked:
        assert finding.severity == "review"
        assert text[finding.start : finding.end] == finding.text != ""


def test_the_rules_can_be_read_by_themselves():
    for language, _, text in UNSEEN:
        found = findings_of(text, language, [FactsGuard(by_rules_only=True)], product=GOODS[language])
        assert not [f for f in found if f.rule_id.endswith(".meaning")]


def test_plain_false_claims_stay_stopped():
    assert "facts.price" in _stopped("zh", "只要五十九元")
    assert "facts.price" in _stopped("en", "Now only £39")
    assert _stopped("en", "Brass lamp, only £39") >= {"facts.price"}
    assert _stopped("zh", "纯铜内胆,只要五十九元")


@pytest.fixture
def sure_of_nothing(monkeypatch):
    """A stage that believes no rule and asks about nothing."""
    model = replace(evidence_model(), asks=np.inf, lets=np.inf)
    monkeypatch.setattr(borne_out, "evidence_model", lambda: model)


@pytest.mark.usefixtures("sure_of_nothing")
def test_what_is_not_believed_is_a_warning_that_says_so():
    text = "整整一升的大杯,一升水。"
    by_rules = findings_of(text, "zh", [FactsGuard(by_rules_only=True)], product=CUP)
    found = findings_of(text, "zh", [FactsGuard()], product=CUP)
    assert {(f.rule_id, f.start, f.end, f.evidence) for f in found} == {
        (f.rule_id, f.start, f.end, f.evidence) for f in by_rules
    }
    assert {f.severity for f in by_rules} == {"block"}
    assert {(f.severity, f.exemption) for f in found} == {("warn", READS_BORNE_OUT)}


@pytest.mark.usefixtures("sure_of_nothing")
def test_what_rules_of_two_families_find_stands():
    found = findings_of("一升的大杯,只要五十九元。", "zh", [FactsGuard()], product=CUP)
    assert {(f.rule_id, f.severity) for f in found} == {("facts.measure", "block"), ("facts.price", "block")}


@pytest.mark.usefixtures("sure_of_nothing")
def test_what_rules_find_of_attributes_stands():
    assert "facts.material" in _stopped("zh", "纯铜内胆,只要五十九元。")


@pytest.mark.usefixtures("sure_of_nothing")
@pytest.mark.parametrize("n_before", [0, 40, 1_300])
def test_only_what_was_read_whole_is_let_through(n_before):
    text = "山川保温杯,雾蓝和奶白。" * n_before + "只要五十九元。"
    found = [f for f in findings_of(text, "zh", [FactsGuard()], product=CUP) if f.rule_id == "facts.price"]
    read = max(end for _, end in windows(Reading(text, "zh").folded))
    assert [f.severity for f in found] == ["warn" if found[0].end <= read else "block"]


@pytest.mark.usefixtures("sure_of_nothing")
@pytest.mark.parametrize("start", range(120, 134))
def test_a_claim_that_a_window_cuts_stays_stopped(start):
    text = "雾" * start + "只要五十九元" + "蓝" * 300
    found = [f for f in findings_of(text, "zh", [FactsGuard()], product=CUP) if f.rule_id == "facts.price"]
    cut = not any(s <= found[0].start and found[0].end <= e for s, e in windows(text))
    assert [f.severity for f in found] == ["block" if cut else "warn"]


@pytest.mark.usefixtures("sure_of_nothing")
def test_warnings_do_not_use_up_the_places_of_what_stops():
    slots = {"headline": "只要五十九元。" * 60, "description": "。" * 30_000}
    content = Content(
        id="c",
        kind="ad_copy",
        product_ids=("p",),
        cohort_id=EVERYONE,
        channel="onsite",
        language="zh",
        slots=slots,
        provenance=Provenance(backend="compose"),
    )
    found = list(FactsGuard().check(content, products=[Product(id="p", **CUP)], offer=None, now=NOW))
    assert [f.rule_id for f in found if f.severity != "warn"] == ["facts.too_long"]


def test_of_a_text_of_numbers_a_part_is_read_and_a_person_is_asked_about_the_rest():
    text = "1 " * 10_000
    started = time.process_time()
    found = findings_of(text, "zh", [FactsGuard()], product=CUP)
    assert time.process_time() - started < 10
    rest = next(f for f in found if f.rule_id == "facts.too_long")
    assert (rest.start, rest.end, rest.severity) == (600, len(text), "review")


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("到11月30日为止", "date end"),
        ("到12月30日为止", "date late"),
        ("until 5 January", "date late"),
        ("until Sunday", "word early"),
        ("只剩10天", "span end"),
    ],
)
def test_days_are_held_against_the_end(text, feature):
    offer = Offer(id="o", discount_percent=10, ends_at=datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    support = support_of([Product(id="p", **CUP)], offer=offer, now=NOW)
    reading = Reading(text, "zh")
    assert feature in set(days(reading.folded, reading.quantities, support))


def test_a_year_that_is_not_said_is_the_nearest():
    now = datetime(2026, 12, 30, 8, tzinfo=UTC)
    offer = Offer(id="o", discount_percent=10, ends_at=datetime(2027, 1, 5, 15, 59, tzinfo=UTC))
    support = support_of([Product(id="p", **CUP)], offer=offer, now=now)
    reading = Reading("到1月5日为止", "zh")
    assert "date end" in set(days(reading.folded, reading.quantities, support))


@pytest.mark.parametrize(
    ("text", "how"), [("89元", "now"), ("$89", "foreign"), ("59元", "unknown"), ("129元", "ended")]
)
def test_prices_are_held_against_the_record(text, how):
    sold = {**CUP, "sale_price_minor": 12900, "sale_ends_at": datetime(2026, 11, 1, tzinfo=UTC)}
    support = support_of([Product(id="p", **sold)], offer=None, now=NOW)
    assert relation(Reading(text, "zh").quantities[0], support)[0] == how


def test_the_same_words_lead_to_the_same_quantity():
    known = Evidence.of(support_of([Product(id="p", **CUP)], offer=None, now=NOW))
    for text, feature in (("容量480毫升", "measure same 1"), ("容量300毫升", "measure less 1")):
        reading = Reading(text, "zh")
        assert feature in set(aligned(reading.folded, reading.quantities, known))


def test_what_the_record_only_denies_is_known_as_denied():
    goods = {**LAMP, "attributes": {"dishwasher safe": "no", "cable": "1.8 m"}}
    known = Evidence.of(support_of([Product(id="p", **goods)], offer=None, now=NOW))
    assert "dishwash" in known.only_denied
    assert "cabl" in known.pieces - known.only_denied


def test_weights_of_other_kinds_are_refused():
    text = (files("adwright.generate.guards.borne_out") / "weights.json").read_text("utf-8")
    with pytest.raises(DataError, match="train them again"):
        EvidenceModel.read(text.replace('"new_group"', '"of_old"', 1))


def test_every_rule_that_speaks_for_a_family_is_a_rule_of_the_guard():
    sources = [*Path(facts.__file__).parent.glob("claims/*.py"), Path(facts.__file__)]
    known = set(re.findall(r'"(facts\.[a-z_]+)"', "".join(p.read_text(encoding="utf-8") for p in sources)))
    for family in families().values():
        for start in family.rules:
            assert any(rule.startswith(start) for rule in known), start


def test_a_feature_is_of_a_known_kind_and_an_empty_text_has_few():
    support = support_of(
        [Product(id="p", **CUP)],
        offer=Offer(id="o", discount_percent=10, ends_at=NOW),
        reviews=[Review(text="很好", rating=5, verified=True)],
        now=NOW,
    )
    known = Evidence.of(support)
    for text in ("", "。", "¥" * 40, "到11月31日,满3件打8.5折", "2026-02-30 and 12 hours"):
        reading = Reading(text, "zh")
        for window in windows_of(reading, list(claims_of(reading, support)), known):
            assert set(window.features) <= set(KINDS)
            assert np.isfinite(evidence_model().scores(window.features)).all()


def test_clauses_hold_the_words_and_no_blanks():
    text = "one, two .  three；四 - five"
    assert [text[slice(*span)] for span in clauses(text, 0, len(text))] == [
        "one",
        "two",
        "three",
        "四",
        "five",
    ]


def test_the_weights_are_small_and_every_family_is_told_in_both_languages():
    path = files("adwright.generate.guards.borne_out") / "weights.json"
    assert len(path.read_bytes()) < 2_500_000
    model = evidence_model()
    assert model.lets <= model.asks
    assert np.isfinite(model.weights).all()
    assert set(model.families) == set(families())
    for family in families().values():
        for language in ("zh", "en"):
            assert evidence(family.reason, language)


def test_the_work_grows_no_faster_than_the_text():
    def seconds(n: int) -> float:
        started = time.process_time()
        _claims("别急,慢慢挑。480毫升。" * n, FactsGuard())
        return time.process_time() - started

    seconds(10)
    assert seconds(1_000) < 20 * max(seconds(100), 0.01)
