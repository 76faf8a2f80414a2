from datetime import timedelta

import pytest

from adwright.generate.backends.goods import recognise
from adwright.generate.backends.wording import MAX_NAME_WIDTH, finish, own_sentence, product_name, values_for
from adwright.generate.facts import product_facts
from adwright.schema import Offer, Product
from adwright.text.width import display_width


def _values(product, language, now, offer=None):
    facts = product_facts(product, offer=offer, now=now)
    return values_for(facts, recognise(product), language, now=now)


@pytest.mark.parametrize(
    ("title", "language", "name"),
    [
        ("Red Onions", "zh", "红色洋葱"),
        ("Bamboo Spatula", "zh", "竹制锅铲"),
        ("iPhone 13 Pro", "zh", "iPhone 13 Pro"),
        ("纯棉T恤", "en", "Cotton T-shirt"),
        ("不锈钢保温杯", "en", "Stainless Steel Vacuum Flask"),
        ("304不锈钢保温杯 500ml 便携大容量", "zh", "304不锈钢保温杯"),
        ("2024新款夏季宽松显瘦阔腿裤女高腰垂感直筒", "zh", "阔腿裤"),
        ("纯棉T恤", "zh", "纯棉T恤"),
        ("Watch (gift box, blue)", "en", "Watch (gift box, blue)"),
        ("Linen Bed Set - with two pillow covers, and a bag for storage", "en", "Linen Bed Set"),
    ],
)
def test_names(title, language, name):
    product = Product(id="1", title=title)
    assert product_name(product, recognise(product), language) == name


@pytest.mark.parametrize("title", ["word " * 60, "w" * 300, "纯棉宽松" * 75, "a-b " * 75, "【新款】" * 40])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_title_of_300_characters_is_shortened_between_words(title, language):
    product = Product(id="1", title=title, brand="Harbour")
    name = product_name(product, recognise(product), language)
    assert name
    assert display_width(name) <= MAX_NAME_WIDTH
    if name in title:
        rest = title[title.index(name) + len(name) :]
        assert not rest[:1].isalnum()


def test_attributes_are_worded_in_the_language(make_product, now):
    zh = _values(make_product(title="Shirt", attributes={"material": "Cotton", "color": "Navy"}), "zh", now)
    assert (zh["material"], zh["colour"]) == ("棉", "藏青")
    en = _values(make_product(title="Shirt", attributes={"材质": "棉", "颜色": "红色"}), "en", now)
    assert (en["material"], en["colour"]) == ("cotton", "red")
    unknown = _values(make_product(title="Shirt", attributes={"material": "Zylon weave"}), "zh", now)
    assert "material" not in unknown


def test_a_material_in_a_title_counts_only_right_before_the_noun(now):
    assert _values(Product(id="1", title="Leather Bag"), "en", now)["material"] == "leather"
    assert "material" not in _values(Product(id="1", title="Leather Belt Watch"), "en", now)


def test_a_colour_that_is_part_of_the_brand_is_no_colour(now):
    product = Product(id="1", title="Sneakers Off White & Red", brand="Off White")
    assert _values(product, "en", now)["colour"] == "red"


def test_deadlines_carry_their_year_only_when_it_differs(make_product, now):
    soon = make_product(sale_price_minor=100, sale_ends_at=now + timedelta(days=1))
    late = make_product(sale_price_minor=100, sale_ends_at=now + timedelta(days=100))
    assert _values(soon, "en", now)["deadline"] == "21 November"
    assert _values(soon, "zh", now)["deadline"] == "11月21日"
    assert _values(late, "en", now)["deadline"] == "28 February 2027"
    assert _values(late, "zh", now)["deadline"] == "2027年2月28日"


def test_a_code_has_its_own_saving(make_product, now):
    values = _values(make_product(), "en", now, Offer(id="o", code="TEN", discount_minor=500))
    assert (values["code"], values["code_off"]) == ("TEN", "$5")
    assert "off" not in values


def test_a_product_without_price_or_brand_has_neither(now):
    values = _values(Product(id="1", title="Mug"), "en", now)
    agreeing = {"s", "s1", "is", "is1", "it", "its", "them"}
    assert set(values) - agreeing == {"name", "noun", "this", "a"}


def test_chinese_and_latin_words_stand_apart():
    assert finish("Oppo K1会让人记得，穿T恤选Nike", "zh") == "Oppo K1 会让人记得，穿T恤选 Nike"


def test_the_catalogues_own_sentence_is_taken_only_in_its_language(make_product):
    product = make_product()
    assert own_sentence(product, "en") == "A light shirt in cotton with a button-down collar."
    assert own_sentence(product, "zh") is None
    assert (
        own_sentence(make_product(description="See <b>https://x.y</b> now, it is really good."), "en") is None
    )


@pytest.mark.parametrize(
    ("title", "ending", "is_", "it"),
    [("Oak Chair", "s", "is", "it"), ("Rain Boots", "", "are", "they"), ("Zyx Goggles", "", "are", "it")],
)
def test_verbs_agree_with_the_noun_and_after_a_name_with_the_name(title, ending, is_, it, now):
    values = _values(Product(id="1", title=title), "en", now)
    assert (values["s1"], values["is1"], values["it"]) == (ending, is_, it)
