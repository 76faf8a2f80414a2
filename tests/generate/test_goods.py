import pytest

from adwright.generate.backends.goods import categories, category_named, plural, recognise
from adwright.schema import Product


@pytest.mark.parametrize(
    ("title", "product_type", "category", "noun", "chinese"),
    [
        ("Men Check Shirt", "mens-shirts", "tops", "shirt", "衬衫"),
        ("Rolex Datejust", "mens-watches", "watches", "watch", "手表"),
        ("Sports Sneakers Off White Red", "mens-shoes", "shoes", "sneakers", "运动鞋"),
        ("Running Sneakers", "mens-shoes", "shoes", "sneakers", "运动鞋"),
        ("Laptop Sleeve", "bags", "bags", "bag", "包"),
        ("Wooden Bathroom Sink With Mirror", "furniture", "furniture", "bathroom sink", "洗手台"),
        ("iPhone 13 Pro", "smartphones", "phones", "smartphone", "手机"),
        ("Cat Food", "groceries", "pets", "cat food", "猫粮"),
        ("Tissue Paper Box", "groceries", "household", "tissue paper box", "抽纸"),
        ("Potatoes", "groceries", "groceries", "potatoes", "土豆"),
        ("300 Touring", "vehicle", "vehicles", "vehicle", "座驾"),
        ("纯棉宽松短袖T恤女", "服饰>女装>T恤", "tops", "t-shirt", "T恤"),
        ("不锈钢炒锅", "厨具", "kitchen", "wok", "炒锅"),
        ("Zyx", None, "neutral", "pick", "好物"),
        ("Apple AirPods Max Silver", "mobile-accessories", "audio", "audio device", "音频设备"),
        ("AirPods Pro Case", "mobile-accessories", "neutral", "case", "保护壳"),
        ("蓝牙耳机保护壳", "手机配件", "neutral", "case", "保护壳"),
        ("Selfie Lamp", "mobile-accessories", "neutral", "lamp", "灯"),
        ("Fast Charger", "mobile-accessories", "phone_accessories", "charger", "充电器"),
        ("Eau de Parfum", "Beauty > Fragrances", "fragrance", "fragrance", "香水"),
        ("Wallet", "Apparel & Accessories > Handbags, Wallets & Cases > Handbags", "bags", "wallet", "钱包"),
    ],
)
def test_goods_are_recognised(title, product_type, category, noun, chinese):
    goods = recognise(Product(id="1", title=title, product_type=product_type))
    assert (goods.category.name, goods.noun.english, goods.noun.chinese) == (category, noun, chinese)


@pytest.mark.parametrize(
    ("title", "this", "a"),
    [
        ("Oven", "this oven", "an oven"),
        ("Shirt", "this shirt", "a shirt"),
        ("Jeans", "these jeans", "a pair of jeans"),
        ("Coffee", "this coffee", "coffee"),
        ("Kiwi", "these kiwis", "kiwis"),
        ("Plates", "these plates", "plates"),
        ("Umbrella", "this umbrella", "an umbrella"),
        ("Watch", "this watch", "a watch"),
    ],
)
def test_english_inflection(title, this, a):
    noun = recognise(Product(id="1", title=title)).noun
    assert (noun.this, noun.a) == (this, a)


def test_plurals():
    assert [plural(n) for n in ("box", "dish", "toy", "shelf", "bell pepper")] == [
        "boxes",
        "dishes",
        "toys",
        "shelves",
        "bell peppers",
    ]


def test_there_are_more_than_forty_kinds_of_goods_each_with_its_phrases_in_both_languages():
    kinds = categories()
    assert len(kinds) > 40
    for kind in kinds:
        assert category_named(kind.family).family == kind.family
        for language in ("en", "zh"):
            for part in ("benefits", "scenes", "hooks", "lines"):
                phrases = getattr(kind, part)[language]
                assert len(set(phrases)) == len(phrases) >= 3, (kind.name, part)
            assert min(len(kind.people[language]), len(kind.tags[language])) >= 2


def test_a_narrow_kind_belongs_to_a_wider_one():
    assert recognise(Product(id="1", title="Linen Dress")).category.family == "fashion"
