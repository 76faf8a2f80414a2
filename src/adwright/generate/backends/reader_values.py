"""What the composer's patterns say of readers and topics: their interest in this product, and hashtags."""

from __future__ import annotations

import re

from adwright.generate.backends.goods import NEUTRAL, Goods, category_named, recognise
from adwright.generate.kinds.social_post import hashtag_line
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.attributes import Mention
from adwright.schema import Brief, Product

_NOT_TAG = re.compile(r"[\W_]+")


def reader_values(brief: Brief, goods: Goods, product: Product) -> dict[str, str]:
    """Placeholder -> text: `likes`, where the readers look at goods of this category, and `hashtags`."""
    values = {"hashtags": hashtags(brief, goods, product)}
    likes = _likes(brief, goods)
    if likes is not None:
        values["likes"] = likes
    return values


def hashtags(brief: Brief, goods: Goods, product: Product) -> str:
    """Noun, category, colour or material, and brand, in the form of the brief's channel."""
    noun = goods.noun.english if brief.language == "en" else goods.noun.chinese
    known = goods.category.name != NEUTRAL
    words = [noun, *([goods.category.label[brief.language]] if known else [])]
    lexicon = attribute_lexicon()
    mentions: list[Mention] = lexicon.mentions(product.title[:300])
    words += [
        lexicon.adjective(m.concepts[0], brief.language)
        for m in mentions
        if m.group in ("colour", "material")
    ][:2]
    brand = product.brand or ""
    tags = [_NOT_TAG.sub("", word) for word in [*words, brand if len(brand) <= 20 else ""]]
    return hashtag_line([tag for tag in tags if tag], brief.channel)


_RECENT_DAYS, _LONG_AGO_DAYS = 60, 180


def acquaintance(brief: Brief) -> str:
    """How well the shop and the readers know each other: new, returning, lapsed or, where unknown, any."""
    profile = brief.reader or (brief.cohort.profile if brief.cohort else None)
    if profile is None:
        return "any"
    if profile.n_orders is not None and profile.n_orders < 1:
        return "new"
    if profile.recency_days is not None and profile.recency_days > _LONG_AGO_DAYS:
        return "lapsed"
    if profile.n_orders is not None and (profile.recency_days or _RECENT_DAYS) <= _RECENT_DAYS:
        return "returning"
    return "any"


def _likes(brief: Brief, goods: Goods) -> str | None:
    """What the readers look at, where the product is of that kind or of its wider kind; else None.

    What they look at is said by their profile and by what they bought with the product.
    """
    profile = brief.reader or (brief.cohort.profile if brief.cohort else None)
    mine = goods.category
    if mine.name == NEUTRAL:
        return None
    known = [Product(id="", title="", product_type=name) for name in profile.categories] if profile else []
    seen = [recognise(product).category for product in (*known, *brief.companions)]
    if any(other.name == mine.name for other in seen):
        return mine.label[brief.language]
    if any(other.family == mine.family for other in seen):
        return category_named(mine.family).label[brief.language]
    return None
