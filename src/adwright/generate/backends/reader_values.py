"""What the composer's patterns say of readers and topics: their interest in this product, and hashtags."""

from __future__ import annotations

import re

from adwright.generate.backends.goods import NEUTRAL, Goods, recognise
from adwright.generate.kinds.social_post import hashtag_line
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.attributes import Mention
from adwright.schema import Brief, Product

_NOT_TAG = re.compile(r"[\W_]+")


def reader_values(brief: Brief, goods: Goods, product: Product) -> dict[str, str]:
    """Placeholder -> text: `interest`, where the readers look at goods of this category, and `hashtags`."""
    values = {"hashtags": hashtags(brief, goods, product)}
    if _is_of_interest(brief, goods):
        values["interest"] = goods.category.label[brief.language]
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


def _is_of_interest(brief: Brief, goods: Goods) -> bool:
    profile = brief.reader or (brief.cohort.profile if brief.cohort else None)
    if profile is None or goods.category.name == NEUTRAL:
        return False
    seen = (recognise(Product(id="", title="", product_type=name)) for name in profile.categories)
    return any(other.category.name == goods.category.name for other in seen)
