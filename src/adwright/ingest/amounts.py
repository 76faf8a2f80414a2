"""Money as it is written in files, to an integer of minor units; never through a rounding that loses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from adwright.ingest.report import RowError
from adwright.text.currencies import CURRENCIES

LARGEST = 2**53
"""Amounts above this many minor units are refused: a JSON number cannot hold them exactly."""

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_PRICE = re.compile(r"\s*([A-Za-z]{3})?\s*([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]{3})?\s*")


def to_minor(value: object, name: str, currency: str) -> int:
    """The amount in minor units of `currency`.

    Args:
        value: An int or float in major units, or such a number as text.
        name: The field's name, for the reason.
        currency: ISO 4217, already known to exist.

    Raises:
        RowError: not a number, negative, too large, or with more decimals than the currency has.

    >>> to_minor(19.99, "price", "USD"), to_minor("1200", "price", "JPY")
    (1999, 1200)
    """
    if type(value) is float or type(value) is int:
        minor = _from_number(value, name, currency)
    elif isinstance(value, Decimal) or (isinstance(value, str) and _PLAIN.fullmatch(value.strip())):
        minor = _from_decimal(Decimal(value), name, currency)
    else:
        raise RowError("wrong_type", name, f"{name} is not a number")
    if minor < 0:
        raise RowError("negative_value", name, f"{name} is negative")
    return minor


def read_price(value: object, name: str) -> tuple[object, str | None]:
    """The amount and the currency of a price in any of the ways of Merchant feeds.

    >>> read_price("12.34 USD", "price"), read_price({"value": "5", "currency": "EUR"}, "price")
    ((Decimal('12.34'), 'USD'), (Decimal('5'), 'EUR'))
    """
    if value is None or value == "":
        return None, None
    if isinstance(value, Mapping):
        amount, code = read_price(value.get("value"), name)
        stated = value.get("currency")
        return amount, known_currency(stated) if isinstance(stated, str) else code
    if not isinstance(value, str):
        return value, None
    match = _PRICE.fullmatch(value)
    if match is None or (match[1] and match[3]):
        raise RowError("wrong_type", name, f"{name} is not a price such as '12.34 USD'")
    code = match[1] or match[3]
    return Decimal(match[2]), known_currency(code) if code else None


@lru_cache(maxsize=512)
def known_currency(code: str) -> str:
    """The ISO 4217 code in capitals; one that does not exist raises `RowError`."""
    upper = code.upper()
    if upper not in CURRENCIES:
        raise RowError("unknown_currency", "currency", f"'{code[:20]}' is not a currency of ISO 4217")
    return upper


def _from_number(value: float, name: str, currency: str) -> int:
    try:
        scaled = float(value * _scale(currency))
        if not math.isfinite(scaled) or abs(scaled) > LARGEST:
            raise _too_large(name)
    except OverflowError as error:
        raise _too_large(name) from error
    nearest = round(scaled)
    if abs(scaled - nearest) > 1e-9 * max(1.0, abs(scaled)):  # a float's own noise is not a decimal
        raise _too_precise(name, currency)
    return nearest


def _scale(currency: str) -> int:
    return int(10 ** CURRENCIES[currency])


def _from_decimal(value: Decimal, name: str, currency: str) -> int:
    if not value.is_finite() or abs(value) > LARGEST:
        raise _too_large(name)
    scaled = value.scaleb(CURRENCIES[currency])
    if scaled != scaled.to_integral_value():
        raise _too_precise(name, currency)
    if abs(scaled) > LARGEST:
        raise _too_large(name)
    return int(scaled)


def _too_large(name: str) -> RowError:
    return RowError("number_overflow", name, f"{name} is too large a number")


def _too_precise(name: str, currency: str) -> RowError:
    digits = CURRENCIES[currency]
    return RowError("too_many_decimals", name, f"{name} has more than the {digits} decimals of {currency}")
