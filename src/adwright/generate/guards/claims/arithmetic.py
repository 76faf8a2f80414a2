"""Numbers that follow from others: two bars of 20 g are 40 g, 24包 of 100抽 are 2400, 三袋加三袋 are six.

A number holds where it is a product, a quotient or a sum of numbers that the text and the catalogue give, and so does
the number of the text by which that comes about.

Does not cover: sums of more than two steps.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_CLOSE = 0.03
_EXACT = 0.001
_ABOUT = 0.1
_MOST_TIMES = 500
_LEAST_TOTAL = 20  # below it, two counts of the catalogue make nearly every number
_COUNT = "count"
_COUNTING = frozenset({"count", "people", "style", "times", "layer", "colour"})
_EXTENSIVE = frozenset(
    {"mass", "volume", "time", "length", "area", "energy", "light", "charge", "charge wh", "data"}
)
"""Dimensions of which two together have twice as much; two batteries of 18 V need not have 36."""
_IN_ALL = re.compile(
    r"共|总|全套|全程|加起来|合计|各|每|一[箱盒套整]|整[箱盒套]|×|x|(?<![a-z])(?:together|total|in all"
    r"|gives?|each|both|every|per|make|makes|come to|a)(?![a-z])"
)
_PAIR = re.compile(
    r"[一整每]双|[一每]对|(?<![a-z])(?:the|a|per|each|both) pairs?(?![a-z])|(?<![a-z])both(?![a-z])"
)
_SHARED = re.compile(
    r"剩|留|分|给|另|其余|加|(?<![a-z])(?:left|keep|keeps|plus|other|rest|give|gave|save|saved)(?![a-z])"
)


class _Amount(NamedTuple):
    """A value in base units, its dimension (numbers and pieces are counts), its unit's text, and where it stands."""

    value: float
    dimension: str
    unit: str
    start: int


def adds_up(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether a number of the text follows from others, or makes another one follow from the catalogue."""
    own = _amount(quantity)
    about = reading.hedge(quantity.start, quantity.end) == "about"
    close = _ABOUT if about else _CLOSE
    said = [_amount(q) for q in reading.beside(quantity) if q.kind in ("number", "measure")]
    if _PAIR.search(reading.folded):
        said.append(_Amount(2.0, _COUNT, "", -1))
    known = [*_known(support)]
    in_all = _IN_ALL.search(reading.folded) is not None
    if any(math.isclose(a, b, rel_tol=close) for a, b in _multiples(own, said, known, in_all=in_all)):
        return True
    if in_all and _may_multiply(own) and any(s.value == own.value * k for s in said for k in _counts(known)):
        return True
    close = _CLOSE if about else _EXACT
    if in_all and any(math.isclose(own.value, total, rel_tol=close) for total in _totals(own, known)):
        return True
    return _SHARED.search(reading.folded) is not None and any(
        s.unit == own.unit and own.value + s.value == k.value
        for s in said
        for k in known
        if k.dimension == own.dimension == s.dimension
    )


def _multiples(
    own: _Amount, said: Sequence[_Amount], known: Sequence[_Amount], *, in_all: bool
) -> Iterator[tuple[float, float]]:
    """Pairs of values that are the same where a measure is so many times another, as the text says."""
    times = [s for s in said if _may_multiply(s)]
    if own.dimension in _EXTENSIVE:
        for k in (k.value for k in known if k.dimension == own.dimension):
            yield from ((own.value, n.value * k) for n in times if in_all or n.start < own.start)
            yield from ((own.value * n.value, k) for n in times)
    if _may_multiply(own):  # two bars, 40 g; a hundred shots at 10 g each
        for s in said:
            for k in (k.value for k in known if k.dimension == s.dimension and s.dimension in _EXTENSIVE):
                if in_all or own.start < s.start:
                    yield s.value, own.value * k
                yield s.value * own.value, k


def _totals(own: _Amount, known: Sequence[_Amount]) -> Iterator[float]:
    """What two counts of the catalogue, or a count and the number before a measure, come to."""
    if own.dimension in _EXTENSIVE:
        yield from (n * k.value for n in _counts(known) for k in known if k.dimension == own.dimension)
        return
    if own.dimension != _COUNT or own.value < _LEAST_TOTAL:
        return
    yield from (n * k.value for n in _counts(known) for k in known if k.value >= 2)


def _counts(known: Sequence[_Amount]) -> set[float]:
    return {k.value for k in known if k.dimension == _COUNT and 2 <= k.value <= _MOST_TIMES}


def _may_multiply(amount: _Amount) -> bool:
    return amount.dimension == _COUNT and 2 <= amount.value <= _MOST_TIMES and amount.value % 1 == 0


def _amount(quantity: Quantity) -> _Amount:
    unit = quantity.text.lstrip("0123456789.,").strip()[-4:] if quantity.unit else ""
    if quantity.kind == "number" or quantity.unit is None:
        return _Amount(quantity.value, _COUNT, unit, quantity.start)
    value, dimension = to_base(quantity.value, quantity.unit)
    counts = dimension in _COUNTING
    return _Amount(value, _COUNT if counts else dimension, unit[-1:], quantity.start)


def _known(support: Support) -> Iterator[_Amount]:
    yield from (_amount(q) for q in support.of_goods if q.kind in ("number", "measure"))
    yield from (_Amount(value, _COUNT, "", 0) for value, _ in support.counted)
