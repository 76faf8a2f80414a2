"""So much a day for so long: three hours a night for fifteen nights, 每天两包喝十天. Together no more than there is.

Holds when: the goods are used up at that rate, so that less than all is true as well.

Does not cover: rates of what is not used up, such as cleaning half an hour a day for years.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.subjects import subject_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.gate import Gated
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.english_numerals import ENGLISH_NUMERAL
from adwright.text.said_numbers import said_number
from adwright.text.units import to_base

_PER_EN = re.compile(r" (?:a|per|each|every) (?P<per>day|night|evening|morning|week)(?![a-z])")
_COUNTED_PER_EN = re.compile(
    r" [a-z]{3,12} (?:a|per|each|every) (?P<per>day|night|evening|morning|week)(?![a-z])"
)
_PER_ZH = re.compile(r"(?:每|一)(?P<per>天|晚|日|夜|周)[^，。,.！!\d]{0,3}$")
_LASTS = re.compile(
    r"[喝吃用够撑抽烧点燃充骑开]|(?<![a-z])(?:lasts?|for|enough|supply|burns?|keeps?|makes|nights|evenings)(?![a-z])"
)
_SPAN = Gated(
    re.compile(
        rf"(?<![a-z\d.])(?P<n>\d{{1,3}}|{ENGLISH_NUMERAL}|an?|a full|a whole) (?P<unit>day|night|evening|week"
        rf"|fortnight|month|year)s?(?![a-z])"
        rf"|(?<!每)(?P<n_zh>\d{{1,3}}|[{NUMERAL_CHARACTERS}]{{1,4}}|整)(?P<unit_zh>天|晚|周|个月|个星期|年)"
    )
)
_DAYS = {
    "day": 1, "night": 1, "evening": 1, "morning": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365,
    "天": 1, "晚": 1, "日": 1, "夜": 1, "周": 7, "个星期": 7, "个月": 30, "年": 365,
}  # fmt: skip
_LEAST_S = 5 * 3600.0  # what lasts less is charged again, not used up
_LEAST_M = 5000.0  # what is shorter is a size, not a range
_MOST_RATES = 8  # a text that counts out more uses is none
_MORE = 1.12  # rounding of a month


@dataclass(frozen=True, slots=True)
class _Rate:
    """What is used in a day, in base units."""

    start: int
    end: int
    a_day: float
    dimension: str


def rate_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """The rate and the span of each use that the text counts out; no severity where they hold."""
    rates = [*itertools.islice(_rates(reading), _MOST_RATES)]
    if not rates or not _LASTS.search(reading.folded):
        return
    spans = [*_spans(reading)]
    for rate in rates:
        whole = _whole(rate, support)
        after = [s for s in spans if s[0] >= rate.end + 1 or s[1] <= rate.start]
        after = [
            s for s in after if reading.folded[rate.end : s[0]].strip() not in ("a", "per", "each", "every")
        ]
        if whole is None or not after:
            continue
        start, end, days = max(after, key=lambda s: s[2])
        fits = rate.a_day * days <= _MORE * whole
        if fits:
            yield Claim("facts.measure", None, rate.start, rate.end)
        if not reading.denies(start, end):
            yield Claim("facts.measure", None if fits else "block", start, end, "measure")


def _rates(reading: Reading) -> Iterator[_Rate]:
    for quantity in reading.quantities:
        if quantity.kind == "number" and (match := _COUNTED_PER_EN.match(reading.after(quantity.end, 24))):
            yield _Rate(quantity.start, quantity.end, quantity.value / _DAYS[match["per"]], "count")
        if quantity.kind != "measure" or quantity.unit is None:
            continue
        match = _PER_EN.match(reading.after(quantity.end, 16)) or _PER_ZH.search(
            reading.before(quantity.start, 8)
        )
        base, dimension = to_base(quantity.value, quantity.unit)
        if match and dimension in ("time", "mass", "volume", "count", "length"):
            yield _Rate(quantity.start, quantity.end, base / _DAYS[match["per"]], dimension)


def _spans(reading: Reading) -> Iterator[tuple[int, int, float]]:
    """Start, end and days of each span that is no "a day" of a rate."""
    for match in _SPAN.finditer(reading.folded):
        word = match["n"] or match["n_zh"]
        n = 1.0 if word in ("a full", "a whole", "整") else said_number(word)
        days = (n or 0.0) * _DAYS[match["unit"] or match["unit_zh"]]
        of = subject_of(reading.folded, match.start(), match.end())
        if days > 1 and of not in ("warranty", "trial", "returning", "shelf_life"):
            yield match.start(), match.end(), days


def _whole(rate: _Rate, support: Support) -> float | None:
    """What there is in all of the dimension of a rate; None where the catalogue gives nothing that is used up."""
    if rate.dimension == "count":
        return max(support.pricing.counts, default=None)
    known = [base for base, dimension, _ in support.measures if dimension == rate.dimension]
    if rate.dimension == "time":
        known = [k for k in known if k >= _LEAST_S]
    if rate.dimension == "length":
        known = [k for k in known if k >= _LEAST_M]
    most = max(known, default=None)
    if most is None or rate.dimension not in ("mass", "volume"):
        return most
    return most * max((1.0, *support.pricing.counts))
