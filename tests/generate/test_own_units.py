"""Numbers in the units and of the fields that the catalogue itself writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adwright.generate.guards.claims import Reading
from adwright.generate.guards.claims.own_units import own_unit_claims
from adwright.generate.guards.support import support_of
from adwright.schema import Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ATTRIBUTES = {
    "扇叶": "6叶",
    "最高时速": "25",
    "跨度": "12轨",
    "最大承压": "320",
    "型号": "X200",
    "尺寸": "120×60厘米",
    "总时速档": "3级",
}


def _stopped(text, attributes=ATTRIBUTES, taken=()):
    product = Product(id="p", title="静声落地扇", attributes=attributes)
    support = support_of([product], offer=None, now=NOW)
    return [text[c.start : c.end] for c in own_unit_claims(Reading(text, "zh"), support, taken)]


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("8叶风扇更柔", ["8叶"]),
        ("八叶风扇更柔", ["八叶"]),
        ("足足二十轨", ["二十轨"]),
        ("时速达40,一路领先", ["40"]),
        ("时速：四十公里", ["四十公里"]),
        ("承压高达450", ["450"]),
    ],
)
def test_another_number_in_a_unit_or_field_of_the_catalogue_is_stopped(text, stopped):
    assert _stopped(text) == stopped


@pytest.mark.parametrize(
    "text",
    [
        "6叶风扇更柔",
        "六叶风扇更柔",
        "十二轨的跨度",
        "时速二十五,不快不慢",
        "时速接近26",
        "承压300以上",
        "一叶知秋",
        "第8叶先装",
        "不是8叶",
        "时速很稳,坐40分钟也不累",
        "尺寸刚好,100平的客厅也放得下",
        "尺寸是120厘米长",
        "a fan with 8 blades",
    ],
)
def test_the_same_number_in_other_words_and_numbers_of_other_things_pass(text):
    assert _stopped(text) == []


def test_a_place_that_is_judged_already_is_left_alone():
    assert _stopped("8叶风扇", taken=[(0, 2)]) == []


def test_units_of_the_table_are_left_to_the_amounts():
    assert _stopped("30个刷头", {"刷头": "4个", "层数": "3层"}) == []
    assert _stopped("四层纸", {"层数": "3层"}) == []


def test_the_longest_name_of_a_field_before_a_number_is_the_one_meant():
    attributes = {"时速": "25", "倒车时速": "8"}
    assert (
        _stopped("倒车时速25", attributes) == []
    )  # 25 stands in the catalogue, `labelled_values` tells them apart
    assert _stopped("倒车时速12", attributes) == ["12"]
    assert _stopped("时速25,倒车时速8", attributes) == []
