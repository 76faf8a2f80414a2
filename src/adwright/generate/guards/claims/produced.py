"""When a text says that the goods were made, picked, roasted or caught, held against the dates of the catalogue.

A catalogue that says such a thing of every day, as in 当天现摘 or "roasted to order", bears the day out.

Does not cover: what the reader makes with the goods, and the hour of the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.when import WHEN, offsets_of, past_offsets_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_MADE_EN = Gated(cue("produced.en"))
_MADE_ZH = Gated(cue("produced.zh"))
_EVERY_DAY = cue("produced.every_day")
_DATED = cue("produced.dated")
_AGO = re.compile(
    r"(?P<n>\d{1,2}|[一两二三四五六七八九十]{1,2}|an?|one|two|three|four|five|six|seven) ?"
    r"(?P<unit>小时|天|周|hours?|days?|weeks?) ?(?:之?前|ago)"
)
_DAYS = {"小": 0, "天": 1, "周": 7, "h": 0, "d": 1, "w": 7}


def production_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each day of making; one that the catalogue gives has no severity."""
    today = support.calendar.today(reading.language)
    made: list[int] | None = None
    for pattern in (_MADE_EN, _MADE_ZH):
        for match in pattern.finditer(reading.folded):
            said = _days(next(v for k, v in match.groupdict().items() if v and k.startswith("when")), today)
            if not said or reading.denies(*match.span()):
                continue
            made = list(_made_on(support, today)) if made is None else made
            if not made and (_EVERY_DAY.search(support.text) or match[0] in support.text):
                continue
            fine = any(day in said for day in made)
            severity = None if fine else "block" if made else "review"
            yield Claim("facts.time", severity, *match.span(), "made_on")  # type: ignore[arg-type]


def _days(when: str, today: date) -> range | tuple[int, ...]:
    """The days from today that words of the past can mean."""
    if (ago := _AGO.search(when)) is not None:
        n = said_number(ago["n"]) or 0.0
        days = round(n * _DAYS[ago["unit"][0]])
        return range(-days - (ago["unit"][0] in "周w") * 3, 1 - days)
    match = WHEN.search(when)
    if re.search("上个?月|last month", when):
        return range(-today.day - 31, 1 - today.day)
    if re.search("本月|这个月|this month", when):
        return range(1 - today.day, 1)
    if match is None or not (match["day"] or match["zday"]):
        if re.search("上个?(?:周|星期)|last week", when):
            return range(-today.weekday() - 7, -today.weekday() + 1)
        if re.search("[本这]个?(?:周|星期)|this week", when):
            return range(-today.weekday(), 1)
    if match is not None and (found := past_offsets_of(match, today) or offsets_of(match, today)):
        return tuple(found)
    return (0,)  # this morning, 凌晨


def _made_on(support: Support, today: date) -> Iterator[int]:
    """The days from today of the dates that the catalogue gives beside a word of making."""
    for quantity in support.quantities:
        if quantity.kind != "date" or not quantity.value:
            continue
        year, month, day = (
            int(quantity.value) // 10_000,
            int(quantity.value) // 100 % 100,
            int(quantity.value) % 100,
        )
        if not (month and day) or not _DATED.search(
            support.catalogue[max(0, quantity.start - 24) : quantity.start]
        ):
            continue
        try:
            yield (date(year or today.year, month, day) - today).days
        except ValueError:
            continue
