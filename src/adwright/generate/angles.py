"""Persuasion angles and tones, and which of them a brief gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adwright.errors import unknown_name
from adwright.generate.facts import Facts
from adwright.schema import Brief

ANGLES: dict[str, str] = {
    "benefit": "what the buyer gains from it in daily life",
    "quality": "the care and the make, as far as the facts say",
    "price": "the price and what one gets for it",
    "ease": "how little effort it takes",
    "gift": "giving it to someone",
    "trust": "plain facts that make the choice safe",
    "style": "how it looks and what that says",
    "practicality": "everyday use",
    "occasion": "the moment it is for",
    "urgency": "the end of the offer or the stock that is left, as the facts say",
}
"""Angle -> what it leads with, in words for a prompt."""

TONES: dict[str, str] = {
    "plain": "plain and factual",
    "warm": "warm and personal",
    "lively": "lively and playful",
    "elegant": "elegant and reserved",
    "direct": "brisk and to the point",
}
"""Tone -> how it sounds, in words for a prompt."""

_FIRST_BY_PRICE_LEVEL = {"low": ("price", "practicality", "ease"), "high": ("quality", "style", "trust")}


def order_angles(brief: Brief, facts: Facts, *, skip: Sequence[str], rng: np.random.Generator) -> list[str]:
    """The angles that a brief allows, the ones that suit its cohort first, the rest at random.

    Args:
        brief: An angle named there is the only one.
        facts: The price angle needs a price, the urgency angle an end or a low stock.
        skip: Angles that do not suit this kind of goods.
        rng: Shuffles what the brief leaves open.

    Raises:
        NotFoundError: where the brief names an unknown angle.
    """
    if brief.angle is not None:
        if brief.angle not in ANGLES:
            raise unknown_name("angle", brief.angle, ANGLES)
        return [brief.angle]
    allowed = [a for a in ANGLES if a not in skip and facts.supports_angle(a)]
    shuffled = [allowed[i] for i in rng.permutation(len(allowed))]
    level = brief.cohort.price_level if brief.cohort else None
    first = [a for a in _FIRST_BY_PRICE_LEVEL.get(level or "", ()) if a in allowed]
    return first + [a for a in shuffled if a not in first]


def order_tones(brief: Brief, *, rng: np.random.Generator) -> list[str]:
    """The tone that the brief or its brand voice names, or else all of them in random order."""
    if brief.tone is not None:
        if brief.tone not in TONES:
            raise unknown_name("tone", brief.tone, TONES)
        return [brief.tone]
    if brief.brand_voice.tone in TONES and brief.brand_voice.name:
        return [brief.brand_voice.tone]
    names = list(TONES)
    return [names[i] for i in rng.permutation(len(names))]
