"""What a text says of the state of the campaign: not begun, on, over, begun yesterday, still on next week.

The campaign is what the offer's terms call it ("Mug Week", 匠人日), or a common word for one.

Does not cover: the hour of the day, and campaigns of other shops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from adwright.generate.guards.calendar import told_times
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.when import WHEN, offsets_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.text.said_numbers import said_number

_SUBJECT = cue("campaign.subject")
_OVER = cue("campaign.over")
_LAST_DAY_OVER = cue("campaign.last_day_over")
_NOT_BEGUN = cue("campaign.not_begun")
_JUST_BEGUN = cue("campaign.just_begun")
_BEGUN_ON = cue("campaign.begun_on")
_STILL_ON = cue("campaign.still_on")
_RUNS = cue("campaign.runs")
_EXTENDED = cue("campaign.extended")
_OFFER_WORDS = cue("deadlines.offer_words")
_RECURS = cue("campaign.recurs")
_RECURS_KNOWN = cue("campaign.recurs_known")
_SPANS = {
    "second": 1, "秒": 1, "minute": 60, "分钟": 60, "hour": 3600, "小时": 3600, "个小时": 3600, "钟头": 3600,
    "个钟头": 3600, "day": 86400, "天": 86400, "week": 604800, "周": 604800,
}  # fmt: skip
_HOUR = timedelta(hours=1)


def speaks_of_campaign(reading: Reading, support: Support) -> bool:
    """Whether the text names the campaign or a common word for one."""
    return (
        any(name in reading.folded for name in support.campaign)
        or _SUBJECT.search(reading.folded) is not None
    )


def about_offer(reading: Reading, support: Support) -> bool:
    """Whether the text speaks of an offer: by name, by a word for one, or by a price."""
    return (
        _OFFER_WORDS.search(reading.folded) is not None
        or speaks_of_campaign(reading, support)
        or any(q.kind == "price" for q in reading.quantities)
    )


def campaign_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each statement of the campaign's state that its dates do not bear out; none without an offer or a sale."""
    calendar = support.calendar
    for match in _LAST_DAY_OVER.finditer(reading.folded):
        if calendar.runs:
            yield Claim("facts.time", "block", *match.span(), "deadline", _known(support, "deadline"))
    priced = any(q.kind == "price" for q in reading.quantities)
    if not (calendar.runs or calendar.future or calendar.over):
        return
    if not priced and not speaks_of_campaign(reading, support):
        return
    folded = reading.folded
    for pattern, holds, reason in (
        (_OVER, not calendar.runs, "deadline"),
        (_NOT_BEGUN, not calendar.runs and bool(calendar.future), "start"),
        (_RUNS, calendar.runs, "not_running"),
        (_EXTENDED, calendar.runs or bool(calendar.future), "deadline"),
    ):
        for match in pattern.finditer(folded):
            if not holds and not reading.denies(*match.span()):
                yield Claim("facts.time", "block", *match.span(), reason, _known(support, reason))
    yield from _begun(reading, support)
    yield from _still_on(reading, support)
    yield from _recurring(reading, support)


def _begun(reading: Reading, support: Support) -> Iterator[Claim]:
    """Begun so long ago, or on such a day of the past."""
    calendar = support.calendar
    ages = [calendar.now - start for start in calendar.starts]
    for match in _JUST_BEGUN.finditer(reading.folded):
        span = _span(match)
        longest = 2 * span + _HOUR if span is not None else timedelta(days=4)
        if not any(age <= longest for age in ages):
            yield Claim("facts.time", "block", *match.span(), "start", _known(support, "start"))
    for match in _BEGUN_ON.finditer(reading.folded):
        part = {k: v for k, v in match.groupdict().items() if v}
        if "ago" in part:
            days = [-round(said_number(part["ago"]) or 0)]
        elif "yesterday" in part:
            days = [-2] if "前" in part["yesterday"] else [-1]
        else:
            days = [0]
        if not calendar.starts_on([*days, *(d - 1 for d in days if "ago" in part)], reading.language):
            yield Claim("facts.time", "block", *match.span(), "start", _known(support, "start"))


def _still_on(reading: Reading, support: Support) -> Iterator[Claim]:
    """Still at this price next week."""
    calendar = support.calendar
    if not calendar.ends:
        return
    last = (min(calendar.ends) - calendar.now).days
    for match in _STILL_ON.finditer(reading.folded):
        when = WHEN.search(match[0])
        offsets = offsets_of(when, calendar.today(reading.language)) if when else ()
        if offsets and min(offsets) > last + 1 and not reading.denies(*match.span()):
            yield Claim("facts.time", "block", *match.span(), "deadline", _known(support, "deadline"))


def _recurring(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each Friday, where terms and catalogue name one offer alone."""
    if _RECURS_KNOWN.search(support.text):
        return
    for match in _RECURS.finditer(reading.folded):
        start, end = reading.clause(*match.span())
        clause = reading.folded[start:end]
        told = _SUBJECT.search(clause) or any(name in clause for name in support.campaign)
        if told and not reading.denies(*match.span()):
            yield Claim("facts.time", "block", *match.span(), "start", _known(support, "start"))


def _span(match: re.Match[str]) -> timedelta | None:
    part = {k: v for k, v in match.groupdict().items() if v}
    number = next((v for k, v in part.items() if k.startswith("n")), None)
    unit = next((v for k, v in part.items() if k.startswith("unit")), None)
    value = said_number(number) if number else None
    return None if value is None or unit is None else timedelta(seconds=value * _SPANS[unit])


def _known(support: Support, reason: str) -> str:
    calendar = support.calendar
    times = calendar.ends if reason == "deadline" else (*calendar.starts, *calendar.future)
    return told_times(times)
