from dataclasses import replace

import pytest

from adwright.generate import write_contents
from adwright.generate.relevance import relevance
from adwright.schema import BrandVoice, Offer


def _content(make_content, headline, description="x", *, language="en", angle=None):
    content = make_content({"headline": headline, "description": description}, language=language)
    return replace(content, angle=angle)


def test_a_text_about_the_product_beats_one_about_nothing_and_one_about_other_goods(
    make_content, make_product
):
    product = make_product()
    scores = [
        relevance(_content(make_content, text), products=[product]).product
        for text in ("A light cotton shirt by Harbour", "A shirt", "Treat yourself", "New running shoes")
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert scores[2] == 0


def test_chinese_copy_of_an_english_catalogue_is_understood(make_content, make_product):
    found = relevance(
        _content(make_content, "这件棉质衬衫，轻便好穿", language="zh"), products=[make_product()]
    )
    assert found.product > 0.7
    assert "衬衫" in found.why["zh"]
    other = relevance(_content(make_content, "这双跑鞋，轻便好穿", language="zh"), products=[make_product()])
    assert other.product < found.product
    assert "不是该商品" in other.why["zh"]


def test_real_copy_fits_its_own_product_better_than_another(real_products, make_brief, now):
    """A fair coin would be right in half of the pairs; 0.9 is many standard errors above that."""
    products = real_products[::4]
    for language in ("en", "zh"):
        briefs = [make_brief(products=(p,), language=language) for p in products]
        written = write_contents(briefs, backend="compose", n=2, seed=1, now=now, guards=[])
        by_id = {p.id: p for p in products}
        right = 0
        for i, w in enumerate(written):
            own = relevance(w.content, products=[by_id[w.content.product_ids[0]]])
            other = relevance(w.content, products=[products[(i * 7 + 11) % len(products)]])
            right += own.score > other.score
        assert right / len(written) > 0.9


def test_interest_and_price_level_of_the_readers_count(make_content, make_product, make_cohort):
    product = make_product()
    content = _content(make_content, "A cotton shirt for less", "Everyday value.")
    keen = make_cohort(top_categories=("mens-shirts",), price_level="low")
    others = make_cohort(top_categories=("groceries",), price_level="low")
    rich = make_cohort(top_categories=("mens-shirts",), price_level="high")
    found = {name: relevance(content, products=[product], cohort=c)
             for name, c in {"keen": keen, "others": others, "rich": rich}.items()}  # fmt: skip
    assert found["keen"].readers == 1
    assert found["others"].readers < found["keen"].readers
    assert found["rich"].readers < found["keen"].readers
    assert "groceries" in found["others"].why["en"]
    assert relevance(content, products=[product]).readers is None


def test_the_brief_asks_for_an_angle_an_offer_a_language_and_words(make_content, make_product):
    product = make_product()
    gift = _content(make_content, "A gift of cotton", angle="gift")
    assert relevance(gift, products=[product]).brief == 1
    assert relevance(replace(gift, angle="urgency"), products=[product]).brief < 1
    assert relevance(replace(gift, language="zh"), products=[product]).brief < 1
    offer = Offer(id="o", discount_percent=20, code="MAY20")
    told = _content(make_content, "20 % off with MAY20")
    assert relevance(told, products=[product], offer=offer).brief == 1
    assert "does not name the offer" in relevance(gift, products=[product], offer=offer).why["en"]
    voice = BrandVoice(name="Shop", avoid=("gift",))
    assert "the shop avoids" in relevance(gift, products=[product], brand_voice=voice).why["en"]


def test_without_a_product_only_the_brief_is_judged(make_content):
    found = relevance(_content(make_content, "A mug"), products=[])
    assert (found.product, found.readers, found.brief, found.score) == (None, None, 1, 1)


@pytest.mark.parametrize("text", ["", "\ud800", "$" * 999, "好" * 100_000, "a" * 1_000_000])
def test_any_text_has_a_score(text, make_content, make_product, make_cohort):
    found = relevance(_content(make_content, text), products=[make_product()], cohort=make_cohort())
    assert 0 <= found.score <= 1


def test_what_is_written_carries_both_scores(make_brief, make_cohort, now):
    brief = make_brief(cohort=make_cohort(top_categories=("mens-shirts",)))
    (written,) = write_contents([brief], backend="compose", n=1, seed=0, now=now)
    assert written.relevance.readers == 1
    assert 0 < written.plainness.score <= 1
