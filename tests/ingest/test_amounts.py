from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.ingest.amounts import known_currency, read_price, to_minor
from adwright.ingest.report import RowError


@given(st.integers(0, 10**11))
def test_every_amount_of_cents_survives_the_way_through_a_json_number(cents: int) -> None:
    as_json = float(f"{cents // 100}.{cents % 100:02d}")
    assert to_minor(as_json, "price", "USD") == cents
    assert to_minor(f"{cents // 100}.{cents % 100:02d}", "price", "USD") == cents


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [(12, "USD", 1200), (1200, "JPY", 1200), (1.234, "KWD", 1234), (0.1 + 0.2, "EUR", 30), ("0", "EUR", 0)],
)
def test_the_minor_unit_is_the_currencys_own(value: Any, currency: str, minor: int) -> None:
    assert to_minor(value, "price", currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [
        (-1, "USD", "negative_value"),
        ("-0.5", "USD", "negative_value"),
        (1.234, "USD", "too_many_decimals"),
        ("1.5", "JPY", "too_many_decimals"),
        (1e300, "USD", "number_overflow"),
        (float("inf"), "USD", "number_overflow"),
        (float("nan"), "USD", "number_overflow"),
        (10**400, "USD", "number_overflow"),
        ("1e99", "USD", "number_overflow"),
        (True, "USD", "wrong_type"),
        ("1,234.50", "USD", "wrong_type"),
        ([1], "USD", "wrong_type"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(value: Any, currency: str, code: str) -> None:
    with pytest.raises(RowError) as caught:
        to_minor(value, "price", currency)
    assert caught.value.code == code
    assert "price" in caught.value.reason


def test_merchant_prices_are_read_in_their_ways() -> None:
    assert read_price("12.34 USD", "price") == (Decimal("12.34"), "USD")
    assert read_price("usd 5", "price") == (Decimal(5), "USD")
    assert read_price({"value": "9.90", "currency": "CNY"}, "price") == (Decimal("9.90"), "CNY")
    assert read_price(9.9, "price") == (9.9, None)
    assert read_price("", "price") == (None, None)


@pytest.mark.parametrize("value", ["twelve", "12.34 USD EUR", "USD 1 EUR", "1.2.3 USD"])
def test_a_text_that_is_no_price_is_refused(value: str) -> None:
    with pytest.raises(RowError, match="not a price"):
        read_price(value, "price")


def test_an_unknown_currency_is_refused() -> None:
    assert known_currency("cny") == "CNY"
    with pytest.raises(RowError, match="XQX"):
        known_currency("XQX")
