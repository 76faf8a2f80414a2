"""The values that fill the composer's patterns: names and facts as each language words them."""

from __future__ import annotations

import re
from datetime import datetime

from adwright.generate.backends.goods import Goods, Noun
from adwright.generate.facts import Facts
from adwright.generate.lexicon import attribute_lexicon, find_superlatives
from adwright.generate.parsing import tidy
from adwright.schema import Language, Product
from adwright.text.currencies import CURRENCIES, format_money
from adwright.text.language import han_share
from adwright.text.normalise import fold_in_place
from adwright.text.width import display_width

MAX_NAME_WIDTH = 44
_MAX_HAN_NAME_WIDTH = 28
_MAX_FACT_WIDTH = 40
_SEPARATOR = re.compile(r"\s*(?:[,，|/;；]| [-–—] |[(（【\[])")
_MONTHS = """
January February March April May June July August September October November December
""".split()  # noqa: SIM905 — reads better than a list of twelve
_HAN = "\u3400-\u9fff"
_JOINT = re.compile(rf"(?<=[{_HAN}])(?=[A-Za-z]{{2}})|(?<=[A-Za-z]{{2}})(?=[{_HAN}])")
_EDGE_SPACES = re.compile(r" *\n[ \n]*")
_NUMBERED_NAME = re.compile(rf"([A-Za-z][A-Za-z0-9 ]{{0,40}}\d)(?=[{_HAN}])")


def values_for(facts: Facts, goods: Goods, language: Language, *, now: datetime) -> dict[str, str]:
    """Placeholder -> text, for what is known of the product; unknown facts are left out.

    Args:
        facts: The facts at `now`.
        goods: Category and noun.
        language: Of the text.
        now: Decides whether a deadline needs its year.
    """
    noun, product = goods.noun, facts.product
    values = {
        "name": product_name(product, goods, language),
        "noun": noun.english if language == "en" else noun.chinese,
        "this": noun.this if language == "en" else f"这{noun.measure}{noun.chinese}",
        "a": noun.a if language == "en" else f"一{noun.measure}{noun.chinese}",
    }
    title = _tidy_title(product)
    if display_width(title) > MAX_NAME_WIDTH and (language == "zh" or han_share(title) == 0):
        values["title"] = title
    brand = tidy(product.brand or "")
    if brand and display_width(brand) <= _MAX_FACT_WIDTH and (language == "zh" or han_share(brand) == 0):
        values["brand"] = brand
    values |= _attribute_values(facts, goods, language) | _price_values(facts, language)
    if facts.rating is not None:
        values["rating"] = f"{facts.rating:.1f}"
    if facts.stock is not None:
        values["stock"] = str(facts.stock)
    if facts.deadline is not None:
        values["deadline"] = _day(facts.deadline, language, now)
    own = own_sentence(product, language)
    if own is not None and not find_superlatives(own):
        values["own"] = own
    return values | agreement(noun, values["name"], language)


def agreement(noun: Noun, name: str, language: Language) -> dict[str, str]:
    """What agrees with the noun in number: `s` ends a verb, `is`, `it`, `its`, `them`; `s1`, `is1` after the name.

    The number of a name is that of the noun found in it, or else what its last word looks like.
    """
    if language == "zh":
        return {"it": "它"}
    many = noun.is_plural
    named_many = many if noun.start >= 0 else _looks_plural(name)
    return {
        "s": "" if many else "s",
        "s1": "" if named_many else "s",
        "is": "are" if many else "is",
        "is1": "are" if named_many else "is",
        "it": "they" if many else "it",
        "its": "their" if many else "its",
        "them": "them" if many else "it",
    }


def _looks_plural(name: str) -> bool:
    """Whether the last word of a name has the look of a plural, as in `Party Glasses`."""
    head = re.split(r" (?:with|for|in|by|from|of)\b", name, maxsplit=1)[0]
    words = re.findall(r"[A-Za-z]+", head)
    return bool(words) and re.search(r"(?:[^sui]|es)s$", words[-1].lower()) is not None


def product_name(product: Product, goods: Goods, language: Language) -> str:
    """What the product is called in a text: its title, shortened between words, or brand and noun.

    A Chinese text uses a translated title where every word of it is known, and else the title as it is;
    an English one never carries a Chinese title.
    """
    title = _tidy_title(product)
    if language == "zh" and han_share(title) == 0:
        translated = _translate_title(title, goods)
        if translated is not None:
            return translated
    if language == "en" and han_share(title) > 0:
        return _built_name(product, goods, language)
    short = _shorten_han(title, goods) if han_share(title) > 0 else _shorten(title)
    return short or _built_name(product, goods, language)


def finish(text: str, language: Language) -> str:
    """The text with a space between Chinese and Latin words, where the language is Chinese.

    >>> finish("选Nike做礼物，T恤也好", "zh")
    '选 Nike 做礼物，T恤也好'
    """
    if language == "zh":
        spaced = _NUMBERED_NAME.sub(r"\1 ", _JOINT.sub(" ", text))
        return _EDGE_SPACES.sub("\n", re.sub(r" +(?=[，。！？：；])", "", spaced)).strip()
    return _EDGE_SPACES.sub("\n", re.sub(r" {2,}", " ", text)).strip()


def own_sentence(product: Product, language: Language) -> str | None:
    """One sentence of the catalogue's own description in this language, short and plain; else None."""
    text = tidy(product.description).replace("\n", " ")
    if not text or (han_share(text) > 0.5) != (language == "zh") or "<" in text or "://" in text:
        return None
    ends = re.split(r"(?<=[。！？])|(?<=[a-z)][.]) (?=[A-Z])", text[:600])
    for sentence in ends:
        whole = sentence.strip()
        if 20 <= display_width(whole) <= 220 and whole[-1] in ".。":
            return whole
    return None


def _tidy_title(product: Product) -> str:
    return tidy(product.title).replace("\n", " ").rstrip(".!?。！？")


def _shorten_han(title: str, goods: Goods) -> str | None:
    """A Chinese title, or of its parts between spaces the one that holds the noun, where that is short enough."""
    if display_width(title) <= _MAX_HAN_NAME_WIDTH:
        return title or None
    parts = [part for part in re.split(r"[\s,，|/;；()（）【】\[\]]+", title) if part]
    named = [part for part in parts if goods.noun.chinese in part] + parts[:1]
    return next((part for part in named if display_width(part) <= _MAX_HAN_NAME_WIDTH), None)


def _shorten(title: str) -> str | None:
    if display_width(title) <= MAX_NAME_WIDTH:
        return title or None
    head = _SEPARATOR.split(title, maxsplit=1)[0].strip()
    if head and display_width(head) <= MAX_NAME_WIDTH:
        return head
    words: list[str] = []
    for word in head.split(" "):
        if display_width(" ".join([*words, word])) > MAX_NAME_WIDTH:
            break
        words.append(word)
    # what follows a preposition may have been cut in two: `in bottle` of `in bottle green`
    links = [
        i for i, word in enumerate(words) if word.lower() in {"with", "for", "of", "in", "by", "from", "to"}
    ]
    words = words[: links[-1]] if links else words
    while words and words[-1].lower() in {"and", "&", "the", "a", "+"}:
        words.pop()
    return " ".join(words) if len(words) > 1 else None


def _built_name(product: Product, goods: Goods, language: Language) -> str:
    """Brand, colour, material and noun, as far as the title names them."""
    lexicon = attribute_lexicon()
    order = {"colour": 0, "material": 1}
    mentioned = [m for m in lexicon.mentions(product.title[:300]) if m.group in order]
    mentioned.sort(key=lambda m: order[m.group])
    words = list(dict.fromkeys(lexicon.adjective(m.concepts[0], language) for m in mentioned[:2]))
    brand = tidy(product.brand or "")
    known = bool(brand) and display_width(brand) <= 20 and (language == "zh" or han_share(brand) == 0)
    if language == "en":
        return " ".join(
            [brand] * known + [w.capitalize() for w in " ".join([*words, goods.noun.english]).split(" ")]
        )
    return (f"{brand} " if known else "") + "".join(words) + goods.noun.chinese


def _translate_title(title: str, goods: Goods) -> str | None:
    """The title in Chinese where it is made of at most one attribute a group and the noun; else None."""
    if goods.noun.start < 0:
        return None
    lexicon = attribute_lexicon()
    mentions = [m for m in lexicon.mentions(title) if m.group in ("colour", "material", "pattern")]
    if len({m.group for m in mentions}) < len(mentions):
        return None
    rest = fold_in_place(title)
    for start, end in [(m.start, m.end) for m in mentions] + [(goods.noun.start, goods.noun.end)]:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    if any(c.isalnum() for c in rest):
        return None
    words = [lexicon.adjective(m.concepts[0], "zh") for m in sorted(mentions, key=lambda m: m.group)]
    return "".join(words) + goods.noun.chinese


def _attribute_values(facts: Facts, goods: Goods, language: Language) -> dict[str, str]:
    values: dict[str, str] = {}
    for fact, value in facts.attributes.items():
        worded = _in_language(value, language, group=fact)
        if worded is not None and display_width(worded) <= _MAX_FACT_WIDTH:
            values[fact] = worded
    return _title_attributes(facts.product, goods, language) | values


def _in_language(value: str, language: Language, *, group: str) -> str | None:
    value = tidy(value).replace("\n", "、" if language == "zh" else ", ")
    has_letters = any(c.isalpha() for c in value)
    if group in ("capacity", "size", "weight") and value.isascii():
        return value
    if has_letters and (han_share(value) > 0) != (language == "zh"):
        return attribute_lexicon().translate(value, language, group=group)
    return value[:1].lower() + value[1:] if language == "en" and value[1:2].islower() else value


def _title_attributes(product: Product, goods: Goods, language: Language) -> dict[str, str]:
    """Colour and material that the title names; a material only right before the noun, as in `leather bag`."""
    lexicon = attribute_lexicon()
    brand = fold_in_place(product.brand or "")
    found: dict[str, list[str]] = {}
    for mention in sorted(lexicon.mentions(product.title[:300]), key=lambda m: m.start):
        word = fold_in_place(product.title[mention.start : mention.end])
        before_noun = 0 <= goods.noun.start - mention.end <= 1
        if word in brand or (mention.group == "material" and not before_noun):
            continue
        if mention.group in ("material", "colour"):
            found.setdefault(mention.group, []).append(lexicon.name(mention.concepts[0], language))
    joint = "和" if language == "zh" else " and "
    return {group: joint.join(dict.fromkeys(names)) for group, names in found.items() if len(names) <= 2}


def _price_values(facts: Facts, language: Language) -> dict[str, str]:
    currency, values = facts.product.currency, {}
    if currency is None or currency not in CURRENCIES:
        return {}
    if facts.price_minor is not None and facts.price_minor > 0:
        values["price"] = format_money(facts.price_minor, currency, language)
        if facts.was_minor is not None:
            values["was"] = format_money(facts.was_minor, currency, language)
        if facts.percent_off is not None:
            values["off"] = f"{facts.percent_off}%"
    offer = facts.offer
    if offer is not None and offer.code:
        values["code"] = offer.code
        if offer.discount_percent:
            values["code_off"] = f"{offer.discount_percent:g}%"
        elif offer.discount_minor:
            values["code_off"] = format_money(offer.discount_minor, currency, language)
    return values


def _day(time: datetime, language: Language, now: datetime) -> str:
    if language == "zh":
        day = f"{time.month}月{time.day}日"
        return day if time.year == now.year else f"{time.year}年{day}"
    day = f"{time.day} {_MONTHS[time.month - 1]}"
    return day if time.year == now.year else f"{day} {time.year}"
