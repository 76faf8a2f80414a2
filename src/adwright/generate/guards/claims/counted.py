"""What a number counts: the noun beside it, so that "three doors" is held against the doors of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adwright.generate.lexicon.cues import words
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_AFTER = re.compile(r"[ -](?:of )?(?P<one>[a-z]{3,})(?:[ -](?P<two>[a-z]{3,}))?(?:[ -](?P<three>[a-z]{3,}))?")
_SLEEPS = re.compile(r"\b(?P<verb>sleeps|seats|serves|fits|holds)\s$")
_HAN_NOUN = re.compile(r"(?:不同|独立|可选|经典|大|小|的)*(?P<noun>[\u4e00-\u9fff]{2})")
_STOP = words("counted.stop")


def counted_things(folded: str, quantities: Iterable[Quantity]) -> Iterator[tuple[float, str]]:
    """Each number that counts something, with the word for it.

    >>> from adwright.text.numbers import find_quantities
    >>> text = "two doors, sleeps three; 七种果仁"
    >>> sorted(counted_things(text, find_quantities(text)))
    [(2.0, 'door'), (3.0, 'sleep'), (7.0, '果仁')]
    """
    for quantity in quantities:
        yield from ((quantity.value, thing) for thing in things_of(folded, quantity))


def things_of(folded: str, quantity: Quantity) -> Iterator[str]:
    """The words for what a quantity counts; none where it measures."""
    counts = quantity.kind == "number" or (
        quantity.kind == "measure"
        and to_base(1, quantity.unit or "")[1] in ("count", "style", "people", "layer")
    )
    if not counts:
        return
    if sleeps := _SLEEPS.search(folded[max(0, quantity.start - 8) : quantity.start]):
        yield stem(sleeps["verb"])
        return
    if quantity.kind == "measure" and quantity.text.isascii() and quantity.text[-1:].isalpha():
        yield stem(re.split(r"[\s-]", quantity.text.lower())[-1])
    if match := _AFTER.match(folded, quantity.end):
        for word in match.groups():
            if word is None or word in _STOP:
                break
            yield stem(word)
    elif match := _HAN_NOUN.match(folded, quantity.end):
        yield match["noun"]


def stem(word: str) -> str:
    """An English noun in the singular, near enough."""
    for ending, fresh in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if word.endswith(ending):
            return word[: -len(ending)] + fresh
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
