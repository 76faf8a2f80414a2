"""Figures in a text: named there, put in by code, each with its source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adwright.errors import DataError, unknown_name
from adwright.material import Figure, Language
from adwright.text.currencies import format_money
from adwright.text.numbers import find_quantities

_NAME = re.compile(r"\{(\w+)\}")
_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}


def format_figure(figure: Figure, language: Language) -> str:
    """A figure as a reader of the language expects it.

    >>> format_figure(Figure(name="share", value=0.256, unit="share", source={}), "en")
    '25.6%'
    >>> format_figure(Figure(name="start", value=20261111, unit="date", source={}), "zh")
    '2026-11-11'
    """
    value = figure.value
    match figure.unit:
        case "money":
            return format_money(round(value), figure.currency or "USD", language)
        case "share":
            return f"{100 * value:.1f}%".replace(".0%", "%")
        case "rate":
            return f"{100 * value:.2f}%"
        case "hour":
            return f"{int(value):02}:00 UTC"
        case "weekday":
            return _WEEKDAYS[language][int(value) - 1]
        case "date":
            day = int(value)
            return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"
        case "days":
            return f"{value:g} 天" if language == "zh" else f"{value:g} day{'' if value == 1 else 's'}"
        case "count" | "score":
            return f"{value:,.4g}" if value != int(value) else f"{int(value):,}"


def fill_figures(text: str, figures: Sequence[Figure], language: Language) -> tuple[str, tuple[str, ...]]:
    """The text with each `{name}` replaced by that figure, and the names in the order in which they stand.

    Raises:
        DataError: a name that no figure has, with the nearest.
    """
    known = {figure.name: figure for figure in figures}
    used: list[str] = []

    def put(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise DataError(str(unknown_name("figure", match[1], known)))
        used.append(match[1])
        return format_figure(known[match[1]], language)

    return _NAME.sub(put, text), tuple(used)


def stray_quantity(text: str, *, allowed: Sequence[str] = ()) -> str | None:
    """The first number that is written out in a text rather than named; None where there is none.

    Small numbers in words ("two of them") are turns of phrase; amounts, per cents and dates never are.

    Args:
        text: With its `{names}`.
        allowed: Words that may hold numbers, such as the titles of products.
    """
    bare = _NAME.sub(" ", text)
    for words in sorted(allowed, key=len, reverse=True):
        bare = bare.replace(words, " ")
    for quantity in find_quantities(bare):
        if quantity.kind in ("price", "percent", "date") or not quantity.text.isalpha():
            return quantity.text
    return None


def source_lines(figures: Sequence[Figure], language: Language) -> str:
    """One line for each figure: its name, what it is, and where it comes from."""
    joint = "：" if language == "zh" else ": "
    return "\n".join(
        f"{f.name} = {format_figure(f, language)}{joint}{f.source.get(language, '')}" for f in figures
    )
