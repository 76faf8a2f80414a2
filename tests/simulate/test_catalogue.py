from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.schema import Language
from adwright.simulate.catalogue import categories, category_nouns, category_type, draw_catalogue, noun_of
from adwright.simulate.lexicon import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_goods_have_all_they_need(language: Language) -> None:
    products, category = draw_catalogue(language, 60, rng=np.random.default_rng(0))
    assert len({p.id for p in products}) == len({p.title for p in products}) == 60
    assert len({p.product_type for p in products}) >= 12
    for product, index in zip(products, category, strict=True):
        assert product.currency == {"en": "USD", "zh": "CNY"}[language]
        assert product.price_minor is not None
        assert product.cost_minor is not None
        assert 0 < product.cost_minor < product.price_minor
        assert product.rating is not None
        assert 2.5 <= product.rating <= 5
        assert product.quantity is not None
        assert product.quantity > 0
        assert len(product.attributes) >= 3
        assert all(product.attributes.values())
        assert "{" not in product.title + product.description
        assert product.product_type == category_type(categories()[index].key, language)
        assert noun_of(product, categories()[index].key, language).casefold() in product.title.casefold()


def test_both_languages_sell_the_same_goods_at_the_same_margins() -> None:
    english, _ = draw_catalogue("en", 60, rng=np.random.default_rng(5))
    chinese, _ = draw_catalogue("zh", 60, rng=np.random.default_rng(5))
    for here, there in zip(english, chinese, strict=True):
        assert here.quantity == there.quantity
        assert here.price_minor is not None
        assert there.price_minor is not None
        assert there.price_minor / here.price_minor == pytest.approx(7.0, rel=0.12)
        assert len(here.attributes) == len(there.attributes)


def test_prices_stay_in_the_range_of_their_category() -> None:
    products, category = draw_catalogue("en", 200, rng=np.random.default_rng(1))
    for product, index in zip(products, category, strict=True):
        low, high = categories()[index].price_usd
        assert product.price_minor is not None
        assert low * 100 - 101 <= product.price_minor <= high * 100 + 100


def test_a_shop_without_goods_or_with_too_many_is_refused() -> None:
    with pytest.raises(UsageError, match="n_products = 0"):
        draw_catalogue("en", 0, rng=np.random.default_rng(0))
    with pytest.raises(UsageError, match="more goods than there are titles"):
        draw_catalogue("en", 100_000, rng=np.random.default_rng(0))


def test_every_category_has_a_fit_for_every_concept_and_a_noun_to_search_for() -> None:
    assert len(categories()) >= 12
    for category in categories():
        assert np.all(category.fit > 0)
        assert all(category_nouns(category.key, language) for language in LANGUAGES)
