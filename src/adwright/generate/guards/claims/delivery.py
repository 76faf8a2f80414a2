"""When a text says that an order leaves or arrives, held against what the terms say of the same stage.

A promise is a word of sending or arriving with a time beside it; an order that leaves today has not arrived.

Does not cover: the hour of the day, and terms that differ by region.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.when import WHEN_EN, WHEN_ZH, offsets_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS
from adwright.text.english_numerals import ENGLISH_NUMERAL
from adwright.text.said_numbers import said_number

_PARTS = {"leaves": cue("delivery.leaves").pattern, "arrives": cue("delivery.arrives").pattern}
_PARTS_ZH = {"leaves_zh": cue("delivery.leaves_zh").pattern, "arrives_zh": cue("delivery.arrives_zh").pattern}
_N = rf"(?:\d{{1,3}}|[{NUMERAL_CHARACTERS}]{{1,3}}|an?|one|{ENGLISH_NUMERAL})"
_SPAN = (
    rf"(?<![\d.:])(?:(?P<low>{_N})(?: ?(?:-|–|~|to|or|至|到) ?))?(?P<high>{_N})[ -]?(?:个)?"
    r"(?P<business>business |working |工作)?"
    r"(?P<unit>hours?|days?|weeks?|小时|钟头|天|日(?!历|常)|周|礼拜|星期)"
)
_NAMED = re.compile(
    r"(?P<same>same[- ]day|当[天日]|即[日刻]|立[即刻]|闪电|秒)"
    r"|(?P<next>next[- ]day|overnight|次[日晨]|隔[天日]|翌日|第二天|明天?一?早)"
)
_NAMED_SPEEDS = _NAMED.pattern.replace("?P<same>", "?:").replace("?P<next>", "?:")
_SPAN_ONLY, _DAY = re.compile(_SPAN), re.compile(f"{WHEN_EN}|{WHEN_ZH}")
_TIME = "|".join((_NAMED_SPEEDS, re.sub(r"\?P<\w+>", "?:", _SPAN), re.sub(r"\?P<\w+>", "?:", WHEN_EN)))
_TIME_ZH = "|".join((_NAMED_SPEEDS, re.sub(r"\?P<\w+>", "?:", _SPAN), re.sub(r"\?P<\w+>", "?:", WHEN_ZH)))


def _stages(parts: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}>{words})" for name, words in parts.items())


_TIME_BEHIND = Gated(
    re.compile(
        rf"(?<![a-z])(?:{_stages(_PARTS)})(?:[ ,]{{1,2}}[a-z']{{1,16}}){{0,4}}?[ ,:]{{1,2}}(?P<time>{_TIME})(?![a-z])"
    )
)
_TIME_AHEAD = Gated(
    re.compile(
        rf"(?<![a-z])(?P<time>{_TIME})(?:[ ,-]{{1,2}}[a-z']{{1,16}})?[ -]{{1,2}}(?:{_stages(_PARTS)})(?![a-z])"
    )
)
_TIME_AHEAD_ZH = Gated(re.compile(rf"(?P<time>{_TIME_ZH})[^。！？!?;；\d]{{0,6}}?(?:{_stages(_PARTS_ZH)})"))
_ORDERED = cue("delivery.ordered")
_NOT_PROMISED = cue("delivery.not_promised")
_CLAUSE = re.compile(r"[^,，;；。！？!?\n]+")
_BUSINESS = 1.4  # days of the week for each that works
_HOURS = ("hour", "hours", "小时", "钟头")
_WEEKS = ("week", "weeks", "周", "礼拜", "星期")


@dataclass(frozen=True, slots=True)
class _Promise:
    """A stage and the days until it: the fewest and the most."""

    stage: str
    low: float
    high: float
    business: bool


def delivery_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each promise; one that the terms make as well has no severity."""
    today = support.calendar.today(reading.language)
    known = list(_known(support.text))
    ordered = _ORDERED.search(reading.folded) is not None
    for match in _found(reading.folded):
        start, end = match.span()
        promise = _promise(match, today)
        if promise is None or reading.denies(start, end) or _NOT_PROMISED.search(reading.before(start, 24)):
            continue
        if match.groupdict().get("home") and not (
            ordered or _SPAN_ONLY.search(match["time"]) or _NAMED.search(match["time"])
        ):
            continue  # 今晚到家 is the reader who comes home
        fine = match[0] in support.text or match["time"] in support.terms or _borne_out(promise, known)
        yield Claim("facts.time", None if fine else "block", start, end, "delivery")


def _found(folded: str) -> Iterator[re.Match[str]]:
    taken: list[tuple[int, int]] = []
    for pattern in (_TIME_AHEAD_ZH, _TIME_BEHIND, _TIME_AHEAD):
        for match in pattern.finditer(folded):
            if not any(s < match.end() and match.start() < e for s, e in taken):
                taken.append(match.span())
                yield match


def _promise(match: re.Match[str], today: date) -> _Promise | None:
    stage = next(k for k, v in match.groupdict().items() if v and k.startswith(("leaves", "arrives")))[:6]
    said = match["time"]
    if (named := _NAMED.match(said)) is not None:
        days = 0.0 if named["same"] else 1.0
        return _Promise(stage, days, days, False)
    if (span := _SPAN_ONLY.match(said)) is not None:
        return _span(stage, span)
    day = _DAY.match(said)
    offsets = offsets_of(day, today) if day is not None else ()
    return _Promise(stage, float(min(offsets)), float(max(offsets)), False) if offsets else None


def _span(stage: str, span: re.Match[str]) -> _Promise | None:
    high = said_number(span["high"])
    if high is None:
        return None
    low = said_number(span["low"]) if span["low"] else None
    unit = 1 / 24 if span["unit"] in _HOURS else 7.0 if span["unit"] in _WEEKS else 1.0
    return _Promise(stage, (low or high) * unit, high * unit, bool(span["business"]))


def _known(text: str) -> Iterator[_Promise]:
    """What each clause of the terms says of a stage; one without a word for it goes on with that of the last."""
    stage = ""
    for clause in _CLAUSE.finditer(text):
        words = clause[0]
        for name, pattern in (("arrive", _ANY_ARRIVAL), ("leaves", _ANY_LEAVING)):
            if pattern.search(words):
                stage = name
        if not stage:
            continue
        for span in _SPAN_ONLY.finditer(words):
            if (promise := _span(stage, span)) is not None:
                yield promise
        for named in _NAMED.finditer(words):
            days = 0.0 if named["same"] else 1.0
            yield _Promise(stage, days, days, False)


_ANY_ARRIVAL = re.compile(
    f"{_PARTS['arrives']}|{_PARTS_ZH['arrives_zh']}|delivery|达".replace("?P<home>", "?:")
)
_ANY_LEAVING = re.compile(f"{_PARTS['leaves']}|{_PARTS_ZH['leaves_zh']}")


def _borne_out(promise: _Promise, known: list[_Promise]) -> bool:
    """Whether the terms promise the stage as soon: as many days at the most, counted in the same days."""
    for term in known:
        if term.stage != promise.stage:
            continue
        most = term.high if promise.business or not term.business else math.ceil(term.high * _BUSINESS)
        if promise.high >= most - 0.01 or (promise.high == term.high and promise.high > 1):
            return True
    return False
