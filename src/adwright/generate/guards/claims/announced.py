"""Whether a text tells that a price is still to come: "from Tuesday it is $21", 下周五降到129元, "wait a week".

A day that the text names counts where the sale or the offer begins on it. Words of beginning alone (开抢, "starts")
tell nothing of when, so they announce nothing. Whether a day that words of waiting name is the right one, `deadlines`
judges.

Does not cover: a text that names the right day for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.claims.when import WHEN, offsets_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.english_numerals import ENGLISH_NUMERAL
from adwright.text.said_numbers import said_number

_TO_COME = cue("money.to_come")
_BEGUN = re.compile(
    r"已经?[^，。！？,.!?]{0,4}(?:开|上线|生效|启动|降)|提前(?:开|降|享|到|来)|现已|正在|抢先(?:享|开)"
    r"|(?<![a-z])(?:already|is (?:now )?live|now live|(?:has|have) (?:begun|started|landed|arrived|come)"
    r"|(?:came|comes?|here|arrived|landed|started) early|is on now|(?:is|are) here)(?![a-z])"
)
_AHEAD = re.compile(
    r"(?<![a-z])(?:in|wait|waits?|waiting|hold on) (?:for )?(?:another |about |just )?"
    rf"(?P<n>an?|\d{{1,2}}|{ENGLISH_NUMERAL}) (?P<unit>day|week)s?(?![a-z])"
    rf"|(?:[再多]?等|过)(?:上)?(?P<n_zh>\d{{1,2}}|[{NUMERAL_CHARACTERS}]{{1,3}})(?:个)?(?P<unit_zh>天|周|星期)"
    rf"|(?P<n_later>\d{{1,2}}|[{NUMERAL_CHARACTERS}]{{1,3}})(?:个)?(?P<unit_later>天|周|星期)(?:之|以)?后"
)
_WEEK = frozenset({"week", "周", "星期"})


def announces(reading: Reading, support: Support) -> bool:
    """Whether the text says that a price will hold later; a date in figures has to be one that is known."""
    if not support.calendar.future or _BEGUN.search(reading.folded):
        return False
    dates = [q for q in reading.quantities if q.kind == "date"]
    if dates:
        return any(support.names_date(q.value) for q in dates)
    days = [day for day in _days(reading, support) if day > 0]
    if support.calendar.starts_on(days, reading.language):
        return True
    return _TO_COME.search(reading.folded) is not None


def _days(reading: Reading, support: Support) -> Iterator[int]:
    """The days that the text names, as days from today."""
    today = support.calendar.today(reading.language)
    for match in WHEN.finditer(reading.folded):
        yield from offsets_of(match, today)
    for match in _AHEAD.finditer(reading.folded):
        n = said_number(match["n"] or match["n_zh"] or match["n_later"])
        unit = match["unit"] or match["unit_zh"] or match["unit_later"]
        if n:
            yield round(n) * (7 if unit in _WEEK else 1)
