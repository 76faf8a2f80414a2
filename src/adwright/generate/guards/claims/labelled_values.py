"""Measures that the catalogue gives under a name: 单次续航: 8小时 beside 总续航: 40小时, or 低挡10小时,高挡3小时.

A measure that stands beside such a name in a text is held against the values of that name, not against the others.

Holds when: the name stands in the text as the catalogue writes it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.claims.spoken import quantities_of
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_PART = re.compile(r"[,，、;；/]|(?<=[a-z]) and ")
_TRIM = re.compile(r"^[\s\d]+|(?:约为?|为|可达|达|最长|最大|最高|up to|about|approx\.?|at|[:：~≈])*\s*$")
_LEAST_HAN = 2
_LEAST_LATIN = 4
_NEAR = 12

_Label = tuple[str, float, str]
"""Name, value in base units, dimension."""


def values_by_label(quantity: Quantity, reading: Reading, catalogue: str) -> list[float]:
    """The values, in base units, of the longest name near a measure in its clause; none without a name."""
    if quantity.unit is None:
        return []
    dimension = to_base(1, quantity.unit)[1]
    labels = [label for label in _labels(catalogue) if label[2] == dimension]
    if len(labels) < 2:
        return []
    left, right = reading.clause(quantity.start, quantity.end)
    before = reading.folded[max(left, quantity.start - _NEAR) : quantity.start]
    after = reading.folded[quantity.end : min(right, quantity.end + _NEAR)]
    found: list[tuple[int, int, str]] = []
    for name, *_ in labels:
        for at, gap in ((before.rfind(name), len(before) - len(name)), (after.find(name), 0)):
            if at >= 0 and _is_a_word(name, before if gap else after, at):
                found.append((abs(gap - at), -len(name), name))
    if not found:
        return []
    nearest = min(found, key=lambda f: (f[1], f[0]))[2]
    return [value for name, value, _ in labels if name == nearest]


def _is_a_word(name: str, text: str, at: int) -> bool:
    return not name.isascii() or not (
        text[at - 1 : at].isalpha() or text[at + len(name) : at + len(name) + 1].isalpha()
    )


@functools.lru_cache(maxsize=64)
def _labels(catalogue: str) -> Sequence[_Label]:
    """The names before the measures of each field, or the field's own where a part has none."""
    found: list[_Label] = []
    for line in catalogue.splitlines():
        field, sep, value = line.partition(": ")
        if not sep:
            continue
        for part in _PART.split(value):
            measures = [q for q in quantities_of(part) if q.kind == "measure" and q.unit]
            if not measures:
                continue
            name = _TRIM.sub("", part[: measures[0].start]).strip() or field.strip()
            long_enough = len(name) >= (_LEAST_LATIN if name.isascii() else _LEAST_HAN)
            if long_enough and len(measures) == 1:
                base, dimension = to_base(measures[0].value, measures[0].unit or "")
                found.append((name, base, dimension))
    return tuple(found)
