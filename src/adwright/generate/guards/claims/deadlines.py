"""What a text says of when an offer begins and ends, held against its dates and the time.

A day is the reader's: China Standard Time for Chinese, Greenwich to California for English.

Does not cover: times of day but for midnight, and dates of other things than the offer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from adwright.generate.guards.claims.campaign import speaks_of_campaign
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.when import WHEN, offsets_of, past_offsets_of, small_number
from adwright.generate.guards.support import Support, matches_date
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.numbers import Quantity

_WEAK_END = cue("deadlines.weak_end")
_NO_OFFER_ENDS = cue("deadlines.no_offer_ends")

_DAY = timedelta(days=1)
_LAST_DAY, _LAST_HOURS, _SOON = timedelta(hours=34), timedelta(hours=38), timedelta(days=4)
_END_BEFORE = cue("deadlines.end_before")
_END_AFTER = cue("deadlines.end_after")
_ONLY_BEFORE = cue("deadlines.only_before")
_ONLY_AFTER = cue("deadlines.only_after")
_YOU_HAVE_UNTIL = cue("deadlines.you_have_until")
_ONE_SPAN = re.compile(
    r"(?<![a-z])(?:an?|one|another)(?: more| last| final| whole| full| entire| solid| further)?"
    r" (?P<unit>second|minute|hour|day|week|month|year)(?![a-z])"
)
_START_BEFORE = cue("deadlines.start_before")
_START_AFTER = cue("deadlines.start_after")
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
_OFFER_WORDS = cue("deadlines.offer_words")
_NO_SPAN_CLAIM = cue("deadlines.no_span_claim")


_TIMEKEEPER = cue("deadlines.timekeeper")
_MONEY = re.compile(
    r"[$£€¥%]|折|优惠|活动|价|元|抢|剩|仅|库存|left|remaining|warehouse|sale|offer|deal|price|discount|order|save|stock|code"
)


def _about_offer(reading: Reading, support: Support) -> bool:
    return (
        _OFFER_WORDS.search(reading.folded) is not None
        or speaks_of_campaign(reading, support)
        or any(q.kind == "price" for q in reading.quantities)
    )


def of_the_goods(reading: Reading, support: Support) -> bool:
    """Whether time and countdowns are what the goods are for: a timer, an hourglass, an Advent calendar, a novel."""
    return _TIMEKEEPER.search(support.catalogue) is not None and _MONEY.search(reading.folded) is None


def deadline_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says of the dates of the offer."""
    if of_the_goods(reading, support):
        return
    yield from _dates(reading, support)
    yield from _days(reading, support)
    yield from _spans(reading, support)
    yield from _phrases(reading, support)


def _dates(reading: Reading, support: Support) -> Iterator[Claim]:
    """Dates in figures: an end is an end, a beginning a beginning, any other one of the known."""
    for quantity in reading.quantities:
        if quantity.kind != "date":
            continue
        start, end = quantity.start, quantity.end
        before, after = reading.before(start, 30), reading.after(end, 16)
        calendar = support.calendar
        today = calendar.today(reading.language)
        if _ended(before, after):
            known = {_figure(today, o) for o in range(-400, 1) if calendar.ended_on((o,), reading.language)}
            reason = "deadline"
        elif _END_BEFORE.search(before) or _END_AFTER.match(after):
            known = {_figure(today, o) for o in range(-1, 400) if calendar.ends_on((o,), reading.language)}
            reason = "deadline" if calendar.ends else "no_deadline"
        elif _START_BEFORE.search(before) or _START_AFTER.match(after):
            known = {_figure(today, o) for o in range(-60, 400) if calendar.starts_on((o,), reading.language)}
            reason = "start"
        else:
            known, reason = set(support.dates), "date"
        known |= {int(q.value) for q in support.quantities if q.kind == "date"}
        if calendar.future and not calendar.runs:
            known |= set(support.dates)  # the end of what is announced
        if matches_date(quantity.value, known) or reading.denies(start, end):
            yield Claim("facts.date", None, start, end)
        else:
            yield Claim("facts.date", "block", start, end, reason, _known(support, reason))


def _figure(today: date, offset: int) -> int:
    day = today + timedelta(days=offset)
    return day.year * 10_000 + day.month * 100 + day.day


def _days(reading: Reading, support: Support) -> Iterator[Claim]:
    """Days in words, where an end or a beginning stands beside them."""
    folded = reading.folded
    today = support.calendar.today(reading.language)
    about_offer = _about_offer(reading, support)
    for match in WHEN.finditer(folded):
        start, end = match.span()
        if (match["en"] and _inside_word(folded, start, end)) or reading.denies(start, end):
            continue
        offsets = offsets_of(match, today)
        if offsets and not _DATE_FOLLOWS.match(reading.after(end, 20)):
            yield from _day(match, offsets, reading, support, about_offer=about_offer)


def _day(
    match: re.Match[str], offsets: tuple[int, ...], reading: Reading, support: Support, *, about_offer: bool
) -> Iterator[Claim]:
    folded, calendar, language = reading.folded, support.calendar, reading.language
    start, end = match.span()
    before, after = reading.before(start, 36), reading.after(end, 20)
    if match["enth"]:
        before = _WEEKDAY_BEFORE.sub("", before)  # Friday the 27th
    reason = "deadline" if calendar.ends else "no_deadline"
    returns = any(True for _ in phrasing("price_returns").find(folded[max(0, start - 40) : end + 20]))
    past = _ended(before, after)
    if past:
        if not calendar.over:
            return
        good, reason = (
            calendar.ended_on(past_offsets_of(match, calendar.today(language)), language),
            "deadline",
        )
    elif _ALL_THROUGH.search(before):
        if not calendar.runs and not calendar.future and about_offer and before.endswith("through "):
            yield Claim("facts.time", "block", start, end, reason, _known(support, reason))
            return
        good = not calendar.ends or calendar.ends_on(range(max(offsets), 400), language)
    elif max(offsets) < 0 and not about_offer:
        return
    elif returns or _ends(before, after, match, about_offer=about_offer, named=_names(reading, support)):
        sooner = returns or _BY.match(after)
        meant = offsets[:1] if _THAT_DAY.match(after) else offsets
        good = calendar.ends_on((*meant, *(o - 1 for o in meant if sooner)), language)
        if not calendar.runs and _ONLY_BEFORE.search(before):
            good = good and calendar.starts_on(meant, language)
    elif _START_BEFORE.search(before) or _START_AFTER.match(after):
        if not about_offer or not (calendar.future or calendar.starts):
            return
        begun = past_offsets_of(match, calendar.today(language))
        good, reason = calendar.starts_on((*offsets, *begun), language), "start"
    else:
        return
    if good:
        yield Claim("facts.time", None, start, end)
    elif calendar.runs or not calendar.over or past or not _IN_THE_PAST.search(folded):
        yield Claim("facts.time", "block", start, end, reason, _known(support, reason))


_BY = re.compile("(?:之)?前")
_THAT_DAY = re.compile("(?:的)?(?:当天|当日|那天)")


def _ended(before: str, after: str) -> bool:
    """Whether the day between is said to be the one on which something was over."""
    return _ENDED_BEFORE.search(before) is not None or _ENDED_AFTER.match(after) is not None


_ENDED_BEFORE = cue("deadlines.ended_before")
_ENDED_AFTER = cue("deadlines.ended_after")


_IN_THE_PAST = re.compile(
    r"结束了|已经?结束|已过|过期了|(?<![a-z])(?:ended|finished|was over|closed on|has been over)(?![a-z])"
)
_DATE_FOLLOWS = re.compile(r",? (?:the )?\d{1,2}(?:st|nd|rd|th| )|,? (?:\w+ )\d{1,2}(?![\d:])")
_WEEKDAY_BEFORE = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,? $")
_ALL_THROUGH = re.compile(
    r"(?:\b(?:all|through(?:out)? (?:all of )?)(?: of)?(?: the| this)?|整个?|一整|全)\s?$"
)


def _ends(before: str, after: str, match: re.Match[str], *, about_offer: bool, named: bool) -> bool:
    if _ONLY_BEFORE.search(before) or _ONLY_AFTER.match(after):
        return True
    if not (_END_BEFORE.search(before) or _END_AFTER.match(after)):
        return False
    weak = _WEAK_END.search(before)
    if weak is None or _YOU_HAVE_UNTIL.search(before) or _END_AFTER.match(after):
        return True
    return about_offer and (named or not _NO_OFFER_ENDS.search(before))


def _names(reading: Reading, support: Support) -> bool:
    """Whether the text calls the campaign by its name: "Cold Snap lasts until Christmas"."""
    return any(name in reading.folded for name in support.campaign)


def _inside_word(folded: str, start: int, end: int) -> bool:
    return (start > 0 and folded[start - 1].isalpha() and folded[start - 1].isascii()) or (
        end < len(folded) and folded[end].isalpha() and folded[end].isascii()
    )


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
            _LEFT_BEFORE.search(before) and (_about_offer(reading, support) or not after.strip(" 。.!！"))
        )
        lasting = bool(_FOR_AFTER.match(after)) or bool(
            _FOR_BEFORE.search(before) and _about_offer(reading, support)
        )
        if not left and not lasting:
            continue
        span = timedelta(seconds=quantity.value * _SECONDS[quantity.unit])
        if _UNTIL_START.match(after):
            near_start = any(
                abs(s - calendar.now - span) <= _SLACK.get(quantity.unit, _DAY) for s in calendar.future
            )
            yield Claim(
                "facts.time", None if near_start else "block", start, end, "start", _known(support, "start")
            )
            continue
        if _fits(span, quantity, support, lasting=lasting):
            yield Claim("facts.time", None, start, end)
        else:
            reason = "deadline" if calendar.ends else "no_deadline"
            yield Claim("facts.time", "block", start, end, reason, _known(support, reason))


def _single_spans(reading: Reading) -> Iterator[Quantity]:
    """ "An hour" and 两个礼拜, which are no quantities in themselves."""
    for match in _ONE_SPAN.finditer(reading.folded):
        yield Quantity(*match.span(), match[0], 1.0, match["unit"], "measure")
    for match in _WEEKS.finditer(reading.folded):
        yield Quantity(*match.span(), match[0], small_number(match["n"]) or 1.0, "week", "measure")


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
    remaining, duration = calendar.remaining, calendar.duration
    if remaining is None:
        return False
    slack = _SLACK[quantity.unit] if quantity.unit in _SLACK else max(span * 0.2, timedelta(hours=1))
    below = slack + span * (0.1 if quantity.unit in _SLACK else 0.3)
    if span - below <= remaining <= span + slack:
        return True
    return lasting and duration is not None and 0.7 * span - slack <= duration <= span + slack


def _phrases(reading: Reading, support: Support) -> Iterator[Claim]:
    """Last day, ends soon, limited time, now on."""
    calendar = support.calendar
    for name, longest in (("last_day", _LAST_DAY), ("last_hours", _LAST_HOURS), ("ends_soon", _SOON)):
        for match in phrasing(name).find(reading.folded):
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
                "facts.time", None if fine else "block", *match.span(), reason, _known(support, reason)
            )
    for match in phrasing("limited_time").find(reading.folded):
        if not reading.denies(*match.span()):
            fine = bool(calendar.ends) or match[0] in support.text
            yield Claim("facts.time", None if fine else "review", *match.span(), "no_deadline")
    for match in phrasing("running").find(reading.folded):
        if calendar.runs or reading.denies(*match.span()) or not _about_offer(reading, support):
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


def _known(support: Support, reason: str) -> str:
    times = support.calendar.ends if reason == "deadline" else support.calendar.future
    if reason == "date":
        return ", ".join(map(str, sorted(support.dates)[:6])) or "—"
    return ", ".join(t.strftime("%Y-%m-%d %H:%MZ") for t in times) or "—"
