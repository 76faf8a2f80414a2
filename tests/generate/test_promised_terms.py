"""Promises of the shop: how long, who pays, what is matched, given back or given on top."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adwright.generate.guards.claims import Reading
from adwright.generate.guards.claims.promised_terms import promised_term_claims
from adwright.generate.guards.support import support_of
from adwright.schema import Offer, Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
EN = "Returns within 30 days, customer pays return postage; 2-year warranty; free delivery over $50"
ZH = "7天无理由退货,运费买家自付; 整机质保2年; 满99元包邮"


def _stopped(text, terms=None, attributes=None):
    language = "en" if text.isascii() else "zh"
    product = Product(
        id="p",
        title="",
        price_minor=9900,
        currency="CNY" if language == "zh" else "USD",
        attributes=attributes or {},
    )
    offer = Offer(id="o", terms=terms if terms is not None else EN if language == "en" else ZH)
    support = support_of([product], offer=offer, now=NOW)
    return [text[c.start : c.end] for c in promised_term_claims(Reading(text, language), support)]


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("Change your mind within 60 days.", ["60 days"]),
        ("Not for you? You have ninety nights to send it back.", ["ninety nights"]),
        ("30-day warranty, and returns for three months.", ["three months"]),
        ("Changed your mind? We pay the postage.", ["postage"]),
        ("Returns are simple: we cover the shipping.", ["shipping"]),
        ("Price match included.", ["Price match"]),
        ("If our price drops, we refund the difference.", None),
        ("Earn double points on it.", ["double points"]),
        ("Show your card for a student discount.", ["student discount"]),
        ("No minimum spend for free delivery.", ["No minimum spend"]),
        ("三十天内不合适都能退", ["三十天"]),
        ("一个月内后悔了也给退,质保两年", ["一个月"]),
        ("不满意就退,来回运费我们出", None),
        ("买贵退差价", None),
        ("晒单返现", None),
        ("无门槛包邮", ["无门槛"]),
    ],
)
def test_what_the_terms_do_not_promise_is_stopped(text, stopped):
    found = _stopped(text)
    assert found == stopped if stopped is not None else found


@pytest.mark.parametrize(
    "text",
    [
        "Change your mind within 30 days.",
        "Change your mind within four weeks.",
        "Two-year warranty, returns within 30 days.",
        "Returns cost postage; it is not free.",
        "Return postage is at your own cost.",
        "Ninety nights of good sleep.",
        "Charge it in 60 days or it sleeps.",
        "We do not price match.",
        "It pays you back in smiles.",
        "七天内不合适都能退",
        "一个星期内可退,质保两年",
        "退货运费要您自己出",
        "退休的爸妈也会用,三十天就上手",
        "滤芯三个月更换一次",
        "换季穿它正好,三十天不重样",
        "不返现,不套路",
    ],
)
def test_what_the_terms_promise_and_what_is_no_promise_pass(text):
    assert _stopped(text) == []


def test_a_span_of_another_topic_allows_no_longer_return():
    assert _stopped("100 days to return it.", "30-day returns, 2-year warranty") == ["100 days"]
    assert _stopped("一百天内可退", "7天退换,整机质保两年") == ["一百天"]
    assert _stopped("九十天内可退", "7天退换", {"滤芯更换": "6个月"}) == ["九十天"]


def test_terms_that_pay_for_the_return_bear_it_out():
    assert _stopped("Not right? We collect it for free.", "60 days, free collection") == []
    assert _stopped("不合适就退,运费我们出", "7天退货,运费我们出") == []


def test_one_word_of_the_terms_does_not_bear_out_another_discount():
    assert _stopped("Student discount for all.", "10% discount on two") == ["Student discount"]
    assert _stopped("Student discount here.", "Student discount 10%") == []
