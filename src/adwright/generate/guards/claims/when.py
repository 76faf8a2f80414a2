"""Words for a day or a span of time, as days from today."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date, timedelta

from adwright.text.said_numbers import said_number

_DAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_ZH = "一二三四五六日"

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

WHEN_EN = (
    r"(?P<en>yesterday|last night|today|tonight|midnight|this (?:evening|morning|afternoon)"
    r"|tomorrow(?: night| morning| evening)?"
    r"|(?P<far>(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?:day|week|fortnight)s? "
    r"(?:from (?:now|today|tomorrow)|today))(?![a-z])"
    r"|(?:the )?(?P<feastday>mon|tues|wednes|thurs|fri|satur|sun)day after "
    r"(?P<feast>thanksgiving|black friday|christmas|new year)"
    r"|(?P<weekday>mon|tues|wednes|thurs|fri|satur|sun)day week(?![a-z])"
    r"|(?:(?P<which>this|next|coming|on) )?(?P<day>mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?"
    r"(?! best)(?:,? (?:night|evening|midnight|at midnight|morning))?"
    rf"|(?:(?<=through )|(?<=until )|(?<=till )|(?<=all )|(?<=into ))(?P<month>{'|'.join(MONTHS)})(?! \d)"
    r"|(?:this |the )?(?:long )?weekend|(?:this|next) week|(?:this|next|(?<=all )) ?month(?![ -]end)|month[ -]?end"
    r"|(?:the )?(?:end of|month)[ -](?:the )?(?:day|week|month|year|end|november|december|january)"
    r"|the (?P<enth>\d{1,2})(?:st|nd|rd|th)|black friday|cyber monday|christmas(?: eve| day)?"
    r"|new year(?:'s)?(?: eve| day)?|boxing day|halloween|valentine's(?: day)?|thanksgiving)"
)
WHEN_ZH = (
    r"(?P<zh>昨天|昨日|昨晚|昨夜|前天|今天|今日|今晚|今夜|今儿|本日|当日|明天|明日|明晚|明早|大?后天"
    r"|(?P<zfar>\d{1,2}|[一两二三四五六七八九十]{1,3})(?P<zunit>天|周|个?(?:星期|礼拜))(?:之)?后(?=的?(?:今天|截止|结束|到期|收官|恢复|开始|开抢|开售|开启|上线))"
    r"|(?P<zwhich>本|这个?|下下?个?|上上?个?)?(?:周|星期|礼拜)(?P<zday>[一二三四五六日天末])|周末|(?:本|这)(?:周|星期)"
    r"|下个?月|下周(?![一二三四五六日天末])|本月底?|这个月|月底|月末|年底|年末"
    r"|(?<![月\d])(?P<znum>\d{1,2})[号日](?!线|楼|机|电|色|店|码)"
    r"|圣诞节?|元旦|双十一|双11|双十二|双12|除夕|春节|黑五|感恩节)"
)
WHEN = re.compile(rf"{WHEN_EN}|{WHEN_ZH}")

_FEASTS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "圣诞": (12, 25),
    "boxing": (12, 26),
    "new year": (12, 31),
    "元旦": (1, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "halloween": (10, 31),
    "valentine": (2, 14),
}


def past_offsets_of(match: re.Match[str], today: date) -> tuple[int, ...]:
    """The same for a day that is over; it is below zero, or zero for today.

    >>> past_offsets_of(WHEN.search("on wednesday"), date(2026, 11, 20))
    (-2,)
    """
    if match["which"] == "next" or match["zwhich"]:
        return offsets_of(match, today)
    if match["day"]:
        return (_weekday(_number_of(match["day"]), today, following=False)[0] - 7,)
    if match["zday"]:
        return tuple(d - 7 for d in _chinese_weekday("", match["zday"], today))
    if match["znum"] or match["enth"]:
        number = int(match["znum"] or match["enth"])
        return next(((-n,) for n in range(62) if (today - timedelta(days=n)).day == number), ())
    return offsets_of(match, today)


def offsets_of(match: re.Match[str], today: date) -> tuple[int, ...]:
    """Days from today that a match of `WHEN` can mean; empty where it cannot be told.

    >>> offsets_of(WHEN.search("this sunday"), date(2026, 11, 20))
    (2,)
    """
    word = match["en"] or match["zh"]
    if (counted := _counted(match, today)) is not None:
        return (counted,)
    if match["month"]:
        return _month(MONTHS.index(match["month"]) + 1, today)
    if match["day"]:
        return _weekday(_number_of(match["day"]), today, following=match["which"] == "next")
    if match["zday"]:
        return _chinese_weekday(match["zwhich"] or "", match["zday"], today)
    if match["znum"] or match["enth"]:
        return _day_of_month(int(match["znum"] or match["enth"]), today)
    if word in (
        "today",
        "今天",
        "今日",
        "今晚",
        "今夜",
        "今儿",
        "本日",
        "当日",
        "tonight",
        "midnight",
    ) or word.startswith("this m"):
        return (0,)
    if word in ("this evening", "this afternoon"):
        return (0,)
    if word.startswith("tomorrow") or word in ("明天", "明日", "明晚", "明早"):
        return (1,)
    if word in ("yesterday", "last night", "昨天", "昨日", "昨晚", "昨夜"):
        return (-1,)
    if word == "前天":
        return (-2,)
    if word in ("后天", "大后天"):
        return (2 + word.startswith("大"),)
    return _spans(word, today)


def _counted(match: re.Match[str], today: date) -> int | None:
    """Days from today of a day that is counted from another; None where the match is none."""
    if match["far"]:
        return _far(match["far"])
    if match["zfar"]:
        return round(said_number(match["zfar"]) or 0) * (1 if match["zunit"] == "天" else 7)
    if match["weekday"]:
        return _weekday(_number_of(match["weekday"]), today, following=False)[0] + 7
    if match["feastday"]:
        feast = _spans(match["feast"], today)[0]
        return feast + (_number_of(match["feastday"]) - (today + timedelta(days=feast)).weekday() - 1) % 7 + 1
    return None


def _far(words: str) -> int:
    """Days from today of "a week from tomorrow", "three days from now"."""
    number, unit, *_ = words.split()
    n = said_number(number) or 0.0
    days = {"d": 1, "w": 7, "f": 14}[unit[0]]
    return round(n * days) + words.endswith("tomorrow")


def _spans(word: str, today: date) -> tuple[int, ...]:
    to_sunday = 6 - today.weekday()
    if "weekend" in word or word == "周末":
        return tuple(d for d in (to_sunday - 1, to_sunday) if d >= 0)
    if word in ("next week", "下周"):
        return tuple(range(to_sunday + 1, to_sunday + 8))
    if word in ("next month", "下月", "下个月"):
        return _month(today.month % 12 + 1, today)
    if word in ("this month", "month"):
        end = calendar.monthrange(today.year, today.month)[1] - today.day
        return tuple(range(max(end - 5, 0), end + 1))
    if word in ("this week", "本周", "这周", "本星期", "这星期") or "week" in word:
        return tuple(range(max(to_sunday - 2, 0), to_sunday + 1))
    if "day" in word and "end of" in word:
        return (0,)
    for name, (month, day) in _FEASTS.items():
        if name in word:
            return (_until(today, month, day), _until(today, month, day) - 1)
    if "black friday" in word or word == "黑五" or "thanksgiving" in word or "感恩节" in word:
        return (_black_friday(today) - ("giving" in word or word == "感恩节"),)
    if "cyber" in word:
        return (_black_friday(today) + 3,)
    if "year" in word or word in ("年底", "年末"):
        return (_until(today, 12, 31),)
    if any(m in word for m in ("month", "月", "november", "december", "january")):
        month = next(
            (i for i, m in ((11, "november"), (12, "december"), (1, "january")) if m in word), today.month
        )
        year = today.year + (month < today.month)
        last = calendar.monthrange(year, month)[1]
        end = (date(year, month, last) - today).days
        return (end, end - 1) if word not in ("本月", "这个月") else tuple(range(max(end - 5, 0), end + 1))
    return ()


def _number_of(prefix: str) -> int:
    return next(i for i, name in enumerate(_DAYS_EN) if name.startswith(prefix[:3]))


def _weekday(day: int, today: date, *, following: bool) -> tuple[int, ...]:
    ahead = (day - today.weekday()) % 7
    return (ahead, ahead + 7) if following else (ahead,)


def _chinese_weekday(which: str, day: str, today: date) -> tuple[int, ...]:
    days: Iterable[int] = (5, 6) if day == "末" else (_DAYS_ZH.index("日" if day == "天" else day),)
    monday = -today.weekday() + 7 * (which.count("下") - which.count("上"))
    if not which:
        return tuple((d - today.weekday()) % 7 for d in days)
    return tuple(monday + d for d in days)


def _day_of_month(day: int, today: date) -> tuple[int, ...]:
    for ahead in range(62):
        if (today + timedelta(days=ahead)).day == day:
            return (ahead,)
    return ()


def _month(month: int, today: date) -> tuple[int, ...]:
    """Every day of the next such month that is still to come."""
    year = today.year + (month < today.month)
    first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return tuple(range(max((first - today).days, 0), (last - today).days + 1))


def _until(today: date, month: int, day: int) -> int:
    year = today.year + ((month, day) < (today.month, today.day))
    return (date(year, month, day) - today).days


def _black_friday(today: date) -> int:
    first = date(today.year, 11, 1)
    thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return (thanksgiving + timedelta(days=1) - today).days
