"""Measures that claim nothing of the goods: 早晚各挤一厘米, "trim to 5 mm", "a pound of" what the goods are not.

Does not cover: scenes with a span of time, which `durations` reads.
"""

from __future__ import annotations

import re

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity

_ARTICLE = re.compile(r"(?:an?|one) (?!full|whole|good|solid)")
_OF_THING = re.compile(r" of (?:the |your |our )?(?P<thing>[a-z]{3,})")
_INSTRUCTS = re.compile(
    r"(?:[挤取涂抹剪留滴按倒舀]|修剪到?|预热到?)(?:上|出|一点|约|大约)?$"
    r"|(?:^|[.!;:,] |and |then )(?:trim|cut|leave|squeeze|apply|dab|pump|drip|pour|burn|soak|rest|steep"
    r"|simmer|charge|let|keep)"
    r"(?: (?:it|them|the \w+))?(?: (?:to|for|at|about|by|it))?(?: (?:the )?(?:first|about|only|just))? $"
)


def is_idle(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether a measure tells what to do, or is one unit of something that the catalogue does not name."""
    if _INSTRUCTS.search(reading.before(quantity.start, 24)):
        return True
    thing = _OF_THING.match(reading.after(quantity.end, 24)) if _ARTICLE.match(quantity.text) else None
    return thing is not None and thing["thing"] not in support.catalogue
