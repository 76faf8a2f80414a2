"""The goods of the simulated shop: sixteen categories with facts, in English (USD) or Chinese (CNY).

    price ~ log-uniform over the category's range;  cost = price * share, share ~ uniform over its range

*Holds when* one shop speaks one language. With the same seed the English and the Chinese shop draw the same
places in their lists, so they sell the same goods at the same margins.

*Does not cover* variants of one item, sales with dates, or goods that run out.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import F64, Language, Product
from adwright.simulate.lexicon import concepts
from adwright.simulate.package_data import read_table

CURRENCY: Mapping[Language, str] = {"en": "USD", "zh": "CNY"}

_CNY_PER_USD = 7.0
_OTHER_FIT = 0.3
_MAX_TRIES = 400


@dataclass(frozen=True, slots=True, eq=False)
class Category:
    """A kind of goods. `fit` has shape (n_concepts,): how well each concept suits it, 0.3 to 1.5."""

    key: str
    price_usd: tuple[float, float]
    cost_share: tuple[float, float]
    peak_month: int
    fit: F64


@functools.cache
def categories() -> tuple[Category, ...]:
    """The categories, in the order of every array of categories."""
    found = []
    for key, row in read_table("categories").items():
        fit = np.array([float(row["fit"].get(c, _OTHER_FIT)) for c in concepts()])
        low, high = row["price_usd"]
        cheap, dear = row["cost_share"]
        found.append(Category(key, (low, high), (cheap, dear), int(row["peak_month"]), fit))
    return tuple(found)


def category_type(key: str, language: Language) -> str:
    """The product type of a category as the shop shows it, for example `Home > Bedding`."""
    return str(read_table(f"catalogue_{language}")[key]["type"])


def category_nouns(key: str, language: Language) -> tuple[str, ...]:
    """What goods of a category are called, and what customers search for."""
    return tuple(read_table(f"catalogue_{language}")[key]["nouns"])


def noun_of(product: Product, category_key: str, language: Language) -> str:
    """What the product is called in its title, without brand and facts."""
    found = [n for n in category_nouns(category_key, language) if n in product.title]
    return max(found, key=len) if found else product.title


def draw_catalogue(
    language: Language, n_products: int, *, rng: np.random.Generator
) -> tuple[list[Product], npt.NDArray[np.int64]]:
    """`n_products` goods, spread evenly over the categories, and the category index of each (n_products,).

    Raises:
        UsageError: less than one product, or more than the lists have different titles for.
    """
    if n_products < 1:
        raise UsageError(
            "a shop sells something", argument="n_products", value=n_products, allowed="1 or more"
        )
    kinds = categories()
    category = np.arange(n_products) % len(kinds)
    titles: set[str] = set()
    products = []
    for number, index in enumerate(category):
        product = _draw_product(number, kinds[index], language, titles, rng)
        titles.add(product.title)
        products.append(product)
    return products, category


def _draw_product(
    number: int, kind: Category, language: Language, titles: set[str], rng: np.random.Generator
) -> Product:
    row = read_table(f"catalogue_{language}")[kind.key]
    for _ in range(_MAX_TRIES):
        place = int(rng.integers(len(row["nouns"])))
        noun, brand = str(row["nouns"][place]), str(row["brands"][rng.integers(len(row["brands"]))])
        sensible = read_table("sensible_facts").get(kind.key, {}).get(str(place), {})
        facts = {}
        for name, values in row["attributes"].items():
            places = sensible.get(name, range(len(values)))
            facts[name] = str(values[places[rng.integers(len(places))]])
        title = _sentence(row["title"].format(brand=brand, noun=noun, **facts))
        if title not in titles:
            break
    else:
        raise UsageError(
            "more goods than there are titles for",
            argument="n_products",
            value=number + 1,
            allowed=f"up to {number}",
        )
    price = float(np.exp(rng.uniform(*np.log(kind.price_usd))))
    cost_share = float(rng.uniform(*kind.cost_share))
    price_minor = (
        round(price) * 100 - 1 if language == "en" else max(1, round(price * _CNY_PER_USD)) * 100
    )  # 24.99 dollars, 169 yuan
    identifier = f"p{number + 1:04d}"
    return Product(
        id=identifier,
        title=title,
        description=_sentence(row["description"].format(noun=noun, **facts)),
        link=f"https://shop.example/p/{identifier}",
        image_link=f"https://shop.example/i/{identifier}.jpg",
        price_minor=price_minor,
        currency=CURRENCY[language],
        availability="in_stock",
        quantity=int(rng.integers(20, 900)),
        brand=brand,
        product_type=str(row["type"]),
        cost_minor=round(price_minor * cost_share),
        rating=round(float(np.clip(rng.normal(4.3, 0.35), 2.5, 5.0)), 1),
        attributes=facts,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
