"""The corpus that the bundled writer learns from: written by this project's own grammar, no text of others.

Document i is a pure function of the seed and i, so that a corpus needs no file and a killed training goes on
where it was. A document is a brief as control tokens and the text, with slot tokens in place of facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adwright.generate.angles import ANGLES, TONES
from adwright.generate.backends.goods import Category, categories
from adwright.generate.backends.patterns import phrasebook
from adwright.generate.backends.phrasing import Phrasing, Turn
from adwright.generate.delexical import AGREEMENT, UNITS, WIDTHS, control_prompt, fill, join_slots, slot_token
from adwright.schema import Language
from adwright.text.width import display_width

_UNIT_SHARES = {
    "ad_copy": 0.28,
    "product_description": 0.15,
    "email": 0.11,
    "push": 0.09,
    "sms": 0.06,
    "social_post": 0.11,
    "recommendation": 0.07,
    "video_open": 0.04,
    "video_show": 0.05,
    "video_close": 0.04,
}
_LONG_NAME = 24
_TITLE_SHARE = 0.3  # of products with a long name, how many have a title that is longer still

_CLOTHES = frozenset(
    {"fashion", "tops", "dresses", "trousers", "outerwear", "sleepwear", "hats", "shoes", "bags"}
)
_KNOWN_WELL, _POORLY = 0.6, 0.25
"""How many products are well described, and the share of the facts that is known of the others."""

_FACT_SHARES = {"brand": 0.7, "rating": 0.45, "own": 0.4, "spec": 0.25, "likes": 0.3}
_ATTRIBUTE_SHARES = {"material": 0.4, "colour": 0.45, "size": 0.15, "capacity": 0.1, "weight": 0.12}
_CLOTHES_SHARES = {
    **{"material": 0.5, "colour": 0.5, "style": 0.45, "pattern": 0.45, "fit": 0.35, "collar": 0.3},
    **{"sleeve": 0.25, "length": 0.2, "waist": 0.2, "closure": 0.2, "detail": 0.4, "hem": 0.2},
    **{"silhouette": 0.2},
}
_SAMPLES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        **{"title": "x" * 60, "this": "this table lamp", "a": "a table lamp", "noun": "table lamp"},
        **{"brand": "Norvik", "price": "$129.00", "was": "$159.00", "off": "18%", "rating": "4.6"},
        **{"stock": "6", "deadline": "30 June", "code": "JUNE10", "code_off": "10%", "own": "x" * 90},
        **{"spec": "Battery: 20 hours", "likes": "table lamps", "material": "oak", "colour": "dark green"},
        **{"s": "s", "s1": "s", "is": "is", "is1": "is", "it": "it", "its": "its", "them": "it"},
    },
    "zh": {
        **{"title": "好" * 30, "this": "这盏台灯", "a": "一盏台灯", "noun": "台灯", "brand": "诺维克"},
        **{"price": "¥129", "was": "¥159", "off": "18%", "rating": "4.6", "stock": "6"},
        **{"deadline": "6月30日", "code": "JUNE10", "code_off": "10%", "own": "好" * 30},
        **{"spec": "续航：20小时", "likes": "灯具", "material": "橡木", "colour": "墨绿色", "it": "它"},
    },
}
"""Values of usual width, for a text to be measured before its facts are known."""


@dataclass(frozen=True, slots=True)
class Document:
    """One example: the brief as control tokens, and the text with its slot tokens."""

    prompt: str
    text: str


@dataclass(frozen=True, slots=True)
class _Width:
    maximum: int

    def measure(self, text: str) -> int:
        return display_width(text)


def document(seed: int, index: int) -> Document:
    """Document `index` of the corpus with that seed.

    >>> document(0, 5) == document(0, 5), document(0, 5).text.endswith("<end>")
    (True, True)
    """
    rng = np.random.default_rng([seed, index])
    while True:
        written = _try(rng)
        if written is not None:
            return written


def _try(rng: np.random.Generator) -> Document | None:
    """A document, or None where no pattern fits what was drawn."""
    language: Language = "zh" if rng.random() < 0.5 else "en"
    unit = _draw(rng, tuple(_UNIT_SHARES), tuple(_UNIT_SHARES.values()))
    kinds = categories()
    category = kinds[int(rng.integers(len(kinds)))]
    facts = _facts(rng, category)
    angle = _angle(rng, category, facts)
    tone = _draw(rng, tuple(TONES))
    readers = _draw(rng, ("new", "returning", "lapsed", "any"), (0.2, 0.2, 0.15, 0.45))
    fit = _draw(rng, ("tight", "normal"))
    width = int(rng.integers(5, 40 if language == "en" else 29))
    samples = {"name": "x" * width, **_SAMPLES[language]}
    names = ["name", "this", "a", "noun", *facts]
    if width > _LONG_NAME and rng.random() < _TITLE_SHARE:
        names.append("title")
    agreeing = AGREEMENT if language == "en" else ("it",)
    values = {name: slot_token(name) for name in (*names, *agreeing)}
    composition = Phrasing(
        language=language,
        book=phrasebook(language),
        category=category,
        values=values,
        rng=rng,
        greet=readers,
        render=lambda text: fill(text, {name: samples.get(name, "x" * 10) for name in values}),
    )
    slots = _compose(composition, unit, Turn(angle, tone), tight=fit == "tight")
    if slots is None:
        return None
    prompt = control_prompt(
        language=language,
        unit=unit,
        fit=fit,
        category=category.name,
        angle=angle,
        tone=tone,
        readers=readers if unit == "email" else "any",
        name_width=width,
        facts=values,
    )
    return Document(prompt, join_slots(slots, category=category.name))


def _compose(composition: Phrasing, unit: str, turn: Turn, *, tight: bool) -> dict[str, str] | None:
    slots: dict[str, str] = {}
    for slot in UNITS[unit]:
        widths = WIDTHS[unit][slot]
        filled = composition.slot(unit, slot, turn, [(_Width(widths[0] if tight else widths[1]),)])
        if filled is None:
            return None
        slots[slot], pattern = filled
        turn = turn.after(pattern)
    return slots


def _facts(rng: np.random.Generator, category: Category) -> list[str]:
    """Which facts are known of a product of this kind, price and offer among them; of many products, few."""
    plenty = 1.0 if rng.random() < _KNOWN_WELL else _POORLY
    known = [name for name, share in _FACT_SHARES.items() if rng.random() < plenty * share]
    shares = _CLOTHES_SHARES if category.name in _CLOTHES else _ATTRIBUTE_SHARES
    known += [name for name, share in shares.items() if rng.random() < plenty * share]
    if category.name in ("fragrance", "care", "hair", "home") and rng.random() < 0.4:
        known.append("scent")
    if rng.random() < 0.85:
        known.append("price")
        if rng.random() < 0.4:
            known += ["was", "off"]
        if rng.random() < 0.3:
            known.append("deadline")
    if rng.random() < 0.12:
        known += ["code", "code_off"]
    if rng.random() < 0.15:
        known.append("stock")
    return known


def _angle(rng: np.random.Generator, category: Category, facts: Sequence[str]) -> str:
    allowed = [a for a in ANGLES if a not in category.skip]
    if "price" not in facts:
        allowed.remove("price")
    if not {"stock", "deadline"} & set(facts):
        allowed.remove("urgency")
    return _draw(rng, tuple(allowed))


def _draw(rng: np.random.Generator, names: Sequence[str], shares: Sequence[float] | None = None) -> str:
    return names[int(rng.choice(len(names), p=shares))]
