"""Numbers in the units and of the fields that the catalogue itself writes: 6叶, 48讲, 最高时速 25 km/h.

Holds when: the text says the number right before the same Han unit, or right beside the name of the field.

Does not cover: fields that the text calls by another name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence

from adwright.generate.guards.claims.claim import Claim, Reading, holds
from adwright.generate.guards.support import Support
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.numbers import Quantity
from adwright.text.said_numbers import said_number
from adwright.text.units import UNITS

_COMMON = frozenset(
    "个只件条次天年月日号点元块分折米克斤升瓶盒包袋杯度秒时周位人种款一二三四五六七八九十百千万零两半多毫厘千公平立方至到加和及或的色小"
)
_OWN = re.compile(r"(?<![\d.])(?P<n>\d{1,6}(?:\.\d{1,2})?) ?(?P<unit>[\u4e00-\u9fff])")
_SAID = re.compile(
    rf"(?<![\d.第{NUMERAL_CHARACTERS}])(?P<n>\d{{1,6}}(?:\.\d{{1,2}})?"
    rf"|[{NUMERAL_CHARACTERS}]{{1,5}})(?P<unit>[\u4e00-\u9fff])"
)
_NUMBER = re.compile(r"(?<![a-z\d.])\d{1,6}(?:,\d{3})*(?:\.\d{1,3})?")
_LEAD = re.compile(r"^(?:最高|最大|最长|最远|额定|单次|整机|产品|内部|总)")
_NEAR = 14  # characters that hold the name of a field and what leads to its number
_FILLERS = re.compile(
    r"(?:[:：是为达约有仅只才就的高至近到超足能可 ]|可以|超过|接近|将近|不到|不足|大约|最高|最大|至少|足足"
    r"|整整){0,4}$"
)


def own_unit_claims(reading: Reading, support: Support, taken: Sequence[tuple[int, int]]) -> Iterator[Claim]:
    """Each number that differs from all that the catalogue gives in its unit or field."""
    if reading.folded.isascii():
        return
    units, fields = _own(support.catalogue)
    for match in _SAID.finditer(reading.folded) if units else ():
        known = units.get(match["unit"])
        start, end = match.span()
        if known is None or any(s < end and start < e for s, e in taken):
            continue
        value = said_number(match["n"])
        if value is None or value < 2 or reading.denies(start, end):
            continue
        hedge = reading.hedge(start, match.end("n"))
        if not any(holds(value, hedge, k) for k in known):
            yield Claim("facts.number", "block", start, end, "number")
    yield from _field_claims(reading, support, fields, taken)


def _field_claims(
    reading: Reading,
    support: Support,
    fields: Mapping[str, tuple[float, ...]],
    taken: Sequence[tuple[int, int]],
) -> Iterator[Claim]:
    for quantity in reading.quantities:
        start, end = quantity.start, quantity.end
        if quantity.kind not in ("number", "measure") or quantity.value < 2:
            continue
        before = _FILLERS.sub("", reading.before(start, _NEAR))
        names = [name for name in fields if before.endswith(name)]
        if not names or any(s < end and start < e for s, e in taken) or reading.denies(start, end):
            continue
        if _is_known(quantity, support):
            continue
        values = fields[max(names, key=len)]
        hedge = reading.hedge(start, end)
        if not any(holds(quantity.value, hedge, v) for v in values) and _same_order(quantity.value, values):
            yield Claim("facts.number", "block", start, end, "number")


def _is_known(quantity: Quantity, support: Support) -> bool:
    if quantity.unit is not None:
        return support.names_measure(quantity.value, quantity.unit)
    return support.names_value(quantity.value)


def _same_order(value: float, values: Sequence[float]) -> bool:
    """Whether the numbers are of one order, so that a converted unit is no other number."""
    return any(0.2 <= value / v <= 5 for v in values if v)


@functools.lru_cache(maxsize=64)
def _own(catalogue: str) -> tuple[Mapping[str, tuple[float, ...]], Mapping[str, tuple[float, ...]]]:
    """Unit -> values, and name of a field -> values."""
    units: dict[str, tuple[float, ...]] = {}
    for match in _OWN.finditer(catalogue):
        if match["unit"] not in _COMMON and match["unit"] not in UNITS:
            units[match["unit"]] = (*units.get(match["unit"], ()), float(match["n"]))
    fields: dict[str, tuple[float, ...]] = {}
    for line in catalogue.splitlines():
        name, sep, value = line.partition(": ")
        name = _LEAD.sub("", name)
        numbers = tuple(float(m[0].replace(",", "")) for m in _NUMBER.finditer(value))
        if sep and numbers and len(name) >= 2 and not name.isascii():
            fields[name] = numbers
    return units, fields
