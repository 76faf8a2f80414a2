"""Numbers that a text gives only roughly: 小一千, 二十出头, 十几万, 上千, "a handful", "dozens", "half a hundred".

A rough number is a range. Beside words of price it is held against the prices, beside people against what the
catalogue says of sales, else against the counts of the catalogue.

Does not cover: a rough number of things of the scene, as in 十几分钟 or "dozens of ideas".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.chinese_numerals import parse_chinese
from adwright.text.english_numerals import parse_english
from adwright.text.said_numbers import said_number
from adwright.text.units import to_base

_ZH = Gated(cue("rough.zh"))
_EN = Gated(cue("rough.en"))
_ABOUT_ZH = Gated(cue("rough.about_zh"))
_ODD_EN = Gated(cue("rough.odd_en"))
_SPOKEN_PRICE = Gated(cue("rough.spoken_price"))
_USES_ZH = Gated(cue("rough.uses_zh"))
_SPAN_EN = Gated(cue("rough.span_en"))
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


def spoken_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Prices, uses and spans in spoken numbers: 八十来块, "fifty-odd dollars", 充满五回, "in a minute"."""
    pricing = support.pricing
    for match in _ABOUT_ZH.finditer(reading.folded):
        value = said_number(match["n"]) or 0.0
        bounds = (0.9 * value, 1.15 * value) if match["loose"] == "来" else (value, 1.5 * value)
        yield _priced(
            match,
            bounds,
            pricing.was if _WAS_BEFORE.search(reading.before(match.start(), 12)) else pricing.now,
        )
    for match in _ODD_EN.finditer(reading.folded):
        value = parse_english(match["word"]) or 0.0
        yield _priced(match, (value, value + 10), pricing.now)
    for match in _SPOKEN_PRICE.finditer(reading.folded):
        amount = parse_chinese(match["old"] or match["new"])
        if amount is not None and amount >= _LEAST_PRICE:
            yield _priced(match, (amount, amount), pricing.was if match["old"] else pricing.now)
    for match in _USES_ZH.finditer(reading.folded):
        times = said_number(match["n"].rstrip("几"))
        if times is not None and times > 1 and times not in support.counts:
            yield Claim("facts.number", "review", *match.span(), "number")
    for match in _SPAN_EN.finditer(reading.folded):
        base, dimension = to_base(0.5 if " half a" in match[0] else 1.0, match["unit"])
        known = any(d == dimension and abs(b - base) < 0.5 * base for b, d, _ in support.measures)
        if not known and not reading.denies(*match.span()):
            yield Claim("facts.measure", "review", *match.span(), "measure", "—")


_LEAST_PRICE = 10


def _priced(match: re.Match[str], bounds: tuple[float, float], known: Iterable[float]) -> Claim:
    known = tuple(known)
    fine = _within(bounds, known)
    return Claim("facts.price", None if fine else "block", *match.span(), "price", _shown(known))


def _zh_range(match: re.Match[str]) -> tuple[float, float] | None:
    """The range of a Chinese rough number.

    >>> _zh_range(_ZH.pattern.search("小一千")), _zh_range(_ZH.pattern.search("十几万"))
    ((800.0, 1000.0), (110000.0, 190000.0))
    """
    if match["small"]:
        value = said_number(match["small"])
        return None if value is None else (0.8 * value, value)
    if match["out"]:
        value = said_number(match["out"])
        return None if value is None else (value, 1.15 * value)
    if match["less"]:
        value = said_number(match["less"])
        return None if value is None else (0.5 * value, value / 1.02)
    if match["up"]:
        value = said_number("一" + match["up"])
        return None if value is None else (value, 9 * value)
    tens = (said_number(match["tens"]) or 10.0) if match["tens"] else 1.0
    step = {"百": 100.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}.get(match["of"] or "", 1.0)
    low = tens + 1 if match["tens"] else 2.0
    return low * step, (tens + 9 if match["tens"] else 9.0) * step


def _judge(
    match: re.Match[str], bounds: tuple[float, float] | None, reading: Reading, support: Support
) -> Iterator[Claim]:
    start, end = match.span()
    if bounds is None or reading.denies(start, end):
        return
    before, after = reading.before(start, 14), reading.after(end, 14)
    if (
        _PRICE_AFTER.match(after)
        or _is_of_goods(after, support)
        or (_PRICE_BEFORE.search(before) and not _THING_AFTER.match(after))
    ):
        yield _priced(
            match, bounds, support.pricing.was if _WAS_BEFORE.search(before) else support.pricing.now
        )
    elif _PEOPLE_AFTER.match(after):
        fine = _within(bounds, support.values) or match[0] in support.text
        yield Claim("facts.social_proof", None if fine else "block", start, end, "popularity")
    elif _SCENE_AFTER.match(after):
        return
    elif _THING_AFTER.match(after):
        fine = _within(bounds, support.values) or match[0] in support.text
        yield Claim("facts.number", None if fine else "review", start, end, "number")


_OF_NOUN = re.compile(
    r"(?:出头|挂零|冒头|多|左右|上下|不到|以内|以下)(?:一点|些)?的(?P<noun>[\u4e00-\u9fff]{2,8})"
)


def _is_of_goods(after: str, support: Support) -> bool:
    """Whether a noun of the title follows, as in 五百出头的珐琅锅."""
    match = _OF_NOUN.match(after)
    return match is not None and any(
        match["noun"][i : i + 2] in support.title for i in range(len(match["noun"]) - 1)
    )


def _within(bounds: tuple[float, float], known: Iterable[float]) -> bool:
    low, high = bounds
    return any(low * 0.98 <= value <= high * 1.02 for value in known)


def _shown(known: Iterable[float]) -> str:
    return ", ".join(f"{value:.10g}" for value in known) or "—"
