from datetime import timedelta

import pytest

from adwright.errors import UsageError
from adwright.generate.facts import facts_of, product_facts
from adwright.schema import Offer


def test_a_running_sale_gives_price_saving_and_deadline(make_product, now):
    end = now + timedelta(days=3)
    facts = product_facts(make_product(sale_price_minor=3920, sale_ends_at=end), offer=None, now=now)
    assert (facts.price_minor, facts.was_minor, facts.percent_off, facts.deadline) == (3920, 4900, 20, end)


def test_a_sale_that_is_over_or_dearer_is_no_sale(make_product, now):
    over = make_product(sale_price_minor=3920, sale_ends_at=now - timedelta(seconds=1))
    dearer = make_product(sale_price_minor=6000)
    for product in (over, dearer):
        facts = product_facts(product, offer=None, now=now)
        assert (facts.price_minor, facts.was_minor, facts.percent_off) == (4900, None, None)


def test_the_saving_is_rounded_down(make_product, now):
    # 4900 -> 3333 saves 31.98 per cent
    assert product_facts(make_product(sale_price_minor=3333), offer=None, now=now).percent_off == 31


def test_a_code_does_not_change_the_plain_price(make_product, now):
    code = Offer(id="o", discount_percent=10, code="TEN")
    assert product_facts(make_product(), offer=code, now=now).price_minor == 4900
    plain = Offer(id="o", discount_percent=10)
    assert product_facts(make_product(), offer=plain, now=now).price_minor == 4410


def test_only_a_low_stock_and_a_good_rating_are_told(make_product, now):
    few = product_facts(make_product(quantity=4, rating=3.2), offer=None, now=now)
    assert (few.stock, few.rating) == (4, None)
    many = product_facts(make_product(quantity=0), offer=None, now=now)
    assert (many.stock, many.rating) == (None, 4.6)


def test_angles_need_their_facts(make_product, now):
    bare = product_facts(make_product(price_minor=None), offer=None, now=now)
    assert not bare.supports_angle("price")
    assert not bare.supports_angle("urgency")
    assert bare.supports_angle("gift")


def test_a_bare_number_is_no_attribute(make_product, now):
    product = make_product(attributes={"weight": "4", "材质": "棉", "Volume": "500 ml"})
    facts = product_facts(product, offer=None, now=now)
    assert facts.attributes == {"material": "棉", "capacity": "500 ml"}


def test_a_brief_without_product_is_refused(make_brief, now):
    with pytest.raises(UsageError, match="products"):
        facts_of(make_brief(products=()), now=now)
