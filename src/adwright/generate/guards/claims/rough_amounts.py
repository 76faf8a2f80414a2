"""Numbers that a text gives only roughly: 小一千, 二十出头, 十几万, 上千, "a handful", "dozens", "half a hundred".

A rough number is a range. Beside words of price it is held against the prices, beside people against what the
catalogue says of sales, else against the counts of the catalogue.

Does not cover: a rough number of things of the scene, as in 十几分钟 or "dozens of ideas".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.chinese_numerals import parse_chinese

_ZH = Gated(cue("rough.zh"))
_EN = Gated(cue("rough.en"))
_PRICE_BEFORE = cue("rough.price_before")
_PRICE_AFTER = cue("rough.price_after")
_WAS_BEFORE = cue("rough.was_before")
_PEOPLE_AFTER = cue("rough.people_after")
_THING_AFTER = cue("rough.thing_after")
_SCENE_AFTER = cue("rough.scene_after")
_EN_VALUES = {
    "dozens": (24.0, 200.0),
    "scores": (40.0, 400.0),
    "hundreds": (200.0, 2000.0),
    "thousands": (2e3, 1e5),
    "millions": (2e6, 1e9),
}


def rough_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each rough number of a price, of people or of what the product has; no severity where it holds."""
    if not reading.folded.isascii():
        for match in _ZH.finditer(reading.folded):
            yield from _judge(match, _zh_range(match), reading, support)
    for match in _EN.finditer(reading.folded):
        yield from _judge(match, _EN_VALUES[match["many"]], reading, support)


def _zh_range(match: re.Match[str]) -> tuple[float, float] | None:
    """The range of a Chinese rough number.

    >>> _zh_range(_ZH.pattern.search("小一千")), _zh_range(_ZH.pattern.search("十几万"))
    ((800.0, 1000.0), (110000.0, 190000.0))
    """
    if match["small"]:
        value = _number(match["small"])
        return None if value is None else (0.8 * value, value)
    if match["out"]:
        value = _number(match["out"])
        return None if value is None else (value, 1.15 * value)
    if match["up"]:
        value = _number("一" + match["up"])
        return None if value is None else (value, 9 * value)
    tens = (_number(match["tens"]) or 10.0) if match["tens"] else 1.0
    step = {"百": 100.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}.get(match["of"] or "", 1.0)
    low = tens + 1 if match["tens"] else 2.0
    return low * step, (tens + 9 if match["tens"] else 9.0) * step


def _number(word: str) -> float | None:
    return float(word) if word.isdecimal() else parse_chinese(word)


def _judge(
    match: re.Match[str], bounds: tuple[float, float] | None, reading: Reading, support: Support
) -> Iterator[Claim]:
    start, end = match.span()
    if bounds is None or reading.denies(start, end):
        return
    before, after = reading.before(start, 14), reading.after(end, 14)
    if _PRICE_AFTER.match(after) or (_PRICE_BEFORE.search(before) and not _THING_AFTER.match(after)):
        known = support.pricing.was if _WAS_BEFORE.search(before) else support.pricing.now
        fine = _within(bounds, known)
        yield Claim("facts.price", None if fine else "block", start, end, "price", _shown(known))
    elif _PEOPLE_AFTER.match(after):
        fine = _within(bounds, support.values) or match[0] in support.text
        yield Claim("facts.social_proof", None if fine else "block", start, end, "popularity")
    elif _SCENE_AFTER.match(after):
        return
    elif _THING_AFTER.match(after):
        fine = _within(bounds, support.values) or match[0] in support.text
        yield Claim("facts.number", None if fine else "review", start, end, "number")


def _within(bounds: tuple[float, float], known: object) -> bool:
    low, high = bounds
    return any(low * 0.98 <= value <= high * 1.02 for value in known)  # type: ignore[attr-defined]


def _shown(known: object) -> str:
    return ", ".join(f"{value:.10g}" for value in known) or "—"  # type: ignore[attr-defined]
