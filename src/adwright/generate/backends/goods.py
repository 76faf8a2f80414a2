"""What kind of goods a product is, and what it is called in Chinese and English."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal

from adwright.generate.lexicon.attributes import attribute_lexicon
from adwright.schema import Language, Product
from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder

Number = Literal["count", "mass", "plural", "pair"]
NEUTRAL = "neutral"
_PARTS = ("benefits", "scenes", "hooks", "lines", "people", "tags")

_HEAD_END = re.compile(r" (?:with|for|in|by|from)\b|[(（,，|/]| [-–—] ", re.IGNORECASE)
_IRREGULAR = {
    "knife": "knives",
    "shelf": "shelves",
    "scarf": "scarves",
    "mouse": "mice",
    "potato": "potatoes",
}
_AN_BEFORE = re.compile(r"(?!eu|uni|use|one\b)[aeiou]|hour|heir|honest", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Noun:
    """What a product is called.

    Args:
        singular, chinese, measure: English singular, Chinese noun, Chinese measure word.
        number: How English counts it.
        many: The title itself speaks of it in the plural.
        start, end: Where it stands in the title, or -1.
    """

    singular: str
    chinese: str
    measure: str
    number: Number = "count"
    many: bool = False
    start: int = -1
    end: int = -1

    @property
    def is_plural(self) -> bool:
        """Whether English speaks of it in the plural."""
        return self.many or self.number in ("plural", "pair")

    @property
    def english(self) -> str:
        """The noun in the number in which English speaks of it."""
        return plural(self.singular) if self.is_plural and self.number != "pair" else self.singular

    @property
    def this(self) -> str:
        """`this shirt`, `these trainers`, `this coffee`."""
        return f"{'these' if self.is_plural else 'this'} {self.english}"

    @property
    def a(self) -> str:
        """`a shirt`, `an oven`, `a pair of trainers`, `coffee`, `apples`."""
        if self.number == "pair":
            return f"a pair of {self.english}"
        if self.is_plural or self.number == "mass":
            return self.english
        return f"{'an' if _AN_BEFORE.match(self.english) else 'a'} {self.english}"


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of goods: what using them is like, and which angles do not suit them.

    Args:
        name, noun: Its short name, and what a product of it is called that has no noun of its own.
        label: What the kind is called.
        benefits: Verb phrases.
        scenes: Noun phrases.
        hooks: Whole headlines.
        lines: Whole sentences without their stop; `{this}` and `{noun}` may stand in them.
        people: Whom one would give it to.
        tags: Words for social posts.
        family: The wider kind that it belongs to; its own name where there is none.
        skip: Angles that do not suit it.
        only_for: The nouns that its words suit, where a kind holds unlike things; empty for all.
    """

    name: str
    noun: str
    label: Mapping[Language, str]
    benefits: Mapping[Language, tuple[str, ...]]
    scenes: Mapping[Language, tuple[str, ...]]
    hooks: Mapping[Language, tuple[str, ...]]
    lines: Mapping[Language, tuple[str, ...]]
    people: Mapping[Language, tuple[str, ...]]
    tags: Mapping[Language, tuple[str, ...]]
    family: str
    skip: tuple[str, ...] = ()
    only_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goods:
    """A product's category and noun."""

    category: Category
    noun: Noun


def plural(noun: str) -> str:
    """The English plural of a noun of the lexicon; of several words the last one changes.

    >>> [plural(n) for n in ("shirt", "watch", "strawberry", "knife", "lunch box")]
    ['shirts', 'watches', 'strawberries', 'knives', 'lunch boxes']
    """
    head, _, last = noun.rpartition(" ")
    lead = f"{head} " if head else ""
    if last in _IRREGULAR:
        return lead + _IRREGULAR[last]
    if re.search(r"[^aeiou]y$", last):
        return f"{lead}{last[:-1]}ies"
    return f"{lead}{last}{'es' if re.search(r'(?:s|x|z|ch|sh)$', last) else 's'}"


def recognise(product: Product) -> Goods:
    """The kind of goods, from product type first and title second; `neutral` where neither tells.

    It is neutral, too, where a kind holds unlike things and its words suit only some of them: a lamp filed under
    `mobile-accessories` charges no phone.
    """
    data = _data()
    named = data.noun_of(product)
    category = data.category_of(product, named)
    noun = named or data.fallback[category.noun]
    if category.only_for and noun.singular not in category.only_for:
        category = data.categories[NEUTRAL]
    return Goods(category, noun)


@dataclass(frozen=True)
class _Data:
    categories: Mapping[str, Category]
    keywords: Mapping[str, str]
    title_keywords: Mapping[str, str]
    english: Mapping[str, Noun]
    chinese: Mapping[str, Noun]
    fallback: Mapping[str, Noun]
    keyword_finder: PhraseFinder
    title_finder: PhraseFinder
    english_finder: PhraseFinder
    chinese_finder: PhraseFinder

    def category_of(self, product: Product, noun: Noun | None) -> Category:
        named = _last(self.title_finder, product.title)
        if named is not None and (noun is None or noun.start < named[1]):  # an `AirPods Case` is a case
            return self.categories[self.title_keywords[named[2]]]
        for text in (product.product_type or "", product.title):
            found = _last(self.keyword_finder, text)
            if found is not None:
                return self.categories[self.keywords[found[2]]]
        return self.categories[NEUTRAL]

    def noun_of(self, product: Product) -> Noun | None:
        """The noun that the title ends in, or that the product type confirms; None where neither tells.

        `Laptop Sleeve` is no laptop, and what stands after `with` is no more than a part.
        """
        title = product.title[:300]
        head = title[: end.start()] if (end := _HEAD_END.search(title)) and end.start() else title
        kind = fold_in_place((product.product_type or "").replace("-", " "))
        found = _last(self.english_finder, head)
        if found is not None:
            noun = self.english[found[2]]
            named = {noun.singular, plural(noun.singular), found[2]}
            if _only_attributes(head[found[1] :]) or any(_is_word(name, kind) for name in named):
                return replace(noun, start=found[0], end=found[1])
        for text in (head, title):
            chinese = _last(self.chinese_finder, text)
            if chinese is not None:
                return replace(self.chinese[chinese[2]], start=chinese[0], end=chinese[1])
        leaf = re.split(r"[>/]", kind)[-1].strip()
        typed = _last(self.english_finder, leaf)
        if typed is not None and typed[1] == len(leaf) and "&" not in leaf and " and " not in leaf:
            return replace(self.english[typed[2]], many=False)
        return None


def _only_attributes(text: str) -> bool:
    """Whether nothing but colours, materials and numbers is left, as after `Sneakers` in `Sneakers Off White`."""
    left = list(text)
    for mention in attribute_lexicon().mentions(text):
        left[mention.start : mention.end] = " " * (mention.end - mention.start)
    return re.search(r"[^\W\d_]", "".join(left)) is None


def _is_word(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _last(finder: PhraseFinder, text: str) -> tuple[int, int, str] | None:
    return max(finder.find(text), key=lambda found: (found[1], -found[0]), default=None)


@functools.cache
def _data() -> _Data:
    raw = read_data("categories.toml")
    nouns = read_data("nouns.toml")
    english: dict[str, Noun] = {}
    for singular, entry in nouns["nouns"].items():
        noun = Noun(singular, *entry)
        english[_key(singular)] = noun
        if noun.number in ("count", "plural"):
            english.setdefault(_key(plural(singular)), replace(noun, many=True))
    chinese = {_key(noun.chinese): noun for noun in reversed(english.values()) if not noun.many}
    for alias, singular in nouns["aliases"].items():
        words = english if alias.isascii() else chinese
        words[_key(alias)] = english[_key(singular)]
    keywords = {_key(k): name for name, entry in raw.items() for k in entry["keywords"]}
    title_keywords = {_key(k): name for name, entry in raw.items() for k in entry.get("title_keywords", ())}
    return _Data(
        categories={name: _category(name, entry) for name, entry in raw.items()},
        keywords=keywords,
        title_keywords=title_keywords,
        english=english,
        chinese=chinese,
        fallback={name: Noun(name, *entry) for name, entry in nouns["fallback"].items()},
        keyword_finder=PhraseFinder(keywords),
        title_finder=PhraseFinder(title_keywords),
        english_finder=PhraseFinder(english),
        chinese_finder=PhraseFinder(chinese),
    )


def _category(name: str, entry: Mapping[str, Any]) -> Category:
    languages: tuple[Language, ...] = ("en", "zh")
    return Category(
        name=name,
        noun=entry["noun"],
        label={x: entry[x]["label"] for x in languages},
        **{part: {x: tuple(entry[x][part]) for x in languages} for part in _PARTS},
        family=entry.get("family", name),
        skip=tuple(entry.get("skip", ())),
        only_for=tuple(entry.get("only_for", ())),
    )


def read_data(name: str) -> dict[str, Any]:
    """One TOML file of `compose_data`, parsed."""
    return tomllib.loads(
        (files("adwright.generate.backends.compose_data") / name).read_text(encoding="utf-8")
    )


def literal_phrases(language: Language) -> frozenset[str]:
    """What is written of every kind of goods in a language, placeholders left out."""
    written = [p for c in categories() for part in _PARTS for p in getattr(c, part)[language]]
    pieces = (re.split(r"\{\w+\}", text) for text in written)
    stripped = (piece.strip(" ,.;:!?，。：；！？、") for whole in pieces for piece in whole)
    return frozenset(piece for piece in stripped if len(piece) > 1)


def category_named(name: str) -> Category:
    """The kind of goods of that name."""
    return _data().categories[name]


def categories() -> tuple[Category, ...]:
    """Every kind of goods, `neutral` last."""
    return tuple(_data().categories.values())


def _key(word: str) -> str:
    return fold_in_place(word).replace("-", " ")
