"""Measures that follow from those of the catalogue: the span of a range, a rate times an amount, an area.

Does not cover: sums over several attributes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from adwright.generate.guards.claims.claim import Reading, holds
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_CLOSE = 0.03
_ROUND = 0.2  # relative: what "half a minute" leaves open
_BESIDE = 4  # characters between the two ends of a range
_PER = 12


def follows_from_measures(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether a measure is a difference, a multiple of a rate or an area that the catalogue's measures give."""
    base, dimension = to_base(quantity.value, quantity.unit or "")
    own = [q for q in support.quantities if q.kind == "measure" and q.unit]
    if any(
        math.isclose(base, known, rel_tol=_CLOSE) for known in _differences(own, support.catalogue, dimension)
    ):
        return True
    if (
        dimension == "time"
        and quantity.text.startswith(("half", "半"))
        and any(math.isclose(base, b, rel_tol=_ROUND) for b, d, _ in support.measures if d == dimension)
    ):
        return True
    if _is_a_multiple(base, dimension, quantity, reading, support):
        return True
    if dimension == "area" and any(math.isclose(base, known, rel_tol=_CLOSE) for known in _areas(own)):
        return True
    return _fits_a_rate(quantity, reading, own, support.catalogue)


_MOST_TIMES = 20
_IN_ALL = re.compile(
    r"共|总|加起来|合计|各|每|(?<![a-z])(?:together|total|in all|gives?|each|both|every)(?![a-z])"
)


def _is_a_multiple(
    base: float, dimension: str, quantity: Quantity, reading: Reading, support: Support
) -> bool:
    """Whether it is a known measure as often as the text says: "two scoops give 42 g" of 21 g each, or shared."""
    times = {
        q.value
        for q in (reading.beside(quantity) if _IN_ALL.search(reading.folded) else ())
        if 2 <= q.value <= _MOST_TIMES
        and (q.kind == "number" or (q.kind == "measure" and to_base(1, q.unit or "")[1] == "count"))
    }
    known = [k for k, d, _ in support.measures if d == dimension]
    shares = {n for n in support.counts if n >= 2} if dimension in ("mass", "volume") else set()
    if any(math.isclose(base, k / n, rel_tol=_CLOSE) for n in shares for k in known):
        return True
    if dimension == "count":
        known += list(support.counts)
    return any(math.isclose(base, n * k, rel_tol=_CLOSE) for n in times for k in known)


def _pairs(own: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    ordered = sorted(own, key=lambda q: q.start)
    yield from itertools.pairwise(ordered)


def _differences(own: Sequence[Quantity], catalogue: str, dimension: str) -> Iterator[float]:
    """From the low to the high end of each range, as 62至78厘米."""
    for low, high in _pairs(own):
        between = catalogue[low.end : high.start]
        if high.start - low.end <= _BESIDE and any(c in between for c in ("至", "到", "-", "–", "~", "to")):
            (a, of), (b, other) = to_base(low.value, low.unit or ""), to_base(high.value, high.unit or "")
            if of == other == dimension and b > a:
                yield b - a


def _areas(own: Sequence[Quantity]) -> Iterator[float]:
    for one, other in _pairs(own):
        (a, of), (b, same) = to_base(one.value, one.unit or ""), to_base(other.value, other.unit or "")
        if of == same == "length" and other.start - one.end <= _BESIDE:
            yield a * b


def _fits_a_rate(quantity: Quantity, reading: Reading, own: Sequence[Quantity], catalogue: str) -> bool:
    """Whether 92 kcal stand beside 200 ml where the catalogue gives 46 kcal per 100 ml."""
    mine, dimension = to_base(quantity.value, quantity.unit or "")
    others = [to_base(q.value, q.unit) for q in reading.beside(quantity) if q.kind == "measure" and q.unit]
    for one, per in _pairs(own):
        between = catalogue[one.end : per.start]
        if per.start - one.end > _PER or not any(word in between for word in ("per", "/", "每", "a ")):
            continue
        (a, of), (b, of_per) = to_base(one.value, one.unit or ""), to_base(per.value, per.unit or "")
        for other, sort in others:
            pair = {of: (mine, other), of_per: (other, mine)}.get(dimension)
            if pair is None or {dimension, sort} != {of, of_per} or not b or not pair[1]:
                continue
            if math.isclose(pair[0] / pair[1], a / b, rel_tol=_CLOSE):
                return True
    return False


def same_span(base: float, dimension: str, known: float, other: str, hedge: str) -> bool:
    """Whether 30 days fit one month, as a shop counts."""
    if {dimension, other} != {"time", "month"}:
        return False
    claimed = base / (30.4 * 86400) if dimension == "time" else base
    actual = known / (30.4 * 86400) if other == "time" else known
    return holds(claimed, hedge, actual, tolerance=0.03)  # type: ignore[arg-type]


def converted_measures(quantity: Quantity, reading: Reading, support: Support) -> Iterator[float]:
    """The catalogue's measures of a sister dimension: degrees of the other scale, litres for kilos of water."""
    dimension = to_base(1, quantity.unit or "")[1]
    if dimension in _SCALES:
        other, convert = _SCALES[dimension]
        yield from (convert(b) for b, d, _ in support.measures if d == other)
    if dimension == "mass" and _OF_WATER.match(reading.after(quantity.end, 10)):
        yield from (b for b, d, _ in support.measures if d == "volume")


_SCALES: Mapping[str, tuple[str, Callable[[float], float]]] = {
    "temperature": ("temperature f", lambda f: (f - 32) / 1.8),
    "temperature f": ("temperature", lambda c: 1.8 * c + 32),
}
_OF_WATER = re.compile(r"(?:的)?水|(?: of)? water")
