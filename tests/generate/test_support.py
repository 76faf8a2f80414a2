from datetime import UTC, datetime, timedelta

from adwright.generate.guards.support import support_of
from adwright.schema import Offer, Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def _product(**changes):
    values = {"id": "1", "title": "Mug", "price_minor": 2000, "currency": "USD"} | changes
    return Product(**values)


def test_prices_are_those_that_hold_now():
    running = _product(sale_price_minor=1500)
    assert support_of([running], offer=None, now=NOW).names_price(15.0)
    over = _product(sale_price_minor=1500, sale_ends_at=NOW - timedelta(days=1))
    support = support_of([over], offer=None, now=NOW)
    assert not support.names_price(15.0)
    assert support.names_ended_price(15.0)


def test_a_discount_in_money_gives_its_price_and_its_saving():
    support = support_of([_product()], offer=Offer(id="o", discount_minor=500), now=NOW)
    assert support.names_price(15.0)
    assert support.names_price(5.0)
    assert support.names_percent(25)


def test_amounts_follow_the_minor_unit_of_the_currency():
    assert support_of([_product(currency="JPY")], offer=None, now=NOW).names_price(2000.0)
    assert support_of([_product(currency="KWD")], offer=None, now=NOW).names_price(2.0)


def test_an_attribute_that_says_no_bears_nothing_out():
    said = support_of([_product(attributes={"waterproof": "yes"})], offer=None, now=NOW)
    denied = support_of([_product(attributes={"waterproof": "No"})], offer=None, now=NOW)
    assert "waterproof" in said.concepts
    assert "waterproof" not in denied.concepts


def test_both_languages_bear_out_the_same_concept():
    for material in ("cotton", "纯棉"):
        support = support_of([_product(attributes={"material": material})], offer=None, now=NOW)
        assert "cotton" in support.concepts


def test_a_date_may_leave_out_its_year():
    support = support_of([_product(sale_price_minor=1500, sale_ends_at=NOW)], offer=None, now=NOW)
    assert support.names_date(1120)
    assert support.names_date(20261120)
    assert not support.names_date(20251120)
