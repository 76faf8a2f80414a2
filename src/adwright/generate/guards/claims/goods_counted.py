"""Counts of the goods themselves, and numbers that claim nothing of them.

Holds when: the title names the goods by the noun that the text counts ("eight lights", set of 6).

Does not cover: counts of parts, which `amounts` judges.
"""

from __future__ import annotations

import re

from adwright.generate.guards.claims.claim import Reading, holds
from adwright.generate.guards.claims.counted import stem
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity

_PIECES = re.compile(
    r"(?:^|\n)(?:pieces|count|pack(?: size)?|quantity in pack|number of \w+|件数|数量|片数|颗粒数"
    r"|册数): (?P<n>\d{1,5})(?![\d.])"
    r"|(?:set|pack|box) of (?P<n2>\d{1,4})(?![\d.])|(?<![\d.])(?P<n3>\d{1,4})[- ](?:pack|piece|pc|count)(?![a-z])"
)


def miscounts_goods(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether it counts the goods by the noun of their title, and the catalogue counts other numbers of them."""
    known = {float(m["n"] or m["n2"] or m["n3"]) for m in _PIECES.finditer(support.catalogue)}
    if not known or quantity.value in known or quantity.value < 2 or _OF_BATCHES.search(reading.folded):
        return False
    title = {stem(w) for w in re.findall(r"[a-z]{4,}", support.title)}
    nouns = re.findall(r"[a-z]{4,}", reading.after(quantity.end, 28))[:2]
    if not any(stem(noun) in title and noun.endswith("s") for noun in nouns):
        return False
    hedge = reading.hedge(quantity.start, quantity.end)
    said = {q.value for q in reading.quantities if q is not quantity}
    return not any(holds(quantity.value, hedge, k) for k in known) and not any(
        quantity.value / k in said for k in known if k > 1
    )


def counts_goods(quantity: Quantity, support: Support) -> bool:
    """Whether it counts pieces, as 1500颗, of goods of which the catalogue gives the number of pieces."""
    return quantity.text[-1] in "颗粒片块件枚" and _PIECES.search(support.catalogue) is not None


_OF_BATCHES = re.compile(r"(?<![a-z])(?:left|in stock|sold|packs|sets|boxes)(?![a-z])")


_SAID_BY = re.compile(
    r"说|评价|写道|反馈|提到|(?<![a-z])(?:says?|said|reviews?|reviewer|buyers?|customers?|wrote|mentions?)(?![a-z])"
)
_OF_FIVE = re.compile(r"\d (?:out )?of $|\d/$")
_MORE_THAN_ALL = (101, 200)  # per cents of effort


def is_no_claim(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether the number is a verified reviewer's, the scale of a rating, or more than all of one's effort."""
    if support.reviews and _SAID_BY.search(reading.folded):
        said = quantity.text.lower().strip()
        if any(said in review for review, _ in support.reviews):
            return True
    if quantity.value in (5, 10) and _OF_FIVE.search(reading.before(quantity.start, 8)):
        return support.rating is not None
    low, high = _MORE_THAN_ALL
    return quantity.kind == "percent" and quantity.unit == "%" and low <= quantity.value < high
