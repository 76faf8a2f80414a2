"""Texts without their facts: slot tokens stand for names, prices and values, control tokens for the brief.

The bundled base writer reads and writes only these. So copying a fact never depends on a model's memory, and
what it may say is a question of which tokens it may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from adwright.errors import BackendError
from adwright.generate.angles import ANGLES, TONES
from adwright.generate.backends.goods import categories
from adwright.schema import Language

ATTRIBUTES = (
    *("material", "colour", "capacity", "size", "weight", "style", "pattern", "fit", "collar", "sleeve"),
    *("length", "waist", "closure", "detail", "hem", "silhouette", "scent"),
)
FACTS = (
    *("name", "title", "this", "a", "noun", "brand", "price", "was", "off", "rating", "stock", "deadline"),
    *("code", "code_off", "own", "spec", "likes"),
)
_ALWAYS_KNOWN = ("name", "this", "a", "noun")
AGREEMENT = ("s", "s1", "is", "is1", "it", "its", "them")
PRICE_LEVELS = ("low", "middle", "high")
READERS = ("new", "returning", "lapsed")
FITS = ("tight", "normal")
NAME_WIDTHS = {"short": 14, "medium": 24, "long": 10_000}
"""How wide a product's name is, as a model may know it -> the greatest width of that class."""

UNITS: Mapping[str, tuple[str, ...]] = {
    "ad_copy": ("headline", "description"),
    "product_description": ("title", "description"),
    "email": ("subject", "preheader", "body"),
    "push": ("title", "body"),
    "sms": ("text",),
    "social_post": ("title", "body", "hashtags"),
    "recommendation": ("reason",),
    "video_open": ("narration", "on_screen"),
    "video_show": ("narration", "on_screen"),
    "video_close": ("narration", "on_screen"),
}
"""What is written in one go -> its slots; most are kinds, a video script is written scene by scene."""

WIDTHS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "ad_copy": {"headline": (30, 44), "description": (90, 150)},
    "product_description": {"title": (60, 100), "description": (200, 360)},
    "email": {"subject": (48, 64), "preheader": (70, 100), "body": (280, 420)},
    "push": {"title": (28, 40), "body": (80, 120)},
    "sms": {"text": (70, 130)},
    "social_post": {"title": (36, 56), "body": (260, 360), "hashtags": (60, 90)},
    "recommendation": {"reason": (90, 150)},
    "video_open": {"narration": (70, 110), "on_screen": (26, 36)},
    "video_show": {"narration": (90, 140), "on_screen": (26, 36)},
    "video_close": {"narration": (70, 110), "on_screen": (26, 36)},
}
"""Unit -> slot -> greatest width in columns, tight and normal."""

OUTCOMES = tuple(str(i) for i in range(5))
END, BEGIN, WRITE, LINE = "<end>", "<begin>", "<write>", "<line>"
_N_RESERVED = 24

TOKEN = re.compile(r"<[a-z_:0-9]+>")
"""What is read as a token in a text."""


def slot_token(name: str) -> str:
    """The token of a fact.

    >>> slot_token("brand"), slot_token("material")
    ('<brand>', '<attr:material>')
    """
    return f"<attr:{name}>" if name in ATTRIBUTES else f"<{name}>"


SLOT_TOKENS: Mapping[str, str] = {slot_token(name): name for name in (*FACTS, *ATTRIBUTES, *AGREEMENT)}
"""Token -> fact."""


def marker(slot: str) -> str:
    """The token that begins a slot's text."""
    return f"<slot:{slot}>"


def special_tokens() -> tuple[str, ...]:
    """Every token that is no text, in the order of the vocabulary."""
    names = {
        "lang": ("zh", "en"),
        "unit": UNITS,
        "fit": FITS,
        "cat": [c.name for c in categories()],
        "angle": ANGLES,
        "tone": TONES,
        "level": PRICE_LEVELS,
        "readers": READERS,
        "width": NAME_WIDTHS,
        "outcome": OUTCOMES,
        "slot": dict.fromkeys(slot for slots in UNITS.values() for slot in slots),
        "reserved": [str(i) for i in range(_N_RESERVED)],
    }
    control = [f"<{group}:{name}>" for group, members in names.items() for name in members]
    return (END, BEGIN, WRITE, LINE, *SLOT_TOKENS, *control)


def check_base_vocabulary(tokenizer: Any, model: str) -> None:
    """Raises `BackendError` for a tokenizer that does not know the control tokens."""
    if tokenizer.convert_tokens_to_ids("<unit:ad_copy>") in (None, tokenizer.unk_token_id):
        raise BackendError(
            f"{model} does not have the base writer's vocabulary",
            retryable=False,
            hint="Use the backend hf for any other model, and --data with prompts of your own to fine-tune it",
        )


def control_prompt(
    *,
    language: Language,
    unit: str,
    fit: str,
    category: str,
    angle: str,
    tone: str,
    price_level: str = "any",
    readers: str = "any",
    name_width: int = 0,
    facts: Iterable[str] = (),
    outcome: str = "any",
) -> str:
    """The brief as control tokens, ending with the token after which the text begins.

    Args:
        language, unit, category, angle, tone: As named in this module and in `angles`.
        fit: How tight the limits of the channel are: `tight` or `normal`.
        price_level, readers: What the cohort is like; `any` says nothing of it.
        name_width: The width of the product's name in columns.
        facts: Which facts are known; those of every product go without saying.
        outcome: The outcome bucket to write for; `any` where the model learned none.
    """
    width = next(name for name, most in NAME_WIDTHS.items() if name_width <= most)
    unlisted = {*AGREEMENT, *_ALWAYS_KNOWN}
    listed = set(facts) - unlisted
    told = "".join(token for token, name in SLOT_TOKENS.items() if name in listed)
    said = {"level": price_level, "readers": readers, "outcome": outcome}
    extras = "".join(f"<{group}:{name}>" for group, name in said.items() if name != "any")
    return (
        f"{BEGIN}<lang:{language}><unit:{unit}><fit:{fit}>{topic(category)}<angle:{angle}><tone:{tone}>"
        f"<width:{width}>{extras}{told}{WRITE}"
    )


def topic(category: str) -> str:
    """The token of a kind of goods. It stands in the brief, and again after each marker: near what it decides."""
    return f"<cat:{category}>"


def join_slots(slots: Mapping[str, str], *, category: str) -> str:
    """The text that a model writes: each slot after its marker and the kind of goods, and the end."""
    begin = topic(category)
    return "".join(marker(name) + begin + text.replace("\n", LINE) for name, text in slots.items()) + END


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its facts in place of their tokens; at the start of a sentence they get a capital.

    >>> fill("Meet <name>. <this> fit<s> in.", {"name": "Nova", "this": "these boots", "s": ""})
    'Meet Nova. These boots fit in.'
    """
    parts: list[str] = []
    end = 0
    for match in TOKEN.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] == LINE:
            parts.append("\n")
            continue
        name = SLOT_TOKENS[match[0]]
        value = values[name]
        before = "".join(parts).rstrip(" ")
        if name not in ("name", "brand", "s", "s1") and (not before or before[-1] in ".!?\n"):
            value = value[:1].upper() + value[1:]
        parts.append(value)
    parts.append(text[end:])
    return "".join(parts)
