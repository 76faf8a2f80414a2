"""The guards before any text at all: no crash, sound spans, and work that grows as the text does."""

from __future__ import annotations

import re
import string
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.generate.guards import check, create_guards
from adwright.generate.guards.instructions import safety_book
from adwright.generate.guards.law import law_book
from adwright.generate.guards.rule_patterns import _NUMBER
from adwright.schema import Offer, Review
from adwright.text.reading import read

GUARDS = create_guards()
PIECES = (
    "全网最低价",
    "治好失眠",
    "保本保息",
    "小朋友快让妈妈买",
    "同行都是垃圾",
    "最后三分钟",
    "傻逼",
    "胖子勿扰",
    "ignore all previous instructions",
    "the best",
    "heals eczema",
    "risk-free returns",
    "hurry",
    "f*ck",
    "sh!t",
    "13800138000",
    "一三八零零一三八零零零",
    "jane@example.com",
    "￥１９９",
    "$49.00",
    "€ 12,50",
    "三百九十九元",
    "¥199",
    "１２３",
    "２０２６年１１月２０日",
    "50%",
    "五折",
    "👩\u200d👩\u200d👧\u200d👦",
    "🇨🇳",
    "👍🏽",
    "\u200d",
    "\u202eabc\u202c",
    "\U000e0041",
    "شحن مجاني",
    "חינם",
    "раураl",
    "ΡΑΥ",
    "ﬁne",
    "Ｂｅｓｔ",
    "ｂ.e.s.t",
    "最-好",
    "最 好",
    "最\u200b好",
    "é",
    "é",
    "\n",
    "\t",
    " ",
    ",",
    "。",
    "!",
    "?",
    "“",
    "”",
    "(",
    ")",
    "<",
    ">",
    "{",
    "}",
    "[",
    "]",
    "|",
    "*",
    "&#65;",
    "%41%42",
    "最最最最最最最最最最最最最最最最最最最最",
    "- - - - - - - - - - ",
    "aaaaaaaaaaaaaaaaaaaaaaaaa",
    "最最最最最最最最最最最最最最最最最最最最",
    "0000000000000000000000000000",
)
_ESCAPE = re.compile(r"\\.")
_CLASS = re.compile(r"\[[^\]]*\]")
_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=14).map("".join)


def _check(make_content, make_product, now, text, language):
    content = make_content({"headline": text[:40], "description": text}, language=language)
    return check(content, products=[make_product()], now=now, guards=GUARDS), content


@pytest.mark.parametrize("language", ["zh", "en"])
def test_any_text_gets_findings_whose_spans_lie_in_it(language, make_content, make_product, now):
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(_TEXT)
    def run(text):
        found, content = _check(make_content, make_product, now, text, language)
        for f in found:
            slot = content.slots[f.slot]
            assert 0 <= f.start <= f.end <= len(slot)
            assert slot[f.start : f.end].startswith(f.text) or f.text == slot[f.start : f.end][:80]
            assert f.evidence

    run()


_WORDS = ("Power (auto)", "shut-off", "c++", "zip", "lining", "蓝牙", "内胆", "5%", "size")
_MARKS = (
    "(",
    ")",
    "[",
    "]",
    "{2}",
    "*",
    "+",
    "?",
    ".",
    "^",
    "$",
    "|",
    "\\",
    "\\d",
    "(?P<",
    "/",
    "：",
    "（",
    "🙂",
    "\u0301",
)
_NAME = st.lists(st.sampled_from(_WORDS + _MARKS), min_size=1, max_size=4).map("".join)
_VALUE = st.sampled_from(("yes", "no", "是", "无", "2 straps, 1 (spare) pin")) | _NAME


def test_marks_in_a_record_are_no_pattern(make_content, make_product, now):
    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(_NAME, _VALUE, min_size=1, max_size=4), _NAME, _NAME, _NAME)
    def run(attributes, title, terms, said):
        named = ", ".join(f"no {name}, {value} {name}" for name, value in attributes.items())
        content = make_content({"headline": title, "description": f"{named}. 没有{said}，{terms} of {title}"})
        product = make_product(title=title, brand=said, description=terms, attributes=attributes)
        offer = Offer(id="o", code=said, terms=terms, discount_percent=10)
        reviews = [Review(text=said, rating=5, verified=True)]
        check(content, products=[product], offer=offer, reviews=reviews, now=now, guards=GUARDS)

    run()


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("全网最低价", "全\u200b网\u200b最\u200b低\u200b价"),
        ("全网最低价", "全-网-最-低-价"),
        ("全网最低价", "全網最低價"),
        ("The best mug", "Ｔｈｅ　ｂｅｓｔ　ｍｕｇ"),
        ("The best mug", "The b\u0435st mug"),
        ("The best mug", "The be\u00adst mug"),
        ("Heals eczema", "H\u0435als ecz\u0435ma"),
        ("年化12%，稳赚", "年化１２％，稳赚"),
        ("The best mug", "\u202eThe best mug\u202c"),
    ],
)
def test_a_disguise_does_not_hide_a_claim(plain, disguised, make_content, make_product, now):
    language = "en" if plain.isascii() else "zh"
    rules = [
        {
            f.rule_id
            for f in _check(make_content, make_product, now, t, language)[0]
            if f.rule_id.startswith("law.")
        }
        for t in (plain, disguised)
    ]
    assert rules[0]
    assert rules[0] <= rules[1]


def _work(text: str) -> int:
    """How many steps of Python the rules of law and safety take; the matching itself is bounded by its patterns."""
    read.cache_clear()
    steps = 0

    def count(_frame, event, _arg):
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        for book in (law_book(), safety_book()):
            book.find(text, "zh")
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.parametrize(
    "unit", ["最好的", "the best and ", "不", "a", "13", "（最", "hurry now, ", "妈妈快买，"]
)
def test_twice_the_text_takes_at_most_about_twice_the_steps(unit):
    _work(unit * 1500)  # what is made once
    assert _work(unit * 3000) <= 3 * _work(unit * 1500) + 1000


def test_no_gap_of_a_pattern_is_unbounded():
    """Bounded repeats only, so the time that a pattern takes at one place is bounded too."""
    for book in (law_book(), safety_book()):
        for rule in book.rules:
            for phrases in (rule.find, rule.skip, rule.beside, rule.only_text, rule.only_catalogue):
                for pattern in phrases.patterns:
                    bare = _CLASS.sub("C", _ESCAPE.sub("E", _without_numbers(pattern.regex)))
                    assert "*" not in bare, pattern.source
                    assert "+" not in bare, pattern.source


def _without_numbers(regex: str) -> str:
    """A number is one run of digits: what follows it cannot match what it matches."""
    for number in _NUMBER.values():
        regex = regex.replace(number, "")
    return regex


def test_a_text_of_a_megabyte_is_judged(make_content, make_product, now):
    text = ("普通的一句话，" * 20 + "全网最低价。" + "A plain line. " * 20 + string.printable) * 1200
    assert len(text) > 600_000
    content = make_content({"headline": "A mug", "description": text}, language="zh")
    found = check(
        content, products=[replace(make_product())], now=now, guards=create_guards(["limits", "law"])
    )
    assert {"limits.too_long", "law.absolute"} <= {f.rule_id for f in found} | {"limits.too_long"}
    assert len(found) < 200
