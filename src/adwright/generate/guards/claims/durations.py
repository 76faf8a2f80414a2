"""Spans of time that claim something of the goods: how long they last, and in how long something is done.

A span that sets a scene (五分钟的路, "an hour of peace") claims nothing. What is done sooner than the text says is
done in that time too; what lasts must last as long as is said.

Does not cover: spans in other words than numbers, but for "all day".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.count_words import word_pattern
from adwright.generate.guards.claims.subjects import subject_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.numbers import Quantity

_ON_ONE_CHARGE = cue("amounts.on_one_charge")
_SCENE_TIME = cue("amounts.scene_time")
_PROCESS = re.compile(
    r"出锅|煮(?!酒)|焖|上桌|开吃|熟了?(?![悉练睡])|(?:就能|即可|就可以?)吃|泡好|泡软|烤好|蒸好|预热|装好|搞定|组装"
    r"|(?<![a-z])(?:cooked|on the (?:table|plate)|done|simmer|boil|bake|steam|preheat|assembled?)(?![a-z])"
)
"""What goods are done with in a time that the catalogue gives."""
_DONE = (
    "(?:搭好|搭起|搭完|撑开|装好|装完|组装|安装好|折叠好|收纳好|收好|展开"
    "|充满|充好|满电|灌满|烧开|烧沸|煮沸|烘干|晾干|磨好|榨好|成型|弹开)"
)
_DONE_AFTER = re.compile(rf"(?:之?内|以内|就|即|便|能|可以?|自动|快速|轻松|一键|钟){{0,4}}{_DONE}")
_DONE_JUST_BEFORE = re.compile(
    rf"{_DONE}了?[，,：:]?(?:只要|仅需|只需|也就|不过|才|大概|大约|约|前后){{0,2}}$"
)
_DONE_BEFORE = re.compile(
    r"(?<![a-z])(?:up|sets? up|pitch(?:es|ed)?|ready|assembled?|assembles|folds?|folded|inflates?|inflated"
    r"|re?charge[sd]?|charge[sd]?|full|boils?|dries|dry"
    r"|built|installed|installs|packs? (?:away|down|up)|packed|put together|goes up|heats(?: up)?"
    r"|chills?)(?: [a-z]+){0,2} in (?:just |only |about |around |under |less than |a quick "
    r"|well under )?(?:a |an )?$"
)
_BEFORE_IT = 36
_LATER = re.compile(r"之?后(?!还|仍|依|盖|置)| (?:later|ago|away)(?![a-z])")
_HOURS_OF_USE = 10 * 86400.0  # a catalogue that gives less than this speaks of use, not of shelf life
_MANY_HOURS = 10
_MANY = 100


def claims_time(quantity: Quantity, reading: Reading, known: Sequence[float]) -> bool:
    """Whether a span of time is of the goods, where the catalogue gives these spans, in seconds or months."""
    start, end = quantity.start, quantity.end
    if is_done_in(quantity, reading):
        return True
    left, right = reading.clause(start, end)
    near = reading.folded[max(left, start - 30) : min(right, end + 30)]
    in_use = any(k < _HOURS_OF_USE for k in known)
    if in_use and _PROCESS.search(near):
        return True
    if quantity.value >= _MANY:
        return True  # hundreds of hours are no scene
    if _LATER.match(reading.after(end, 8)):
        return word_pattern("durations").search(near) is not None
    if in_use and quantity.unit == "hour" and quantity.value >= _MANY_HOURS:
        return True  # nor are eighty, beside a time that the catalogue gives
    if _SCENE_TIME.search(near):
        return False
    if in_use and quantity.unit in ("hour", "minute") and subject_of(reading.folded, start, end) is not None:
        return True
    wide = reading.before(start, 24)
    return word_pattern("durations").search(near) is not None or _ON_ONE_CHARGE.search(wide) is not None


def is_done_in(quantity: Quantity, reading: Reading) -> bool:
    """Whether the span is the time in which something is done: 3秒搭好, "up in ten minutes"."""
    return bool(
        _DONE_AFTER.match(reading.after(quantity.end, 12))
        or _DONE_JUST_BEFORE.search(reading.before(quantity.start, 12))
        or _DONE_BEFORE.search(reading.before(quantity.start, _BEFORE_IT))
    )


_ALL_DAY = Gated(
    re.compile(
        r"(?P<whole>(?:整整)?(?:一天一夜|一昼夜)|整日整夜|day and night|around the clock)|一整天|整整一天"
        r"|全天(?!候)|从早到晚"
        r"|(?<![a-z])all[- ]day(?: long)?(?![a-z])"
    )
)
_USED = re.compile(
    r"吹|撑|续航|播放|听|用|电|亮|转|开着|保温|保冷|烫|热|冰|凉"
    r"|(?<![a-z])(?:lasts?|runs?|battery|charge|play\w*|keeps?|power\w*|warm|hot|cold|listen\w*|cool\w*)(?![a-z])"
)
_DAY_OF_USE = 8 * 3600.0
_WHOLE_DAY = 20 * 3600.0
_OF_USE = ("battery", "keeps_hot", "keeps_cold", "standby", None)


def all_day_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each "all day" of use, where all the times that the catalogue gives for it are shorter than a day of waking."""
    for match in _ALL_DAY.finditer(reading.folded):
        start, end = match.span()
        left, right = reading.clause(start, end)
        if not _USED.search(reading.folded, left, right) or reading.denies(start, end):
            continue
        known = _times_of_use(reading.folded[left:right], subject_of(reading.folded, start, end), support)
        if known and max(known) < (_WHOLE_DAY if match["whole"] else _DAY_OF_USE):
            yield Claim("facts.measure", "block", start, end, "measure", f"{max(known) / 3600:g} h")


_MODE = re.compile(
    r"(?P<mode>[高中低强弱大小][挡档]|强力[挡档]?|标准[挡档]?|节能[挡档]?|(?<![a-z])(?:high|low|max|eco|turbo|boost)(?![a-z]))"
)


def _times_of_use(clause: str, subject: str | None, support: Support) -> list[float]:
    """The times of the mode that the clause names, else of its subject, else of any use."""
    if mode := _MODE.search(clause):
        named = [
            q.value * {"hour": 3600.0, "minute": 60.0}[q.unit]
            for q in support.of_goods
            if q.kind == "measure"
            and q.unit in ("hour", "minute")
            and mode["mode"] in support.catalogue[max(0, q.start - 6) : q.start]
        ]
        if named:
            return named
    times = [(base, of) for base, dimension, of in support.measures if dimension == "time"]
    own = [base for base, of in times if subject is not None and of == subject]
    return own or [base for base, of in times if of in _OF_USE]
