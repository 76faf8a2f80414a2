"""The days on which a text says that an offer begins or ends, in figures and in words, held against its dates.

A day is the reader's: China Standard Time for Chinese, Greenwich to California for English.

Does not cover: times of day, and dates of other things than the offer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from adwright.generate.guards.calendar import told_times
from adwright.generate.guards.claims.campaign import about_offer
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.when import WHEN, offsets_of, past_offsets_of
from adwright.generate.guards.support import Support, matches_date
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.phrasings import phrasing

_END_BEFORE = cue("deadlines.end_before")
_END_AFTER = cue("deadlines.end_after")
_WEAK_END = cue("deadlines.weak_end")
_NO_OFFER_ENDS = cue("deadlines.no_offer_ends")
_ENDED_BEFORE = cue("deadlines.ended_before")
_ENDED_AFTER = cue("deadlines.ended_after")
_ONLY_BEFORE = cue("deadlines.only_before")
_ONLY_AFTER = cue("deadlines.only_after")
_YOU_HAVE_UNTIL = cue("deadlines.you_have_until")
_START_BEFORE = cue("deadlines.start_before")
_START_AFTER = cue("deadlines.start_after")
_ALL_AFTER = cue("deadlines.all_after")


def date_claims(reading: Reading, support: Support) -> Iterator[Claim]:
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
            yield Claim("facts.date", "block", start, end, reason, known_times(support, reason))


def _figure(today: date, offset: int) -> int:
    day = today + timedelta(days=offset)
    return day.year * 10_000 + day.month * 100 + day.day


def day_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Days in words, where an end or a beginning stands beside them."""
    today = support.calendar.today(reading.language)
    latest = 0
    for match in WHEN.finditer(reading.folded):
        start, end = match.span()
        if (match["en"] and _inside_word(reading.folded, start, end)) or reading.denies(start, end):
            continue
        offsets = offsets_of(match, today)
        if not offsets or _DATE_FOLLOWS.match(reading.after(end, 20)):
            continue
        if (match["zday"] and not match["zwhich"]) or (match["day"] and not match["which"]):
            offsets = tuple(o + 7 * (o < latest) for o in offsets)  # 下周五开始,到周一结束
        latest = max(latest, *offsets)
        day = _Day(match, offsets, reading, support)
        if (verdict := day.verdict()) is None:
            continue
        good, reason = verdict
        if good:
            yield Claim("facts.time", None, start, end)
        elif day.ended or not _is_told_as_over(reading, support):
            yield Claim("facts.time", "block", start, end, reason, known_times(support, reason))


def _is_told_as_over(reading: Reading, support: Support) -> bool:
    calendar = support.calendar
    return not calendar.runs and bool(calendar.over) and _IN_THE_PAST.search(reading.folded) is not None


@dataclass(slots=True)
class _Day:
    """A day of a text, as days from today, with what stands around it."""

    match: re.Match[str]
    offsets: tuple[int, ...]
    reading: Reading
    support: Support

    @property
    def before(self) -> str:
        """What stands before it; "Friday the 27th" is one day."""
        before = self.reading.before(self.match.start(), 36)
        return _WEEKDAY_BEFORE.sub("", before) if self.match["enth"] else before

    @property
    def after(self) -> str:
        return self.reading.after(self.match.end(), 20)

    @property
    def ended(self) -> bool:
        """Whether it is said to be the day on which something was over."""
        return _ended(self.before, self.after)

    def verdict(self) -> tuple[bool, str] | None:
        """Whether what the text says of the day is so, with the reason if not; None where it says nothing."""
        calendar, language = self.support.calendar, self.reading.language
        reason = "deadline" if calendar.ends else "no_deadline"
        offer = about_offer(self.reading, self.support)
        if self.ended:
            past = past_offsets_of(self.match, calendar.today(language))
            return (calendar.ended_on(past, language), "deadline") if calendar.over else None
        if _ALL_THROUGH.search(self.before) or _ALL_AFTER.match(self.after):
            if not calendar.runs and not calendar.future and offer and self.before.endswith("through "):
                return False, reason
            return not calendar.ends or calendar.ends_on(range(max(self.offsets), 400), language), reason
        returns = self._price_returns()
        if _RANGE_AFTER.match(self.after):
            return None  # where a span begins; its end is judged
        if max(self.offsets) >= 0 and (returns or self._ends(offer=offer)):
            return self._is_end(returns=returns), reason
        if not (_START_BEFORE.search(self.before) or _START_AFTER.match(self.after)):
            return None
        if not offer or not (calendar.future or calendar.starts):
            return None
        return self._is_start(), "start"

    def _price_returns(self) -> bool:
        start, end = self.match.span()
        near = self.reading.folded[max(0, start - 40) : end + 20]
        return any(True for _ in phrasing("price_returns").find(near))

    def _ends(self, *, offer: bool) -> bool:
        """Whether something ends that day; a weak word such as "until" needs an offer that it is about."""
        if _ONLY_BEFORE.search(self.before) or _ONLY_AFTER.match(self.after):
            return True
        if not (_END_BEFORE.search(self.before) or _END_AFTER.match(self.after)):
            return False
        weak = _WEAK_END.search(self.before)
        if weak is None or _YOU_HAVE_UNTIL.search(self.before) or _END_AFTER.match(self.after):
            return True
        named = any(name in self.reading.folded for name in self.support.campaign)  # "Cold Snap lasts until"
        return offer and (named or not _NO_OFFER_ENDS.search(self.before))

    def _is_end(self, *, returns: bool) -> bool:
        calendar, language = self.support.calendar, self.reading.language
        meant = self.offsets[:1] if _THAT_DAY.match(self.after) else self.offsets
        sooner = returns or _BY.match(self.after)
        good = calendar.ends_on((*meant, *(o - 1 for o in meant if sooner)), language)
        if not calendar.runs and _ONLY_BEFORE.search(self.before):
            return good and calendar.starts_on(meant, language)
        return good

    def _is_start(self) -> bool:
        calendar, language = self.support.calendar, self.reading.language
        begun = past_offsets_of(self.match, calendar.today(language))
        if calendar.starts_on((*self.offsets, *begun), language):
            return True
        clause = self.reading.clause(*self.match.span())
        full_price = max(self.support.pricing.was, default=0.0)
        full = any(  # "£59 from tomorrow": the price that comes back
            q.kind == "price" and q.value == full_price and clause[0] <= q.start < clause[1]
            for q in self.reading.quantities
        )
        return full and calendar.ends_on([o - 1 for o in self.offsets], language)


_BY = re.compile("(?:之)?前")
_RANGE_AFTER = re.compile(
    r"(?:开始|起)?[,，]?(?:一直|持续|直)?[到至]\s?(?:\d{1,2}[号日月/.]|下?周|星期|明|后天|月底|年底)"
    r"| (?:to|through|until|till) (?:\w+day|the \d|\d|next |tomorrow|midnight)"
)
_THAT_DAY = re.compile("(?:的)?(?:当天|当日|那天)")


def _ended(before: str, after: str) -> bool:
    """Whether the day between is said to be the one on which something was over."""
    return _ENDED_BEFORE.search(before) is not None or _ENDED_AFTER.match(after) is not None


_IN_THE_PAST = re.compile(
    r"结束了|已经?结束|已过|过期了|(?<![a-z])(?:ended|finished|was over|closed on|has been over)(?![a-z])"
)
_DATE_FOLLOWS = re.compile(r",? (?:the )?\d{1,2}(?:st|nd|rd|th| )|,? (?:\w+ )\d{1,2}(?![\d:])")
_WEEKDAY_BEFORE = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,? $")
_ALL_THROUGH = re.compile(
    r"(?:\b(?:all|through(?:out)? (?:all of )?)(?: of)?(?: the| this)?|整个?|一整|全)\s?$"
)


def _inside_word(folded: str, start: int, end: int) -> bool:
    return (start > 0 and folded[start - 1].isalpha() and folded[start - 1].isascii()) or (
        end < len(folded) and folded[end].isalpha() and folded[end].isascii()
    )


def known_times(support: Support, reason: str) -> str:
    """The times that a reason names, for people."""
    times = support.calendar.ends if reason == "deadline" else support.calendar.future
    if reason == "date":
        return ", ".join(map(str, sorted(support.dates)[:6])) or "—"
    return told_times(times)
