"""What a text says of how long an offer lasts and how near its end is, held against its dates and the time.

A day is the reader's: China Standard Time for Chinese, Greenwich to California for English.

Does not cover: times of day but for midnight, and dates of other things than the offer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from adwright.generate.guards.claims.campaign import about_offer
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.offer_days import date_claims, day_claims, known_times
from adwright.generate.guards.claims.when import WHEN, offsets_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.numbers import Quantity
from adwright.text.said_numbers import said_number

_DAY = timedelta(days=1)
_LAST_DAY, _LAST_HOURS, _SOON = timedelta(hours=34), timedelta(hours=38), timedelta(days=4)
_ONE_SPAN = re.compile(
    r"(?<![a-z])(?:an?|one|another|the(?= (?:whole|entire|full)))"
    r"(?: more| last| final| whole| full| entire| solid| further)?"
    r" (?P<unit>second|minute|hour|day|week|month|year)(?![a-z])"
)
_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2_629_800,
    "year": 31_557_600,
}
_LEFT_BEFORE = cue("deadlines.left_before")
_LEFT_AFTER = cue("deadlines.left_after")
_FOR_BEFORE = cue("deadlines.for_before")
_FOR_AFTER = cue("deadlines.for_after")
_NO_SPAN_CLAIM = cue("deadlines.no_span_claim")


_TIMEKEEPER = cue("deadlines.timekeeper")
_MONEY = re.compile(
    r"[$£€¥%]|折|优惠|活动|价|元|抢|剩|仅|库存|left|remaining|warehouse|sale|offer|deal|price|discount|order|save|stock|code"
)


def of_the_goods(reading: Reading, support: Support) -> bool:
    """Whether time and countdowns are what the goods are for: a timer, an hourglass, an Advent calendar, a novel."""
    return _TIMEKEEPER.search(support.catalogue) is not None and _MONEY.search(reading.folded) is None


def deadline_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says of the dates of the offer."""
    if of_the_goods(reading, support):
        return
    yield from date_claims(reading, support)
    yield from day_claims(reading, support)
    yield from _spans(reading, support)
    yield from _phrases(reading, support)


def _spans(reading: Reading, support: Support) -> Iterator[Claim]:
    """48 hours only, six hours left, 还剩3天."""
    calendar = support.calendar
    for quantity in (*reading.quantities, *_single_spans(reading)):
        if quantity.kind != "measure" or quantity.unit not in _SECONDS:
            continue
        start, end = quantity.start, quantity.end
        before, after = reading.before(start, 30), reading.after(end, 40)
        clause = reading.folded[slice(*reading.clause(start, end))]
        if _NO_SPAN_CLAIM.search(clause):
            continue
        left = bool(_LEFT_AFTER.match(after)) or any(
            re.match(rf" of (?:the |this |our )?{re.escape(name)}", reading.after(end, 60))
            for name in support.campaign
        )
        left = left or quantity.text.startswith("another")
        left = left or bool(_ENDING_IN.search(before) and _ENDS_THEN.match(after))
        left = left or bool(
            _LEFT_BEFORE.search(before) and (about_offer(reading, support) or not after.strip(" 。.!！"))
        )
        lasting = bool(_FOR_AFTER.match(after)) or bool(
            _FOR_BEFORE.search(before) and about_offer(reading, support)
        )
        if not left and not lasting:
            continue
        span = timedelta(seconds=quantity.value * _SECONDS[quantity.unit])
        if _UNTIL_START.match(after):
            near_start = any(
                abs(s - calendar.now - span) <= _SLACK.get(quantity.unit, _DAY) for s in calendar.future
            )
            yield Claim(
                "facts.time",
                None if near_start else "block",
                start,
                end,
                "start",
                known_times(support, "start"),
            )
            continue
        if _fits(span, quantity, support, lasting=lasting):
            yield Claim("facts.time", None, start, end)
        else:
            reason = "deadline" if calendar.ends else "no_deadline"
            yield Claim("facts.time", "block", start, end, reason, known_times(support, reason))


def _single_spans(reading: Reading) -> Iterator[Quantity]:
    """ "An hour" and 两个礼拜, which are no quantities in themselves."""
    for match in _ONE_SPAN.finditer(reading.folded):
        yield Quantity(*match.span(), match[0], 1.0, match["unit"], "measure")
    for match in _WEEKS.finditer(reading.folded):
        yield Quantity(*match.span(), match[0], said_number(match["n"]) or 1.0, "week", "measure")


_WEEKS = re.compile("(?P<n>[一两二三四])个?(?:礼拜|星期)")
_ENDING_IN = cue("deadlines.ending_in")
_ENDS_THEN = cue("deadlines.ends_then")


_UNTIL_START = re.compile(
    r"(?:就|才|正式)?(?:开抢|开始|开售|开启|上线|开门)"
    r"| (?:until|till|before) (?:it |the [a-z]+ |we )?(?:starts?|begins?|opens?|launch)"
)
_SLACK = {
    "day": timedelta(hours=26), "week": timedelta(days=2), "month": timedelta(days=4), "year": timedelta(days=20)
}  # fmt: skip


def _fits(span: timedelta, quantity: Quantity, support: Support, *, lasting: bool) -> bool:
    """Whether what runs ends in this span, or lasts for it as a whole."""
    calendar = support.calendar
    remaining = calendar.remaining
    slack = _SLACK[quantity.unit] if quantity.unit in _SLACK else max(span * 0.2, timedelta(hours=1))
    below = slack + span * (0.1 if quantity.unit in _SLACK else 0.3)
    if remaining is not None and span - below <= remaining <= span + slack:
        return True
    return lasting and any(span - below <= whole <= span + slack for whole in calendar.durations)


def _phrases(reading: Reading, support: Support) -> Iterator[Claim]:
    """Last day, ends soon, limited time, now on."""
    calendar = support.calendar
    announced = bool(calendar.future) and not calendar.runs
    for name, longest in (("last_day", _LAST_DAY), ("last_hours", _LAST_HOURS), ("ends_soon", _SOON)):
        for match in phrasing(name).find(reading.folded):
            if name == "last_hours" and announced:
                continue  # the hour itself is judged
            if reading.denies(*match.span()) or _about_goods(reading, match):
                continue
            if (name != "ends_soon" or "天" in match[0]) and _day_stands_beside(reading, match):
                continue  # the day itself is judged
            if _ends_with_month(reading, match, support) or _day_is_known(reading, match, support):
                continue
            fine = _within(calendar.remaining, longest)
            if fine and name == "last_day":
                fine = calendar.ends_on((0,), reading.language) or _within(calendar.remaining, _DAY)
            if not fine and name == "ends_soon" and support.stock is not None and support.stock <= 20:
                fine = "chance" in match[0] or "机会" in match[0] or "last" in match[0]
            reason = "deadline" if calendar.ends else "no_deadline"
            yield Claim(
                "facts.time", None if fine else "block", *match.span(), reason, known_times(support, reason)
            )
    for match in phrasing("limited_time").find(reading.folded):
        if not reading.denies(*match.span()):
            fine = bool(calendar.ends) or match[0] in support.text
            yield Claim("facts.time", None if fine else "review", *match.span(), "no_deadline")
    for match in phrasing("running").find(reading.folded):
        if calendar.runs or reading.denies(*match.span()) or not about_offer(reading, support):
            continue
        yield Claim("facts.time", "block", *match.span(), "not_running")
    yield from _returning_price(reading, support)


_CLOSES = re.compile(r"(?:the )?(?:offer|sale|deal|price) (?:ends|closes|finishes|stops)|活动结束|优惠结束")
_A_LAST_DAY = re.compile("(?:last|final) day|最后(?:一|1)(?:天|日|晚)")
_LAST_OF_MONTH = re.compile(r"(?:月|月份|月的)$")


def _day_is_known(reading: Reading, match: re.Match[str], support: Support) -> bool:
    """Whether "the offer closes" or "the last day" stands in a text, or a clause, that names the very day."""
    if _CLOSES.fullmatch(match[0]) is not None:
        span = (0, len(reading.folded))
    elif _A_LAST_DAY.search(match[0]):
        span = reading.clause(*match.span())
    else:
        return False
    calendar, language = support.calendar, reading.language
    days = (offsets_of(m, calendar.today(language)) for m in WHEN.finditer(reading.folded, *span))
    return any(calendar.ends_on(offsets, language) for offsets in days) or any(
        q.kind == "date" and span[0] <= q.start < span[1] and support.names_date(q.value)
        for q in reading.quantities
    )


def _ends_with_month(reading: Reading, match: re.Match[str], support: Support) -> bool:
    """Whether the last day is that of the month, and something ends there."""
    of_month = _LAST_OF_MONTH.search(reading.before(match.start(), 4)) or re.match(
        r" of (?:the month|november)", reading.after(match.end(), 16)
    )
    if not of_month:
        return False
    today = support.calendar.today(reading.language)
    next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return support.calendar.ends_on(((next_month - today).days - 1,), reading.language)


def _within(remaining: timedelta | None, longest: timedelta) -> bool:
    return remaining is not None and remaining <= longest


def _day_stands_beside(reading: Reading, match: re.Match[str]) -> bool:
    start, end = match.span()
    days = [m.span() for m in WHEN.finditer(reading.folded)]
    days += [(q.start, q.end) for q in reading.quantities if q.kind == "date"]
    return any(0 <= start - e <= _BESIDE or 0 <= s - end <= _BESIDE for s, e in days)


_BESIDE = 2  # characters


def _returning_price(reading: Reading, support: Support) -> Iterator[Claim]:
    """A price that will go up, without a day: something must run that ends."""
    for match in phrasing("price_returns").find(reading.folded):
        near = reading.folded[max(0, match.start() - 20) : match.end() + 24]
        if WHEN.search(near) or reading.denies(*match.span()):
            continue
        fine = bool(support.calendar.ends)
        yield Claim("facts.time", None if fine else "review", *match.span(), "no_deadline")


_GOODS = re.compile(
    r"\b(?:of|for) (?:your|the|my|our) (?:trip|day|holiday|summer|night|run|race|term|meal|recipe)\b"
)


def _about_goods(reading: Reading, match: re.Match[str]) -> bool:
    return _GOODS.match(reading.after(match.end(), 24).lstrip()) is not None
