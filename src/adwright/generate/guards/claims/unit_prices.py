"""What a part of the goods costs: 一斤合七十块, $1 a bar, "about 43 cents an hour", 每期不到一百.

The price is divided by what the catalogue gives in the unit of the part: its mass, its hours, its pieces, or the
number of instalments.

Does not cover: what a part costs where the catalogue does not say how many parts there are; that is refused.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from adwright.generate.guards.claims.claim import Reading, holds
from adwright.generate.guards.claims.counted import stem
from adwright.generate.guards.claims.terms import PERIODS
from adwright.generate.guards.support import Support
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.english_numerals import ENGLISH_NUMERAL
from adwright.text.numbers import Quantity
from adwright.text.said_numbers import said_number
from adwright.text.units import UNITS, to_base

_HAN = "|".join(
    sorted((u for u in UNITS if not u.isascii() and u[0] not in "°℃℉元块"), key=len, reverse=True)
)
_N_ZH = rf"(?:\d{{1,4}}|[{NUMERAL_CHARACTERS}]{{1,4}})"
_FILLERS = (
    "(?:平均|成本|算下来|折合|摊下来|分下来|均摊|合计|总共|一共|大约|大概|差不多|也就|只要|仅需|只需|低至|还款|不到|不足|不满|将近|接近"
    "|超过|还|才|只|仅|花|要|约|合|摊|折|就|到手|共|付|近|是|卖|连|都|得|[,，:：])"
)
_BEFORE_ZH = re.compile(
    rf"(?:(?:每|各)(?P<of>{_N_ZH})?|(?P<n>{_N_ZH}))(?P<unit>{_HAN}|期|头)[\u4e00-\u9fff]{{0,3}}?{_FILLERS}{{0,5}}\s?$"
)
_AFTER_ZH = re.compile(rf"(?:/ ?|每|一)(?P<of>{_N_ZH})?(?P<unit>{_HAN}|期)(?![\u4e00-\u9fff]?(?:送|赠|减))")
_NUMBER_EN = rf"\d{{1,4}}(?:\.\d{{1,2}})?|{ENGLISH_NUMERAL}"
_AFTER_EN = re.compile(
    r" ?(?:/ ?|per |an? |every |for (?:each|every|an?) |for (?=\d))"
    rf"(?:(?P<n>{_NUMBER_EN})(?:[ -]|(?<=\d)))?(?P<unit>[a-z]{{1,12}})(?![a-z])"
)
_EACH = re.compile(r",? (?:each|apiece|a (?:piece|pop))(?![a-z])")
_OF_EN = re.compile(
    rf"(?<![a-z\d])(?P<n>{_NUMBER_EN})(?: (?:monthly|equal|easy|interest-free))? (?P<unit>payments|instal+ments)"
    r" of (?:just |only |about )?$"
)
_SEVERAL_FOR = re.compile(
    rf"(?<![a-z\d])(?P<n>[2-9]|{ENGLISH_NUMERAL})(?: [a-z]+)? for [$£€](?P<price>\d{{1,5}}(?:\.\d\d)?)"
    rf"|(?P<n_zh>[2-9]|[两二三四五六])[件瓶盒包袋个只双套罐条箱](?:只要|仅需|只需|共|一共|合计|仅)?(?P<price_zh>\d{{1,5}}(?:\.\d{{1,2}})?)[元块]"
)
"""What several cost by the terms: 3 jars for £14."""
_LIVES = {"day": 365.0, "night": 365.0, "week": 52.0, "month": 12.0, "year": 1.0}
_SPANS = frozenset({"day", "night", "week", "month", "year", "天", "日", "晚", "周", "月", "年", "个月"})
_USES = frozenset({"use", "wear", "wash", "shave", "load", "ride", "trip", "次", "遍", "顿", "餐"})
_PERIODS_PER_YEAR = (12.0, 30.0, 31.0, 52.0, 365.0)
_INSTALMENT = frozenset(
    {"期", "payments", "payment", "instalments", "instalment", "installments", "installment"}
)
_NO_PART = frozenset(
    {"off", "discount", "saving", "voucher", "coupon", "gift", "code", "lot", "bit", "steal"}
)
_NOTES = re.compile(r"张(?:5|10|20|50|100|[五十]|二十|五十|一?百)(?:元|块)$")
_CLOSE = 0.025


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the goods that a price is for: so many of a unit, and where the text says so."""

    start: int
    end: int
    n: float
    unit: str


def part_of_price(quantity: Quantity, reading: Reading) -> Part | None:
    """The part of the goods that a price in the text is for, if it names one."""
    start, end = quantity.start, quantity.end
    before, after = reading.before(start, 24), reading.after(end, 24)
    if match := _BEFORE_ZH.search(before) or _OF_EN.search(before):
        at = start - len(before)
        named = match.groupdict()
        n = _value(named.get("of") or named.get("n"))
        dated = match["unit"] in _SPANS and named.get("n") not in (None, "一")
        if n is None or dated or _NOTES.search(f"{match[0]}{quantity.text}"):
            return None
        return Part(at + match.start(), at + match.end("unit"), n, match["unit"])
    if match := _AFTER_ZH.match(after) or _AFTER_EN.match(after):
        n = _value(match.groupdict().get("of") or match.groupdict().get("n"))
        if n is None or match["unit"] in _NO_PART:
            return None
        return Part(end, end + match.end("unit"), n, match["unit"])
    if match := _EACH.match(after):
        return Part(end, end + match.end(), 1.0, "each")
    return None


def costs_so(quantity: Quantity, part: Part, reading: Reading, support: Support) -> bool:
    """Whether a part of the goods costs what the price says, at one of the prices that hold."""
    hedge = reading.hedge(quantity.start, quantity.end)
    return any(
        holds(quantity.value, hedge, price * part.n / whole, tolerance=_CLOSE)
        for price in _prices(support)
        for whole in _wholes(part, reading, support)
        if whole
    )


def _prices(support: Support) -> Iterator[float]:
    """The prices that hold, and what one of a bundle comes to."""
    yield from support.pricing.now
    for match in _SEVERAL_FOR.finditer(support.terms):
        n = _value(match["n"] or match["n_zh"])
        if n:
            yield float(match["price"] or match["price_zh"]) / n
    for price in support.pricing.now:
        for buys, gets, off in support.pricing.bundles:
            yield price * (buys + gets * (100 - off) / 100) / max(buys + gets, 1)


def _wholes(part: Part, reading: Reading, support: Support) -> Iterator[float]:
    """How many of the unit of a part the goods hold, as far as catalogue, terms or text give it."""
    unit = UNITS.get(part.unit, UNITS.get(part.unit.removesuffix("s"), part.unit))
    one, dimension = to_base(1.0, unit)
    if part.unit in _INSTALMENT or (unit == "month" and PERIODS.search(f"{reading.folded}\n{support.terms}")):
        said, known = _periods(reading.folded), _periods(support.text)
        # so many payments of it make the price
        yield from (part.n**2,) if part.n > 1 else said or known
        if part.unit in _INSTALMENT:
            return
    if part.unit in _SPANS or part.unit in _USES or unit in _LIVES:
        yield from (*_PERIODS_PER_YEAR, *support.pricing.counts, 1.0)
        yield from (b / one for b, d, _ in support.measures if d == dimension)
        return
    if dimension in ("mass", "volume", "length", "area", "time", "energy", "charge", "data"):
        known = {b / one for b, d, _ in support.measures if d == dimension}
        yield from known
        yield from (k * n for k, n in itertools.product(known, support.pricing.counts) if n <= _MOST_PIECES)
        return
    yield from _pieces(part, support)


def _periods(folded: str) -> set[float]:
    return {n for m in PERIODS.finditer(folded) if (n := said_number(m["n"]))}


_MOST_PIECES = 500


def _pieces(part: Part, support: Support) -> Iterator[float]:
    """How many pieces of the unit there are: by its own word where the catalogue counts it, else by any count."""
    own = {
        q.value
        for q in support.quantities
        if q.kind == "measure" and q.text.endswith(part.unit) and q.value > 1 and not part.unit.isascii()
    }
    own |= {value for value, thing in support.counted if thing == stem(part.unit) and value > 1}
    yield from (1.0, *(own or support.pricing.counts))


def _value(word: str | None) -> float | None:
    return said_number(word) if word else 1.0
