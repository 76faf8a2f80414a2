"""Chinese numerals as numbers."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    **{c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000, "萬": 10_000, "億": 100_000_000}

NUMERAL_CHARACTERS = "".join((*_DIGITS, *_SMALL, *_LARGE))
"""Every character that a whole Chinese numeral may hold."""


def parse_chinese(numeral: str) -> float | None:
    """The value of a Chinese numeral; None where it is not one.

    Understands place value (三百二十), digit strings (二〇二四), decimals (三点五), and the spoken short
    form in which the last place is left out (两百五 is 250).

    >>> [parse_chinese(n) for n in ("十二", "两百五", "三万八", "二〇二四", "三点五", "点")]
    [12.0, 250.0, 38000.0, 2024.0, 3.5, None]
    """
    whole, point, decimals = numeral.partition("点")
    value = _parse_whole(whole)
    if value is None or not point:
        return None if value is None else float(value)
    if not decimals or any(c not in _DIGITS for c in decimals):
        return None
    return float(f"{value}.{''.join(str(_DIGITS[c]) for c in decimals)}")


def _parse_whole(numeral: str) -> int | None:
    if not numeral or len(numeral) > 40 or any(c not in NUMERAL_CHARACTERS for c in numeral):
        return None
    if all(c in _DIGITS for c in numeral):
        return int("".join(str(_DIGITS[c]) for c in numeral))
    return _parse_places(numeral)


def _parse_places(numeral: str) -> int | None:
    total, section, digit, last_place = 0, 0, None, 1
    for char in numeral:
        if char in _DIGITS:
            if digit:  # two digits in a row inside a numeral with places
                return None
            digit = _DIGITS[char]
            if digit == 0:
                last_place = 10  # after a zero the next digit stands for ones
        elif char in _SMALL:
            section += (1 if digit is None else digit) * _SMALL[char]
            digit, last_place = None, _SMALL[char]
        else:
            section += digit or 0
            place = _LARGE[char]
            total = total + section * place if total >= place else (total + section or 1) * place
            section, digit, last_place = 0, None, _LARGE[char]
    return total + section + (digit or 0) * max(last_place // 10, 1)
