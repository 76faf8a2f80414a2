"""Finding the quantities that a text states: prices, per cents, dates, measures and plain numbers.

Arabic digits (full-width too), Chinese numerals and English number words are read, in both languages. A
number inside a name (S8, Mk2) is no quantity. Every pattern is possessive or bounded, so the time grows
linearly with the text.

Simple fractions are read: 半斤, half a litre, three-quarters and 四分之三 (as per cents).

Does not cover: Roman numerals, other fractions, ordinals, times of day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from adwright.text.chinese_numerals import NUMERAL_CHARACTERS, parse_chinese
from adwright.text.currencies import CURRENCIES, READABLE_CODES, SYMBOLS, WORDS, format_money, minor_exponent
from adwright.text.english_numerals import ENGLISH_NUMERAL, parse_english
from adwright.text.normalise import HALF_WIDTH
from adwright.text.units import UNITS

__all__ = ["CURRENCIES", "Quantity", "QuantityKind", "find_quantities", "format_money", "minor_exponent"]

QuantityKind = Literal["price", "percent", "number", "date", "measure"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity in a text.

    Args:
        start, end: Where it stands, in characters; currency sign and unit are part of it.
        text: Those characters.
        value: The number. For a percent per cents, where "8折" and "half price" are 20 and 50 off; for a
            date yyyymmdd with zeros for what is not said.
        unit: Canonical unit of a measure; "%" or "off" of a percent; else None.
        kind: What it is.
        currency: The likeliest ISO 4217 code of a price.
        currencies: Every code that the sign can mean, for example CNY and JPY for "¥".
    """

    start: int
    end: int
    text: str
    value: float
    unit: str | None
    kind: QuantityKind
    currency: str | None = None
    currencies: tuple[str, ...] = ()


_MULTIPLIERS = {"十": 10.0, "百": 100.0, "千": 1e3, "万": 1e4, "亿": 1e8, "萬": 1e4, "億": 1e8}

_DATE = re.compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\d.])"
    r"|(?<![\d.])(?:(?P<zy>(?:19|20)?\d\d)年)?(?P<zm>\d{1,2})月(?P<zd>\d{1,2})[日号]"
    r"|(?<![\d.])(?P<zy2>(?:19|20)\d\d)年(?:(?P<zm2>\d{1,2})月)?"
    r"|(?<![\d./])(?P<dm>1[0-2]|0?[1-9])[./](?P<dd>3[01]|[12]\d|0?[1-9])(?![\d./%])"
    r"(?= ?(?:截止|止|结束|到期|开始|开抢|起|前))"
    r"|(?<![\d.])(?P<ed>\d{1,2})(?:st|nd|rd|th)? (?P<em>MONTH)\b\.?(?:,? (?P<ey>(?:19|20)\d\d)\b)?"
    r"|\b(?P<em2>MONTH)\b\.? (?P<ed2>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<ey2>(?:19|20)\d\d)\b)?".replace(
        "MONTH",
        "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
        "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?",
    ),
    re.IGNORECASE,
)
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: i for i, name in enumerate(_MONTH_NAMES.split(), start=1)}
_NUMERAL = re.compile(
    r"(?<![A-Za-z0-9_.])(?P<arabic>(?>(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?)(?P<times>[十百千万亿萬億]?))"
    rf"|(?<![第{NUMERAL_CHARACTERS}])(?P<chinese>[{NUMERAL_CHARACTERS}]++(?:点[{NUMERAL_CHARACTERS}]++)?)"
    rf"|\b(?P<english>{ENGLISH_NUMERAL})\b"
    r"|(?P<half>半(?=[斤升公米磅小个]|千克|毫)"
    r"|\bhalf(?: an?)?(?=[ -](?:lit(?:re|er)|kilo|pound|pint|metre|meter|mile|hour|inch)))"
    r"|(?<![A-Za-z])(?P<article>(?:(?<=than )|(?<=under )|(?<=over )|(?<=almost )|(?<=nearly )|(?<=about )"
    r"|(?<=barely )|(?<=exactly )|(?<=only )|(?<=just )|(?<=roughly )|(?<=weighs ))an?)"
    r"(?= (?:lit(?:re|er)|kilo(?:gram)?|pound|met(?:re|er)|mile|gallon|ounce|inch|tonne)s?\b)",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\bhalf[ -](?:price|off)\b|半价|对折(?!叠)"
    r"|\bhalf (?:the|its|their|of the)(?: usual| normal| original| regular)? price\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"\b(?P<word>three|two|one|a)[ -](?P<part>quarter|third|fifth|half|tenth)s?\b"
    r"(?! (?:of an?|price|past|to)\b)"
    rf"|(?P<below>[{NUMERAL_CHARACTERS}]{{1,3}})分之(?P<above>[{NUMERAL_CHARACTERS}]{{1,2}})",
    re.IGNORECASE,
)
_LESS = re.compile(r" (?:off|less|cheaper|lighter|smaller)\b", re.IGNORECASE)
_BY = re.compile(r"\bby $", re.IGNORECASE)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PER_CENT_BEFORE = re.compile(r"百分之$")
_PER_CENT = re.compile(
    r" ?(?:%|percent\b|per cent\b)(?P<off>[ -]?(?:off|discount|reduction)\b)?", re.IGNORECASE
)
_ZHE = re.compile(r" ?折(?![叠伞页屏扇])")
_CHENG = re.compile(r"成(?![为人份分品员就本熟功长都语立年交效])")
_SIGN_BEFORE = re.compile(
    rf"(?<![A-Za-z])(?P<sign>{'|'.join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True))}"
    rf"|{'|'.join(READABLE_CODES)}) ?$"
)
_CURRENCY_AFTER = re.compile(
    rf" ?(?:(?P<word>{'|'.join(sorted((w for w in WORDS if not w.isascii()), key=len, reverse=True))})(?!素)"
    rf"|(?P<latin>(?i:{'|'.join(sorted((w for w in WORDS if w.isascii()), key=len, reverse=True))}))\b"
    rf"|(?P<code>{'|'.join(READABLE_CODES)})(?![A-Za-z])|(?P<kuai>块)"
    r"(?:(?P<jiao>[1-9一二两三四五六七八九])毛?(?![\d件个只双条片包盒瓶]))?(?=[\W钱就起包有左出多不以内拿到带搞都能一的]|$)"
    r"|(?P<sign>[€£$]))"
)
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_PIECES_BEFORE = re.compile(
    r"(?:[每一][盒包袋箱组套份罐](?:有|装|共|含|是|里)?|共有?|内含|含有?|装有?|切成?|分成?|掰成?)$"
)
_CAPITALS = frozenset({"G", "M"})  # 5G is no gram, 5M no metre
_HAN_UNITS = sorted((u for u in UNITS if not u.isascii() and u[0] not in "°℃℉"), key=len, reverse=True)
_LATIN_UNITS = sorted((u for u in UNITS if u.isascii()), key=len, reverse=True)
_FULL = "whole |full |entire |solid |straight |more |short |little |extra |long "
_OF_SIZE = (
    "tall|wide|long|high|deep|across|in diameter|thick|x|by|square|screen|display|blade|pan|skillet|laptop"
)
_UNIT = re.compile(
    rf"(?: ?[小大整满来多余]?(?P<han>{'|'.join(_HAN_UNITS)})(?!邮)"
    rf"|[ -]?(?:{_FULL})?(?P<latin>{'|'.join(_LATIN_UNITS)})(?![A-Za-z0-9])"
    r"| ?(?P<sign>°[CF]|℃|℉|m²)|(?P<inch>[\"″])"
    rf"|(?P<in>[ -]in)(?=\.?,? (?:{_OF_SIZE})\b)"
    r"|-?(?P<glued>[A-Za-z]{1,4})(?![A-Za-z0-9]))",
    re.IGNORECASE,
)
_AND_A_HALF = re.compile("个半(?P<unit>小时|钟头|月|星期)")
_MORE = re.compile(r"(?P<half>(?<=[升斤米年月吨])半)|(?<=\d米)(?P<tenth>\d)(?!\d)")
_IDIOM = re.compile("一年(?:四季|到头|一度|又)|[六十]色|千[人种]|万[人种]|[三两]天[两三]?[头后]")
_COUNTED = frozenset(
    {"piece", "style", "people", "time", "layer", "colour", "day", "week", "size", "process"}
)


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of a text in the order in which they stand; they do not overlap.

    A Chinese numeral counts only before a unit, a currency or 折, for 一 and 万 are part of many words.

    >>> [(q.text, q.value, q.unit, q.kind) for q in find_quantities("只要99元，满３件８折")]
    [('99元', 99.0, None, 'price'), ('３件', 3.0, 'piece', 'measure'), ('８折', 20.0, 'off', 'percent')]
    """
    plain = text.translate(HALF_WIDTH)
    found: list[Quantity] = []
    for quantity in _merge(
        _dates(plain), _merge(_halves(plain), _merge(_fractions(plain), _numerals(plain)))
    ):
        if not found or quantity.start >= found[-1].end:
            found.append(quantity)
    found = _with_shared_units(found, plain)
    return [
        Quantity(q.start, q.end, text[q.start : q.end], q.value, q.unit, q.kind, q.currency, q.currencies)
        for q in found
    ]


def _with_shared_units(found: list[Quantity], plain: str) -> list[Quantity]:
    """The quantities, where in 45 x 18 cm the first number takes the unit of the last."""
    for i in range(len(found) - 2, -1, -1):
        first, last = found[i], found[i + 1]
        if last.kind != "measure" or last.unit not in _LENGTHS or first.unit not in (None, "time"):
            continue
        if first.kind in ("number", "measure") and _BETWEEN_SIDES.fullmatch(plain, first.start, last.start):
            found[i] = replace(first, unit=last.unit, kind="measure")
    return found


_LENGTHS = frozenset({"mm", "cm", "m", "in", "ft"})
_BETWEEN_SIDES = re.compile(r"[\d.,]+ ?(?:by|x|×|\*|乘)? ?(?:by|x|×|\*|乘)? ?", re.IGNORECASE)


def _merge(first: Iterator[Quantity], second: Iterator[Quantity]) -> Iterator[Quantity]:
    """Both in order of their start; where two overlap the first one's stands."""
    kept = list(first)
    at = 0
    for quantity in second:
        while at < len(kept) and kept[at].end <= quantity.start:
            yield kept[at]
            at += 1
        if at == len(kept) or quantity.end <= kept[at].start:
            yield quantity
    yield from kept[at:]


def _dates(text: str) -> Iterator[Quantity]:
    for match in _DATE.finditer(text):
        part = {k: v for k, v in match.groupdict().items() if v}
        month_name = part.get("em") or part.get("em2")
        month = _MONTHS[month_name[:3].lower()] if month_name else int(_first(part, "m", "zm", "zm2", "dm"))
        year, day = (
            int(_first(part, "y", "zy", "zy2", "ey", "ey2")),
            int(_first(part, "d", "zd", "ed", "ed2", "dd")),
        )
        if month > 12 or day > 31:
            continue
        value = (year + 2000 if 0 < year < 100 else year) * 10_000 + month * 100 + day
        yield Quantity(match.start(), match.end(), match[0], float(value), None, "date")


def _first(parts: dict[str, str], *names: str) -> str:
    return next((parts[n] for n in names if n in parts), "0")


def _halves(text: str) -> Iterator[Quantity]:
    for match in _HALF.finditer(text):
        yield Quantity(match.start(), match.end(), match[0], 50.0, "off", "percent")


def _fractions(text: str) -> Iterator[Quantity]:
    """三分之二 and two-thirds as per cents; 百分之 is read with its numeral."""
    for match in _FRACTION.finditer(text):
        if match["below"]:
            above, below = parse_chinese(match["above"]), parse_chinese(match["below"])
            if not above or not below or below == 100 or above >= below:
                continue
            share = above / below
        else:
            share = {"three": 3, "two": 2}.get(match["word"].lower(), 1) / _PARTS[match["part"].lower()]
        if share < 1 and (
            match["below"]
            or match["word"].lower() != "a"
            or _LESS.match(text, match.end())
            or _BY.search(text[: match.start()][-4:])
        ):
            yield Quantity(match.start(), match.end(), match[0], round(100 * share, 2), "%", "percent")


def _numerals(text: str) -> Iterator[Quantity]:
    for match in _NUMERAL.finditer(text):
        value = _value(match)
        if value is not None:
            quantity = _read_around(text, match, value)
            if quantity is not None:
                yield quantity


def _value(match: re.Match[str]) -> float | None:
    if match["arabic"]:
        digits = match["arabic"].rstrip("十百千万亿萬億").replace(",", "")
        return float(digits) * _MULTIPLIERS.get(match["times"], 1.0)
    if match["chinese"]:
        return parse_chinese(match["chinese"])
    if match["english"]:
        return parse_english(match["english"])
    return 0.5 if match["half"] else 1.0


def _read_around(text: str, match: re.Match[str], value: float) -> Quantity | None:
    """The numeral with what stands before and after it; None for a Chinese numeral without a unit."""
    start, end = match.span()
    before = text[max(0, start - 4) : start]
    if _PER_CENT_BEFORE.search(before):
        return Quantity(start - 3, end, "", value, "%", "percent")
    if after := _PER_CENT.match(text, end):
        return Quantity(start, after.end(), "", value, "off" if after["off"] else "%", "percent")
    if after := _ZHE.match(text, end):
        off = _off(value, match)
        return None if off is None else Quantity(start, after.end(), "", off, "off", "percent")
    if value <= 10 and (after := _CHENG.match(text, end)):
        return Quantity(start, after.end(), "", value * 10, "%", "percent")
    return _read_price(text, match, value) or _read_measure(text, match, value)


def _off(value: float, match: re.Match[str]) -> float | None:
    """Per cent off of 8折, 8.5折, 85折 or 八五折; None for a number that is no such price."""
    two_digits = match["chinese"] is not None and len(match["chinese"]) == 2
    if 10 < value < 100 or (two_digits and value < 100):
        value = value / 10
    return round(100 - 10 * value, 6) if 0 < value < 10 else None


def _read_price(text: str, match: re.Match[str], value: float) -> Quantity | None:
    start, end = match.span()
    before = _SIGN_BEFORE.search(text[max(0, start - 4) : start])
    if before:
        codes = SYMBOLS.get(before["sign"], (before["sign"],))
        start -= len(before[0])
        spoken = _CURRENCY_AFTER.match(text, end)
        end = spoken.end() if spoken else end
        return Quantity(start, end, "", value, None, "price", codes[0], codes)
    after = _CURRENCY_AFTER.match(text, end)
    if not after:
        return None
    if after["kuai"] and _PIECES_BEFORE.search(text[max(0, start - 6) : start]):
        return None
    if after["kuai"]:
        codes = ("CNY",)
        value += (parse_chinese(after["jiao"]) or float(after["jiao"])) / 10 if after["jiao"] else 0
    else:
        word = after["word"] or (after["latin"] or "").lower()
        codes = WORDS.get(word) or SYMBOLS.get(after["sign"] or "") or (after["code"],)
    return Quantity(start, after.end(), "", value, None, "price", codes[0], codes)


def _read_measure(text: str, match: re.Match[str], value: float) -> Quantity | None:
    start, end = match.span()
    if spoken := _AND_A_HALF.match(text, end):
        return Quantity(
            start, spoken.end(), "", value + 0.5, UNITS[spoken["unit"].replace("月", "个月")], "measure"
        )
    after = _UNIT.match(text, end)
    glued = after["glued"] if after else None
    if glued and glued.lower() in _ORDINALS:
        return None
    if after and glued and (not match["arabic"] or not text[end].isalpha()):
        after = None  # only letters right behind digits, as in 4K, make an unknown unit
    if after is None:
        if match["arabic"] and end < len(text) and text[end].isascii() and text[end].isalpha():
            return None  # a name such as 300ZX
        return None if match["chinese"] else Quantity(start, end, "", value, None, "number")
    spelled = after["han"] or after["latin"] or after["sign"] or "inch"
    unit = glued.upper() if glued else spelled if spelled in _CAPITALS else UNITS[spelled.lower()]
    if match["chinese"] and (_IDIOM.match(text, start) or (value == 1 and unit in _COUNTED)):
        return None  # 一件, 一天: an article more than a count
    if more := _MORE.match(text, after.end()):
        value += 0.5 if more["half"] else int(more["tenth"]) / 10
        return Quantity(start, more.end(), "", value, unit, "measure")
    return Quantity(start, after.end(), "", value, unit, "measure")
