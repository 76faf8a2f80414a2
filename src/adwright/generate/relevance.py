"""How well a text fits what it speaks of, who reads it and what it was asked to do.

Three parts, each in [0, 1], weighted 2 : 1 : 1 over those that can be judged:

- product: terms of the product in the text, each with a weight that falls with how many words say the same
  (noun, brand, title, attributes, category, description), saturating as 1 - exp(-weight / 2); halved where
  the text speaks of another kind of goods.
- readers: the product's category among the cohort's interests, its language, and appeals that suit its
  price level.
- brief: the asked-for angle shows, the text is in the language, the offer is named, the shop's own words are
  kept.

Holds when: product and text name things in words of the lexicons or in the same words. Does not cover: what a
reader would find moving; survey answers set the scale, see `relevance_calibration`.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from adwright.generate.backends.goods import NEUTRAL, plural, recognise
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.appeals import find_strategy
from adwright.generate.why import ANGLE_NAMES
from adwright.schema import BrandVoice, Cohort, Content, Language, Offer, Product
from adwright.text.language import detect
from adwright.text.normalise import fold_in_place

_WEIGHTS = {"product": 2.0, "readers": 1.0, "brief": 1.0}
_MOST_CHARACTERS = 5_000
_SATURATION = 2.0
_LATIN = re.compile("[a-z\u00c0-\u024f]{3,}")
_HAN_RUN = re.compile("[\u3400-\u9fff]{2,}")
_STOP = frozenset(
    re.findall(
        "[a-z]+",
        "and are but can for from has have her his its not our out she that the their them they this was were "
        "what when which who will with you your into more than all any one two new made get let per each also",
    )
)
_SUITS_LEVEL = {
    "low": frozenset({"price", "practicality", "ease", "urgency"}),
    "middle": frozenset({"benefit", "practicality", "quality", "style", "ease", "price"}),
    "high": frozenset({"quality", "style", "trust", "occasion", "gift", "benefit"}),
}


@dataclass(frozen=True, slots=True)
class Relevance:
    """How well a text fits.

    Args:
        score: The weighted mean of the parts, in [0, 1].
        product, readers, brief: The parts; None where nothing is known to judge by.
        why: The reasons in a line, in both languages.
    """

    score: float
    product: float | None
    readers: float | None
    brief: float | None
    why: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class _Part:
    score: float
    en: str
    zh: str


def relevance(
    content: Content,
    *,
    products: Sequence[Product],
    cohort: Cohort | None = None,
    offer: Offer | None = None,
    brand_voice: BrandVoice | None = None,
) -> Relevance:
    """How well a content fits its products, its readers and its brief.

    Args:
        content: Its angle is the one that was asked for.
        products: What it speaks of; none where that is not known.
        cohort: Who reads it; None for everyone.
        offer: The offer that the brief names.
        brand_voice: Words that the shop prefers and avoids.
    """
    text = fold_in_place(content.text[:_MOST_CHARACTERS])
    parts = {
        "product": _fits_product(text, products[0]) if products else None,
        "readers": _fits_readers(text, content, products, cohort) if cohort else None,
        "brief": _fits_brief(text, content, offer, brand_voice or BrandVoice()),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    total = sum(_WEIGHTS[name] for name in known)
    score = sum(_WEIGHTS[name] * part.score for name, part in known.items()) / total
    return Relevance(
        score=round(score, 4),
        product=_rounded(parts["product"]),
        readers=_rounded(parts["readers"]),
        brief=_rounded(parts["brief"]),
        why={
            "en": "; ".join(part.en for part in known.values()),
            "zh": "；".join(part.zh for part in known.values()),
        },
    )


def _rounded(part: _Part | None) -> float | None:
    return None if part is None else round(part.score, 4)


# --- the product ----------------------------------------------------------------------------------


def _fits_product(text: str, product: Product) -> _Part:
    words = _words(text)
    found = [
        (worth, term)
        for term, worth in _terms(_Key.of(product))
        if term in words or ((" " in term or not term.isascii()) and term in text)
    ]
    score = 1 - math.exp(-sum(worth for worth, _ in found) / _SATURATION)
    other = _other_goods(text, product) if len(found) < 2 else None
    if other is not None:
        en, zh = f"speaks of {other[0]}, not of the product", f"说的是{other[1]}，不是该商品"
        return _Part(score / 2, en, zh)
    if not found:
        return _Part(score, "names nothing of the product", "没有提到商品的任何特征")
    shown = [term for _, term in sorted(found, key=lambda f: (-f[0], f[1]))[:3]]
    return _Part(score, f"names {', '.join(shown)}", f"提到{'、'.join(shown)}")


@dataclass(frozen=True, slots=True)
class _Key:
    """What of a product its terms depend on, in a form that can be kept."""

    title: str
    description: str
    brand: str
    product_type: str
    attributes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, product: Product) -> _Key:
        return cls(
            product.title[:500],
            product.description[:2000],
            product.brand or "",
            product.product_type or "",
            tuple(sorted(product.attributes.items())),
        )


@functools.lru_cache(maxsize=4096)
def _terms(key: _Key) -> tuple[tuple[str, float], ...]:
    """Each term of a product with its worth; the words of one field share what the field is worth."""
    product = Product(id="", title=key.title, product_type=key.product_type)
    noun = recognise(product).noun
    worths: dict[str, float] = {}
    fields = [
        (2.0, {fold_in_place(n) for n in (noun.singular, plural(noun.singular), noun.chinese)}, False),
        (1.0, {fold_in_place(key.brand)} - {""}, False),
        (3.0, _words(fold_in_place(key.title)), True),
        (1.0, _words(fold_in_place(key.product_type.replace("-", " "))), True),
        (2.0, _words(fold_in_place(key.description)), True),
        (1.0, set(_attribute_words(key)), False),
    ]
    for worth, terms, shared in fields:
        for term in terms:
            own = worth / math.sqrt(len(terms)) if shared else worth
            worths[term] = max(worths.get(term, 0.0), own)
    return tuple(sorted(worths.items()))


def _attribute_words(key: _Key) -> Iterator[str]:
    lexicon = attribute_lexicon()
    texts = " ".join((key.title, key.description, *(value for _, value in key.attributes)))
    for concept in lexicon.supported(texts):
        for language in ("en", "zh"):
            yield fold_in_place(lexicon.name(concept, language))
            yield fold_in_place(lexicon.adjective(concept, language))


def _other_goods(text: str, product: Product) -> tuple[str, str] | None:
    """What the text speaks of, in English and Chinese, where it is goods of another kind."""
    mine, theirs = recognise(product), recognise(Product(id="", title=text[:300]))
    if NEUTRAL in (mine.category.name, theirs.category.name) or theirs.noun.start < 0:
        return None
    if mine.category.family == theirs.category.family:
        return None
    return theirs.noun.english, theirs.noun.chinese


def _words(text: str) -> set[str]:
    """Latin words without endings, and pairs of Han characters, of a folded text."""
    words = {_stem(w) for w in _LATIN.findall(text) if w not in _STOP}
    for run in _HAN_RUN.findall(text):
        words |= {run[i : i + 2] for i in range(len(run) - 1)}
    return words


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


# --- the readers ----------------------------------------------------------------------------------


def _fits_readers(text: str, content: Content, products: Sequence[Product], cohort: Cohort) -> _Part:
    scores: list[float] = []
    en: list[str] = []
    zh: list[str] = []
    if cohort.top_categories and products:
        hit = _interest(products[0], text, cohort.top_categories)
        scores.append(1.0 if hit else 0.2)
        shown = hit or cohort.top_categories[0]
        en.append(f"meets their interest in {shown}" if hit else f"their interest is {shown}")
        zh.append(f"合乎对{shown}的兴趣" if hit else f"他们感兴趣的是{shown}")
    if cohort.price_level is not None:
        appeals = set(find_strategy(text).appeals)
        suits = bool(appeals & _SUITS_LEVEL[cohort.price_level])
        scores.append(1.0 if suits else 0.4 if not appeals else 0.2)
        en.append(f"{'suits' if suits else 'does not address'} a {cohort.price_level} price level")
        level = {"low": "低", "middle": "中等", "high": "高"}[cohort.price_level]
        zh.append(f"{'适合' if suits else '未照顾到'}{level}价位的顾客")
    if cohort.language is not None:
        scores.append(float(cohort.language == content.language))
        if cohort.language != content.language:
            en.append("they read another language")
            zh.append("他们读另一种语言")
    if not scores:
        return _Part(0.5, "nothing is known of the readers", "对读者一无所知")
    return _Part(fmean(scores), ", ".join(en) or "in their language", "，".join(zh) or "用他们的语言")


def _interest(product: Product, text: str, categories: Sequence[str]) -> str | None:
    """The category of the readers that the product belongs to or that the text names."""
    kind = fold_in_place(product.product_type or "")
    own = recognise(product).category.name
    for category in categories:
        folded = fold_in_place(category)
        theirs = recognise(Product(id="", title="", product_type=category)).category.name
        if folded == kind or (own == theirs != NEUTRAL) or folded.replace("-", " ") in text:
            return category
    return None


# --- the brief ------------------------------------------------------------------------------------


def _fits_brief(text: str, content: Content, offer: Offer | None, voice: BrandVoice) -> _Part:
    in_language = detect(text) in (content.language, None)
    scores = [float(in_language)]
    en = [] if in_language else [f"not in {content.language}"]
    zh = [] if in_language else [f"不是所要的语言（{content.language}）"]
    if content.angle is not None:
        cue = find_strategy(text).appeals.get(content.angle)
        name = ANGLE_NAMES.get(content.angle, {"en": content.angle, "zh": content.angle})
        scores.append(1.0 if cue else 0.4)
        en.append(f"leads with {name['en']} ({cue})" if cue else f"no word of {name['en']}")
        zh.append(f"主打{name['zh']}（{cue}）" if cue else f"没有体现{name['zh']}")
    if offer is not None:
        told = _names_offer(text, offer)
        scores.append(1.0 if told else 0.5)
        en.append("names the offer" if told else "does not name the offer")
        zh.append("提到了优惠" if told else "没有提到优惠")
    avoided = [word for word in voice.avoid if word and fold_in_place(word) in text]
    if voice.avoid or voice.prefer:
        preferred = any(word and fold_in_place(word) in text for word in voice.prefer)
        scores.append(0.0 if avoided else 1.0 if preferred or not voice.prefer else 0.7)
    if avoided:
        en.append(f"uses {avoided[0]}, which the shop avoids")
        zh.append(f"用了店铺不用的“{avoided[0]}”")
    return _Part(fmean(scores), ", ".join(en) or "as the brief asks", "，".join(zh) or "合乎要求")


def _names_offer(text: str, offer: Offer) -> bool:
    percent = f"{offer.discount_percent:g}" if offer.discount_percent is not None else None
    named = (offer.code, percent, *(w for w in _words(fold_in_place(offer.terms))))
    return any(word and fold_in_place(word) in text for word in named)
