import pytest

from adwright.generate.backends.goods import plural, recognise
from adwright.schema import Product


@pytest.mark.parametrize(
    ("title", "product_type", "category", "noun", "chinese"),
    [
        ("Men Check Shirt", "mens-shirts", "fashion", "shirt", "衬衫"),
        ("Rolex Datejust", "mens-watches", "watches", "watch", "手表"),
        ("Sports Sneakers Off White Red", "mens-shoes", "shoes", "sneakers", "运动鞋"),
        ("Running Sneakers", "mens-shoes", "shoes", "sneakers", "运动鞋"),
        ("Laptop Sleeve", "bags", "bags", "bag", "包"),
        ("Wooden Bathroom Sink With Mirror", "furniture", "furniture", "bathroom sink", "洗手台"),
        ("iPhone 13 Pro", "smartphones", "electronics", "smartphone", "手机"),
        ("Cat Food", "groceries", "pets", "cat food", "猫粮"),
        ("Tissue Paper Box", "groceries", "household", "tissue paper box", "抽纸"),
        ("Potatoes", "groceries", "groceries", "potatoes", "土豆"),
        ("300 Touring", "vehicle", "vehicles", "vehicle", "座驾"),
        ("纯棉宽松短袖T恤女", "服饰>女装>T恤", "fashion", "t-shirt", "T恤"),
        ("不锈钢炒锅", "厨具", "kitchen", "wok", "炒锅"),
        ("Zyx", None, "neutral", "pick", "好物"),
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
