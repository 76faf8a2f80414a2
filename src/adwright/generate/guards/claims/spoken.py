"""The quantities of a text, with those that only people write: 五斤二两, 一米五, 两毛, "half a minute", 90 x 102 in.

Does not cover: ages, which `ages` reads, and rough numbers, which `rough_amounts` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from adwright.text.chinese_numerals import NUMERAL_CHARACTERS, parse_chinese
from adwright.text.normalise import fold_in_place
from adwright.text.numbers import Quantity, find_quantities

_N = rf"(?:\d{{1,6}}(?:\.\d{{1,3}})?|[{NUMERAL_CHARACTERS}]{{1,6}})"
_UNITS_EN = {
    "in": "in", "inch": "in", "inches": "in", "cm": "cm", "mm": "mm", "m": "m", "ft": "ft", "feet": "ft",
    "centimetres": "cm", "centimeters": "cm", "metres": "m", "meters": "m",
}  # fmt: skip
_UNITS_ZH = {"厘米": "cm", "毫米": "mm", "米": "m", "公分": "cm", "寸": "in", "英寸": "in"}
_UNIT = "|".join(sorted((*_UNITS_EN, *_UNITS_ZH), key=len, reverse=True))
_SIZES = re.compile(
    rf"(?<![\d.])(?P<a>\d{{1,5}}(?:\.\d{{1,3}})?) ?(?:x|×|\*|by|至|到|-|–|~|to) ?(?P<b>\d{{1,5}}(?:\.\d{{1,3}})?)"
    rf"(?: ?(?:x|×|\*|by) ?(?P<c>\d{{1,5}}(?:\.\d{{1,3}})?))? ?(?P<unit>{_UNIT})(?![a-z])"
)
_SECONDS = re.compile(r"(?<![\w.])(?P<n>\d{1,4}(?:\.\d)?) s(?![a-z'])")
_JIN = re.compile(rf"(?P<jin>{_N})斤(?P<liang>半|[一二两三四五六七八九]|\d)(?:两|(?=[，。！？,.!? ]|$|的))")
_LIANG = re.compile(
    r"(?<![斤一-鿿])(?P<n>[一二三四五六七八九]|\d)两(?=重|的|多|半|[，。！？,.!?]|$)|(?<=[有仅重约是才到足])(?P<n2>[一二三四五六七八九]|\d)两(?=重|的"
    r"|多|半|[，。！？,.!?]|$)"
)
_METRES = re.compile(
    rf"(?P<m>[{NUMERAL_CHARACTERS}]{{1,3}}|\d)米(?P<dm>[一二三四五六七八九]|\d{{1,2}})(?![一-鿿]?(?:只|个|条|米|厘|毫|斤|块|元))"
)
_YUAN = re.compile(
    rf"(?P<n>{_N})[块元](?P<jiao>[一二两三四五六七八九1-9])[毛角](?P<fen>[一二两三四五六七八九1-9])?(?![\u4e00-\u9fff]?[{NUMERAL_CHARACTERS}])分?"
)
_COINS = re.compile(rf"(?P<n>{_N})(?P<unit>毛|角|分)(?:钱|(?=[，。！？,.!?的]|$|就|不到|多))")
_CORNER_OF = re.compile(r"[桌室屋街墙房床案台城园窗家店]$")
_HALF_YEAR = re.compile(r"(?<![上下前后大小多一二三四五两几])半年(?![度级来轮薪])")
_QUARTER = re.compile(r"(?P<n>[一两三])刻钟")
_SHARE = re.compile(r"(?P<n>[一二三四五六七八九])成(?P<more>半|[一二三四五六七八九])")


def quantities_of(text: str) -> list[Quantity]:
    """All quantities of a text, in order of place; of two that overlap, the one that people write.

    >>> [(q.value, q.unit) for q in quantities_of("五斤二两")], [q.value for q in quantities_of("90 x 102 in")]
    ([(5.2, 'jin')], [90.0, 102.0])
    """
    spoken: list[Quantity] = []
    for quantity in sorted((*_spoken(fold_in_place(text)), *_degrees(text)), key=lambda q: (q.start, -q.end)):
        if not spoken or quantity.start >= spoken[-1].end:
            spoken.append(quantity)
    taken = {place for s in spoken for place in range(s.start, s.end)}
    plain = [q for q in find_quantities(text) if taken.isdisjoint(range(q.start, q.end))]
    return [*_joined(sorted((*plain, *spoken), key=lambda q: q.start))]


_CELSIUS_OR_FAHRENHEIT = re.compile(
    r"(?<![\w.])(?P<n>\d{2,3}) ?(?:degrees? ?)?(?P<scale>[CF])(?=[\s,.;:)!?]|$)"
)


def _degrees(text: str) -> Iterator[Quantity]:
    """260 C, 500 F."""
    for match in _CELSIUS_OR_FAHRENHEIT.finditer(text):
        yield Quantity(*match.span(), match[0], float(match["n"]), f"°{match['scale'].lower()}", "measure")


def _spoken(folded: str) -> Iterator[Quantity]:
    for match in _SIZES.finditer(folded):
        unit = _UNITS_EN.get(match["unit"]) or _UNITS_ZH[match["unit"]]
        for name in "abc":
            if match[name]:
                start, end = match.span(name)
                yield Quantity(start, end, match[name], float(match[name]), unit, "measure")
    for match in _SECONDS.finditer(folded):
        yield Quantity(*match.span(), match[0], float(match["n"]), "second", "measure")
    yield from _spoken_en(folded)
    if not folded.isascii():
        yield from _spoken_zh(folded)


def _spoken_en(folded: str) -> Iterator[Quantity]:
    """10 1/4 inch, 2½ in, "a foot tall", "one litre", and `in` for inches at the end of a value."""
    for match in _FRACTION.finditer(folded):
        part = _SIGNS.get(match["sign"] or match["only"] or "") or int(match["a"] or 0) / int(match["b"] or 1)
        value = float(match["whole"] or 0) + part
        yield Quantity(*match.span(), match[0], value, _UNIT_WORDS[match["unit"]], "measure")
    for match in _INCHES.finditer(folded):
        yield Quantity(*match.span(), match[0], float(match["n"]), "in", "measure")
    for match in _ONE.finditer(folded):
        name = next(k for k in ("unit", "unit_2", "unit_3", "unit_4") if match[k])
        start, end = match.start(), match.end(name)
        yield Quantity(start, end, folded[start:end], 1.0, _UNIT_WORDS[match[name]], "measure")
    yield from _parts_en(folded)
    for match in _TIMES_MEASURE.finditer(folded):
        start, end = match.start("v"), match.end()
        yield Quantity(*match.span("n"), match["n"], float(match["n"]), None, "number")
        yield Quantity(start, end, folded[start:end], float(match["v"]), match["unit"], "measure")


def _parts_en(folded: str) -> Iterator[Quantity]:
    """A tenth of an acre, a full month, a metre and a half."""
    for match in _PART_OF_UNIT.finditer(folded):
        yield Quantity(
            *match.span(), match[0], _PARTS_EN[match["part"]], _UNIT_WORDS[match["unit"]], "measure"
        )
    for match in _WHOLE_SPAN.finditer(folded):
        n, unit = (14.0, "day") if match["unit"] == "fortnight" else (1.0, match["unit"])
        yield Quantity(*match.span(), match[0], n, unit, "measure")
    for match in _AND_A_HALF.finditer(folded):
        yield Quantity(*match.span(), match[0], 1.5, _UNIT_WORDS[match["unit"]], "measure")


_SIDES_ZH = re.compile(
    rf"(?<![\u4e00-\u9fff])长(?P<a>{_N})[，,、]?宽(?P<b>{_N})(?:[，,、]?[高厚](?P<c>{_N}))?"
    rf"(?![\u4e00-\u9fff]?[{NUMERAL_CHARACTERS}米厘毫分寸尺\d.])"
)


def _spoken_zh(folded: str) -> Iterator[Quantity]:
    for match in _SIDES_ZH.finditer(folded):
        for name in "abc":
            if match[name]:
                start, end = match.span(name)
                yield Quantity(start, end, match[name], _number(match[name]), None, "number")
    for match in _JIN.finditer(folded):
        liang = 5.0 if match["liang"] == "半" else _number(match["liang"])
        yield Quantity(
            *match.span(), match[0], round(_number(match["jin"]) + liang / 10, 2), "jin", "measure"
        )
    for match in _LIANG.finditer(folded):
        yield Quantity(*match.span(), match[0], _number(match["n"] or match["n2"]) / 10, "jin", "measure")
    for match in _METRES.finditer(folded):
        more = _number(match["dm"])
        metres = _number(match["m"]) + (more / 100 if more >= 10 else more / 10)
        yield Quantity(*match.span(), match[0], round(metres, 2), "m", "measure")
    yield from _money_zh(folded)
    yield from _times_zh(folded)
    if _OF_HEAT.search(folded):
        for match in _DEGREES.finditer(folded):
            yield Quantity(*match.span(), match[0], _number(match["n"]), "°c", "measure")
    for match in _TEN_THOUSAND.finditer(folded):
        step = _number("一" + match["step"])
        value = _number(match["n"][0]) * step + _number(match["more"]) * _BELOW[match["step"]]
        yield Quantity(*match.span(), match[0], value, None, "number")
    for match in _SHARE.finditer(folded):
        more = 5.0 if match["more"] == "半" else _number(match["more"])
        yield Quantity(*match.span(), match[0], 10 * _number(match["n"]) + more, "%", "percent")


def _money_zh(folded: str) -> Iterator[Quantity]:
    """三块九毛五, 两毛, 五分钱."""
    covered: set[int] = set()
    for match in _YUAN.finditer(folded):
        covered.update(range(*match.span()))
        value = _number(match["n"]) + _number(match["jiao"]) / 10 + _number(match["fen"] or "0") / 100
        yield Quantity(*match.span(), match[0], round(value, 2), None, "price", "CNY", ("CNY",))
    for match in _COINS.finditer(folded):
        corner = match["unit"] == "角" and _CORNER_OF.search(folded, 0, match.start())
        if corner or match.start() in covered or match.end() - 1 in covered:
            continue
        value = _number(match["n"]) / (100 if match["unit"] == "分" else 10)
        if match["unit"] != "分" or match[0].endswith("钱"):
            yield Quantity(*match.span(), match[0], value, None, "price", "CNY", ("CNY",))


def _times_zh(folded: str) -> Iterator[Quantity]:
    """一个半钟头, 半年, 三刻钟."""
    for match in _HOURS.finditer(folded):
        hours = 0.5 if match["n"] == "半" else _number(match["n"])
        yield Quantity(*match.span(), match[0], hours + (0.5 if match["half"] else 0.0), "hour", "measure")
    for match in _HALF_YEAR.finditer(folded):
        yield Quantity(*match.span(), match[0], 0.5, "year", "measure")
    for match in _QUARTER.finditer(folded):
        yield Quantity(*match.span(), match[0], 15.0 * _number(match["n"]), "minute", "measure")


_UNIT_WORDS = {
    "in": "in", "inch": "in", "inches": "in", "ft": "ft", "foot": "ft", "feet": "ft", "mile": "mile",
    "cm": "cm", "mm": "mm", "m": "m", "metre": "m", "meter": "m", "lb": "lb", "pound": "lb",
    "oz": "oz", "ounce": "oz",
    "kg": "kg", "kilo": "kg", "gram": "g", "g": "g", "l": "l", "litre": "l", "liter": "l", "gallon": "gallon",
    "hour": "hour", "minute": "minute", "day": "day", "year": "year",
    "acre": "acre", "hectare": "hectare", "tonne": "t", "kilowatt": "kw", "kilogram": "kg", "yard": "yard",
}  # fmt: skip
_FRACTION = re.compile(
    r"(?<![\d./])(?:(?P<whole>\d{1,3})(?:[ -](?P<a>[1-9])/(?P<b>[2-9]|16)| ?(?P<sign>[½¼¾⅓⅔]))"
    r"|(?P<only>[½¼¾⅓⅔]))[ -]?"
    rf"(?P<unit>{'|'.join(sorted(_UNIT_WORDS, key=len, reverse=True))})(?:e?s)?(?![a-z])"
)
_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_INCHES = re.compile(r"(?<![\w.])(?P<n>\d{1,3}(?:\.\d{1,2})?) in(?=$|[\n,;)]|\. |\.$)", re.MULTILINE)
_PARTS_EN = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "three quarters": 0.75}
_PART_OF_UNIT = re.compile(
    rf"(?<![a-z])(?:an? |one )?(?P<part>{'|'.join(_PARTS_EN)}) (?:of )?an? (?P<unit>{'|'.join(_UNIT_WORDS)})(?![a-z])"
)
_WHOLE_SPAN = re.compile(
    r"(?<![a-z])(?:one|an?) (?:full|whole|entire|solid) (?P<unit>day|week|month|year|fortnight)(?![a-z])"
)
_AND_A_HALF = re.compile(rf"(?<![a-z])(?:one|an?) (?P<unit>{'|'.join(_UNIT_WORDS)}) and a half(?![a-z])")
_ONE = re.compile(
    r"(?<![a-z])(?:one|an?) (?:full|whole|good|solid|entire|generous|clean|round) "
    r"(?P<unit_3>kilo|kilogram|pound|litre|liter|metre|meter|gallon|ounce|foot|hour|tonne)(?![a-z])|"
    r"(?<![a-z])(?:one|a|an)[ -](?P<unit>foot|metre|meter|litre|liter|gallon|kilo|pound|ounce|inch|hour|minute|mile)"
    r"(?: (?:tall|wide|long|high|deep|across|thick|run ?time|battery|charge)|-(?=[a-z]))"
    r"|(?<![a-z])(?<!half )(?<!of )an? (?P<unit_4>kilo|kilogram|pound|litre|liter|gallon|tonne|kilowatt)(?= of )"
    r"|(?<![a-z])one[ -](?P<unit_2>litre|liter|kilo|pound|gallon|metre|meter|hour|ounce)(?![a-z])"
)
_DEGREES = re.compile(
    rf"(?P<n>{_N})度(?=的?[^度数角旋转电近老]{{0,4}}(?:水|热|温|烫|油|蒸|烤|恒温)|[，。！？,.!? 、]|$)"
)
_OF_HEAT = re.compile(r"温|热|烫|℃|°c|煮|烤|沸")
_HOURS = re.compile(rf"(?P<n>{_N}|半)个(?P<half>半)?钟头?(?![一-鿿]?点)")
_TEN_THOUSAND = re.compile(
    r"(?P<n>[一两二三四五六七八九]{1}(?P<step>[万千百])(?P<more>[一二三四五六七八九]))(?![一-鿿]?[十百千万多几年月天])"
)
_BELOW = {"万": 1e3, "千": 1e2, "百": 1e1}
_TIMES_MEASURE = re.compile(
    r"(?<![\d.])(?P<n>\d{1,3}) ?[x×*] ?(?P<v>\d{1,5}(?:\.\d)?) ?(?P<unit>ml|g|kg|l|oz)(?![a-z])"
)

_PARTS = {("hour", "minute"): 60, ("minute", "second"): 60, ("ft", "in"): 12, ("lb", "oz"): 16}


def _joined(quantities: list[Quantity]) -> Iterator[Quantity]:
    """Quantities of which the second is a part of the first as one: 1小时20分钟."""
    last: Quantity | None = None
    for quantity in quantities:
        if last is not None and 0 <= quantity.start - last.end <= 1:
            parts = _PARTS.get((last.unit or "", quantity.unit or ""))
            if parts:
                text = f"{last.text}{quantity.text}"
                last = replace(last, end=quantity.end, text=text, value=last.value + quantity.value / parts)
                continue
        if last is not None:
            yield last
        last = quantity
    if last is not None:
        yield last


def _number(word: str) -> float:
    return float(word) if word[0].isdecimal() else parse_chinese(word) or 0.0
