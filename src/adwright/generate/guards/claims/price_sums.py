"""Amounts that follow from the price by a sum that the text names: so many pieces, less a reduction, change given.

A sum counts only where the text says what is summed: a number of pieces, 首单, "away from", 找, an amount beside it.
An amount of the text is a part of a sum only where the catalogue or the terms give it as well.

Does not cover: sums over several products.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from adwright.generate.guards.claims.claim import Reading, holds
from adwright.generate.guards.pricing import Pricing, names_amount
from adwright.generate.lexicon.cues import Hedge
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.numbers import Quantity
from adwright.text.said_numbers import said_number

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
    r"(?:含|连|加上?|算上|带|包括)(?:[^，。,.!！？\d]{0,6})(?:运费|邮费|快递费|配送费|安装费?)|一共|总共|合计|总计|全部算下来"
    r"|(?<![a-z])(?:with|including|incl\.?|plus) (?:delivery|shipping|postage)|(?<![a-z])(?:delivered|all[ -]in"
    r"|in (?:all|total)|altogether|total|(?:to|on) your door(?:step)?)(?![a-z])"
)
_PIECES_ZH = re.compile(
    rf"(?<![{NUMERAL_CHARACTERS}\d第.])(?P<n>\d{{1,2}}|[两二三四五六七八九十])"
    rf"(?=[\u4e00-\u9fff])(?![{NUMERAL_CHARACTERS}元块毛角折成点分秒天周月年号日时刻期倍度克斤升米厘毫寸口路起次级层楼码岁者])"
)
_PAIR = re.compile(r"[一俩]对(?!一)|俩|(?<![a-z])(?:both|a pair|the pair|a couple|as a pair)(?![a-z])")
_LEAST_PIECES = 2
_ROUNDED_UP = 1.0
_CHANGE = re.compile(
    r"找|张(?:[^，。,.]{0,2})(?:百|五十|二十|十[块元]|红|大钞|零|票子|毛爷爷)|硬币|(?<![a-z])(?:change|notes?|coins?)(?![a-z])"
)
_SECOND = re.compile(r"第[二2]|(?<![a-z])(?:second|2nd|other)(?![a-z])")
_EACH = re.compile(r"每|一[只支件个]|折合|均|算下来|(?<![a-z])(?:each|apiece|per|a piece)(?![a-z])")


def follows_from_price(value: float, reading: Reading, pricing: Pricing, hedge: Hedge = "exact") -> bool:
    """Whether it is the price as often as the text says, less what the terms take off, or the rest of such a sum."""
    if hedge != "exact":
        several = [t for n in counts_said(reading) for p in pricing.now for t in _totals(p, n, pricing)]
        return any(holds(value, hedge, total) for total in several)
    return any(abs(value - amount) <= 0.01 * max(value, 1) for amount in _amounts(value, reading, pricing))


def list_price_of_several(value: float, reading: Reading, pricing: Pricing) -> bool:
    """Whether it is what as many as the text says cost without a reduction."""
    return names_amount(value, [n * was for n in counts_said(reading) for was in pricing.was])


def saved_on_several(value: float, reading: Reading, pricing: Pricing) -> bool:
    """Whether it is what as many as the text says save together, or what one of a pair saves."""
    counts = counts_said(reading)
    several = [n * saving for n in counts for saving in pricing.savings]
    bundled = [n * p - t for n in counts for p in pricing.now for t in _totals(p, n, pricing)]
    return names_amount(value, [*several, *(b for b in bundled if b > 0)])


def counts_said(reading: Reading) -> list[float]:
    """The numbers of pieces that a text names: "two pairs", 两饼, both."""
    counts = {q.value for q in reading.quantities if _counts_pieces(q, 0.0)}
    counts |= {
        n for m in _PIECES_ZH.finditer(reading.folded) if (n := said_number(m["n"])) and n >= _LEAST_PIECES
    }
    if _PAIR.search(reading.folded):
        counts.add(2.0)
    return sorted(counts)


def _amounts(value: float, reading: Reading, pricing: Pricing) -> Iterator[float]:
    times = [n for n in counts_said(reading) if n != value]
    folded = reading.folded
    yield from _of_two_said(value, reading, pricing)
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
                yield from (t + fee for t in totals for fee in pricing.fees)
            if "找" in folded:
                yield from (t + q.value for t in totals for q in reading.quantities if q.kind == "price")
            if _CHANGE.search(folded):
                yield from _change(totals, times)
        if _SECOND.search(folded):
            yield from (price * (100 - off) / 100 for _, _, off in pricing.bundles)


def _of_two_said(value: float, reading: Reading, pricing: Pricing) -> Iterator[float]:
    """Sum and difference of two amounts that the text names and that hold: $999 and $79 on top."""
    known = (*pricing.now, *pricing.was, *pricing.terms_amounts, *(later for later, _ in pricing.future))
    said = {q.value for q in reading.quantities if q.kind == "price" and q.value != value}
    said = {amount for amount in said if names_amount(amount, known)}
    for one, other in itertools.combinations(sorted(said), 2):
        yield from (one + other, other - one)


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
