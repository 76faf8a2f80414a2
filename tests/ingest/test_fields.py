from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adwright.ingest.fields import TEXT_LIMIT, FieldReader
from adwright.ingest.report import RowError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def fields() -> FieldReader:
    return FieldReader(now=NOW, currency="USD")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda f: f.text(5, "title"), "wrong_type"),
        (lambda f: f.text("x" * (TEXT_LIMIT + 1), "title"), "text_too_long"),
        (lambda f: f.identifier(["a"], "id"), "wrong_type"),
        (lambda f: f.identifier(True, "id"), "wrong_type"),
        (lambda f: f.required("", "id"), "missing_value"),
        (lambda f: f.required(None, "id"), "missing_value"),
        (lambda f: f.required("\u200b", "id"), "missing_value"),
        (lambda f: f.integer("5", "quantity"), "wrong_type"),
        (lambda f: f.integer(5.5, "quantity"), "wrong_type"),
        (lambda f: f.integer(True, "quantity"), "wrong_type"),
        (lambda f: f.integer(-1, "quantity"), "negative_value"),
        (lambda f: f.integer(0, "quantity", minimum=1), "out_of_range"),
        (lambda f: f.integer(2**63, "quantity"), "number_overflow"),
        (lambda f: f.integer(float("inf"), "quantity"), "number_overflow"),
        (lambda f: f.number("4", "rating", low=0, high=5), "wrong_type"),
        (lambda f: f.number(5.1, "rating", low=0, high=5), "out_of_range"),
        (lambda f: f.number(float("nan"), "rating", low=0, high=5), "out_of_range"),
        (lambda f: f.required_time(None, "at"), "missing_value"),
        (lambda f: f.currency(5), "wrong_type"),
        (lambda f: f.currency("ABC"), "unknown_currency"),
        (lambda f: f.money(5, "price", None), "missing_currency"),
        (lambda f: f.money("5", "price", "USD"), "wrong_type"),
        (lambda f: f.language("klingon please", "locale"), "wrong_type"),
        (lambda f: f.attributes({"a": "x" * TEXT_LIMIT}), "text_too_long"),
        (lambda f: f.attributes({"a": float("inf")}), "number_overflow"),
    ],
)
def test_each_fault_has_its_reason(
    fields: FieldReader, call: Callable[[FieldReader], Any], code: str
) -> None:
    with pytest.raises(RowError) as caught:
        call(fields)
    assert caught.value.code == code
    assert caught.value.reason


def test_good_values_pass_unchanged(fields: FieldReader) -> None:
    assert fields.text("轻便跑鞋", "title") == "轻便跑鞋"
    assert fields.identifier(17, "id") == "17"
    assert fields.integer(3.0, "quantity") == 3
    assert fields.number(4.5, "rating", low=0, high=5) == 4.5
    assert fields.money(19.99, "price", "USD") == 1999
    assert fields.currency(None) == "USD"
    assert fields.language("zh-Hans-CN", "locale") == "zh"
    assert [fields.text(None, "t"), fields.integer(None, "q"), fields.money(None, "p", None)] == [None] * 3


def test_numbers_may_be_text_in_csv_only() -> None:
    fields = FieldReader(now=NOW, text_numbers=True)
    assert fields.integer("12", "quantity") == 12
    assert fields.integer("", "quantity") is None
    assert fields.money("19.99", "price", "USD") == 1999
    assert fields.number("4.5", "rating", low=0, high=5) == 4.5
    with pytest.raises(RowError):
        fields.integer("9" * 5000, "quantity")
    with pytest.raises(RowError):
        fields.number("nan", "rating", low=0, high=5)


def test_invisible_characters_are_stripped_and_counted(fields: FieldReader) -> None:
    assert fields.text("so\u200bft\u202e cotton\U000e0041", "title") == "soft cotton"
    assert fields.text("plain", "title") == "plain"
    assert fields.counts["invisible_characters"] == 1


def test_attributes_hold_what_is_left_and_no_person(fields: FieldReader) -> None:
    text = fields.attributes(
        {
            "colour": "红\u200b色",
            "size": 42,
            "empty": "",
            "email": "a@b.example",
            "reviews": [{"reviewerName": "Ann", "stars": 5}],
            "note": "ann@shop.example",
        }
    )
    assert json.loads(text or "") == {"colour": "红色", "size": 42, "reviews": [{"stars": 5}]}
    assert fields.withheld == {"email": 1, "reviewerName": 1, "note": 1}
    assert fields.attributes({}) is None
