"""The hour at which a text says that an offer begins or ends, held against its times; `offer_days` reads the day.

An hour is the shop's own or that of its readers in China, Greenwich or America. Where the text does not say which
half of the day it means, either will do.

Does not cover: hours of opening and of dispatch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from adwright.generate.guards.calendar import HOURS, told_times
from adwright.generate.guards.claims.campaign import about_offer
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.schema import Language
from adwright.text.said_numbers import said_number

_HOURS = Gated(cue("offer_hours.en")), Gated(cue("offer_hours.zh"))
_ENDS_BEFORE, _ENDS_AFTER = cue("offer_hours.ends_before"), cue("offer_hours.ends_after")
_STARTS_BEFORE, _STARTS_AFTER = cue("offer_hours.starts_before"), cue("offer_hours.starts_after")
_OTHER = cue("offer_hours.other")
_DAY = 1440  # minutes
_NOON = 720
_SLACK = 31
_NAMED = {"noon": 720, "midday": 720, "正午": 720, "中午": 720, "midnight": 0, "午夜": 0, "零点": 0}


def hour_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each hour of a beginning or an end; one that fits has no severity."""
    calendar = support.calendar
    ends, starts = (*calendar.ends, *calendar.announced), (*calendar.future, *calendar.starts)
    for pattern in _HOURS:
        for match in pattern.finditer(reading.folded):
            start, end = match.span()
            clause = reading.folded[slice(*reading.clause(start, end))]
            before, after = reading.before(start, 24), reading.after(end, 16)
            if _OTHER.search(clause) or reading.denies(start, end) or not about_offer(reading, support):
                continue
            if _STARTS_BEFORE.search(before) or _STARTS_AFTER.match(after):
                times, reason = starts, "start"
            elif _ENDS_BEFORE.search(before) or _ENDS_AFTER.match(after):
                times, reason = ends, "deadline"
            else:
                continue
            if not times:
                continue  # the guard of days says that nothing ends
            fine = not _minutes(match).isdisjoint(_near(times, reading.language))
            known = told_times(times)
            yield Claim("facts.time", None if fine else "block", start, end, reason, known)


def _minutes(match: re.Match[str]) -> set[int]:
    """The minutes of the day that the words can mean."""
    part = {k: v for k, v in match.groupdict().items() if v}
    if "named" in part:
        return {_NAMED[part["named"]]}
    hour = said_number(part["h"]) or 0.0
    minutes = round(hour * 60) + (30 if "half" in part else int(part.get("m", "0")))
    halves = {minutes % _DAY, (minutes + _NOON) % _DAY} if 0 < hour <= 12 else {minutes % _DAY}
    if hour == 12 or len(halves) == 1:
        return halves  # 今晚十二点 is midnight, 中午十二点 is not, and 12 pm is either to most
    if "late" in part:
        return {max(halves)}
    if "early" in part and part["early"] != "中午":
        return {min(halves)}
    return halves


def _near(times: Iterable[datetime], language: Language) -> set[int]:
    """The minutes of the day, a little more and less, of these times where the shop and its readers live."""
    found: set[int] = set()
    for time in times:
        offset = time.utcoffset() or timedelta()
        for shift in (offset, *(timedelta(hours=h) for h in HOURS[language])):
            there = time - offset + shift
            minute = there.hour * 60 + there.minute
            found.update(m % _DAY for m in range(minute - _SLACK, minute + _SLACK + 1))
    return found
