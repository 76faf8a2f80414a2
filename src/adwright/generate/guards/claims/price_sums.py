"""Amounts that follow from the price by a sum that the text names: so many pieces, less a reduction, change given.

A sum counts only where the text says what is summed: a number of pieces, 首单, "away from", 找.

Does not cover: sums over several products.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.pricing import Pricing
from adwright.text.numbers import Quantity

_MOST_PIECES = 60
_NOTES = (1.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_LESS = re.compile(
    r"首单|首次|第一次|新客|新人|立减|减|券|(?<![a-z])(?:first order|new customers?|code|voucher|coupon|off)(?![a-z])"
)
_GAP = re.compile(
    r"差|凑|再买|再加|还需|(?<![a-z])(?:away from|short of|more and|more for|more to|another|add|adding"
    r"|worth of)(?![a-z])"
)
_WITH_DELIVERY = re.compile(
    r"(?:含|连|加上?|算上)(?:运费|邮费|快递费)|(?<![a-z])(?:with|including|incl\.?|plus) (?:delivery"
    r"|shipping|postage)|(?<![a-z])delivered(?![a-z])"
)
_ROUNDED_UP = 1.0
_CHANGE = re.compile(
    r"找|张(?:[^，。,.]{0,2})(?:百|五十|二十|十[块元]|红|大钞|零|票子|毛爷爷)|硬币|(?<![a-z])(?:change|notes?|coins?)(?![a-z])"
)
_SECOND = re.compile(r"第[二2]|(?<![a-z])(?:second|2nd|other)(?![a-z])")
_EACH = re.compile(r"每|一[只支件个]|折合|均|算下来|(?<![a-z])(?:each|apiece|per|a piece)(?![a-z])")


def follows_from_price(value: float, reading: Reading, pricing: Pricing) -> bool:
    """Whether it is the price as often as the text says, less what the terms take off, or the rest of such a sum."""
    return any(abs(value - amount) <= 0.01 * max(value, 1) for amount in _amounts(value, reading, pricing))


def _amounts(value: float, reading: Reading, pricing: Pricing) -> Iterator[float]:
    times = sorted({q.value for q in reading.quantities if _counts_pieces(q, value)})
    folded = reading.folded
    for price in pricing.now:
        for n in (1.0, *times):
            totals = [*_totals(price, n, pricing)]
            if n > 1:
                yield price / n
                yield from totals
            if _EACH.search(folded):
                yield from (total / n for total in totals)
            if _LESS.search(folded):
                yield from (t - less for t in totals for less in pricing.terms_amounts if 0 < less < t)
            if _GAP.search(folded):
                gaps = [a - t for a in pricing.terms_amounts for t in totals if a > t]
                yield from (*gaps, *(value for gap in gaps if gap <= value <= gap + _ROUNDED_UP))
            if _WITH_DELIVERY.search(folded):
                yield from (t + a for t in totals for a in pricing.terms_amounts)
            if "找" in folded:
                yield from (t + q.value for t in totals for q in reading.quantities if q.kind == "price")
            if _CHANGE.search(folded):
                yield from _change(totals, times)
        if _SECOND.search(folded):
            yield from (price * (100 - off) / 100 for _, _, off in pricing.bundles)


def _counts_pieces(quantity: Quantity, value: float) -> bool:
    return (
        quantity.kind in ("number", "measure")
        and 2 <= quantity.value <= _MOST_PIECES
        and quantity.value != value
    )


def _totals(price: float, n: float, pricing: Pricing) -> Iterator[float]:
    """What so many pieces cost, with each bundle and each reduction of the terms."""
    yield n * price
    for buys, gets, off in pricing.bundles:
        groups = n // (buys + gets) if buys + gets else 0
        yield n * price - groups * gets * price * off / 100
    yield from (n * price - less for threshold, less in pricing.reductions if n * price >= threshold)


def _change(totals: Sequence[float], times: Sequence[float]) -> Iterator[float]:
    """What comes back from one note or from as many as the text names; and the notes themselves."""
    for total in totals:
        for note in _NOTES:
            yield from (n * note - total for n in (1.0, *times) if 0 < n * note - total < note)
    yield from _NOTES
