"""What the record says is not there, in every wording of field and copy; and what it does not say."""

from __future__ import annotations

import itertools

import pytest

from adwright.generate.guards import create_guards
from generate.judged import findings_of, stopped

GUARDS = create_guards(["facts"])
SAYS_NO = {
    "zh": ("无", "不含", "未添加", "不添加", "没有", "0", "零添加", "否", "无添加", "不使用"),
    "en": ("none", "no", "not added", "0", "without", "not used", "No added"),
}
WORDED = {
    "香精": ("不含香精", "无香精", "零香精", "没加香精", "不添加香精"),
    "酒精": ("不含酒精", "无酒精", "0酒精"),
    "防腐剂": ("不含防腐剂", "零防腐剂"),
    "糖": ("无糖", "不含糖", "0糖", "不加糖"),
    "谷物": ("无谷", "不含谷物"),
    "咖啡因": ("不含咖啡因", "无咖啡因"),
    "硅油": ("无硅油",),
    "甲醛": ("不含甲醛",),
    "fragrance": ("fragrance-free", "unscented", "no fragrance", "free of fragrance"),
    "alcohol": ("alcohol-free", "no alcohol"),
    "sugar": ("sugar-free", "no added sugar"),
    "grain": ("grain-free",),
    "gluten": ("gluten-free", "no gluten"),
    "parabens": ("paraben-free", "free of parabens"),
    "caffeine": ("caffeine-free",),
    "nuts": ("nut-free",),
}


def _stopped(said, language, attributes):
    text = f"{said}，放心用。" if language == "zh" else f"A good choice: {said}."
    return stopped(findings_of(text, language, GUARDS, product={"title": "Item", "attributes": attributes}))


@pytest.mark.parametrize("name", WORDED)
def test_a_field_that_says_no_bears_out_what_copy_makes_of_it(name):
    language = "en" if name.isascii() else "zh"
    wrong = [
        (said, value, rules)
        for said, value in itertools.product(WORDED[name], SAYS_NO[language])
        if (rules := _stopped(said, language, {name: value}))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", WORDED)
def test_nothing_is_left_out_that_the_record_does_not_say(name):
    language = "en" if name.isascii() else "zh"
    contains = "含" if language == "zh" else "yes"
    passed = [
        (said, attributes)
        for said, attributes in itertools.product(WORDED[name], ({}, {name: contains}))
        if not _stopped(said, language, attributes)
    ]
    assert passed == []


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"hood": "no"}, "A hooded coat."),
        ({"quick charge": "no"}, "It supports quick charge."),
        ({"fragrance": "none"}, "With a light fragrance."),
        ({"sugar": "none"}, "Sweetened with sugar."),
    ],
)
def test_a_field_that_says_no_bears_out_nothing_else(attributes, text):
    product = {"title": "Item", "attributes": attributes}
    assert stopped(findings_of(text, "en", GUARDS, product=product))
