"""How the quantities and days of a text stand to those of the evidence, as features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date

from adwright.generate.guards.borne_out.evidence import (
    CLAUSE_END,
    HAN,
    Evidence,
    content_of,
    days_left,
    in_base,
    is_content,
)
from adwright.generate.guards.calendar import HOURS
from adwright.generate.guards.claims.when import WHEN, offsets_of
from adwright.generate.guards.meaning.features import groups_of, pieces
from adwright.generate.guards.support import Support
from adwright.schema import Language
from adwright.text.numbers import Quantity

_BEFORE, _AFTER = 10, 12  # characters beside a quantity
_BESIDE_A_DAY = 10
_PENNY = 0.006
_WHOLE = 20  # from here on a price may be rounded
_SAME = 0.005  # relative
_DAYS = {"day": 1.0, "week": 7.0, "hour": 1 / 24}
_MOST_DAYS = 60


def beside(folded: str, quantity: Quantity) -> set[str]:
    """The pieces of its clause right before and after a quantity."""
    before = CLAUSE_END.split(folded[max(0, quantity.start - _BEFORE) : quantity.start])[-1]
    after = CLAUSE_END.split(folded[quantity.end : quantity.end + _AFTER])[0]
    return pieces(before) | pieces(after)


def relation(quantity: Quantity, support: Support) -> tuple[str, bool]:
    """How a quantity stands to the evidence, and whether that knows it."""
    value = quantity.value
    match quantity.kind:
        case "price":
            if quantity.currencies and support.currencies.isdisjoint(quantity.currencies):
                return "foreign", False
            return _of_price(value, support)
        case "percent":
            return _of_percent(value, support)
        case "date":
            known = support.names_date(value)
            return ("said" if known else "unknown"), known
        case "measure":
            if quantity.unit and support.names_measure(value, quantity.unit):
                return "same", True
            known = support.names_value(value)
            return ("value" if known else "unknown"), known
        case _:
            known = support.names_value(value)
            how = "value" if known else "unknown"
            if support.stock is not None:
                how += " stock" if value == support.stock else " fewer" if value < support.stock else " more"
            if support.rating is not None and value <= 5:
                how += " rating" if value == support.rating else ""
            return how, known


def _of_price(value: float, support: Support) -> tuple[str, bool]:
    pricing = support.pricing
    for how, amounts, holds in (
        ("now", pricing.now, True),
        ("was", pricing.was, True),
        ("saving", pricing.savings, True),
        ("ended", (*pricing.ended, *pricing.ended_savings), False),
        ("future", [amount for amount, _ in pricing.future], True),
        ("terms", pricing.terms_amounts, True),
    ):
        if any(
            abs(value - amount) <= _PENNY or (amount > _WHOLE and value == round(amount))
            for amount in amounts
        ):
            return how, holds
    known = support.names_value(value)
    return ("value" if known else "unknown"), known


def _of_percent(value: float, support: Support) -> tuple[str, bool]:
    pricing = support.pricing
    if any(abs(value - off) <= 0.01 or value == round(off) for off in pricing.off):
        return "off", True
    if value in pricing.ended_off:
        return "ended", False
    if value in pricing.future_off:
        return "future", True
    known = support.names_percent(value)
    return ("said" if known else "unknown"), known


def aligned(folded: str, quantities: Sequence[Quantity], evidence: Evidence) -> Iterator[str]:
    """Beside each quantity that of the evidence which stands by the same words: the same, less or more."""
    for quantity in quantities:
        if quantity.kind == "date":
            continue
        value, dimension = in_base(quantity)
        near = content_of(beside(folded, quantity))
        candidates = [
            (
                len(near & known.beside),
                abs(known.value - value) <= _SAME * max(known.value, value),
                known.value,
            )
            for known in evidence.quantities.get(dimension, ())
        ]
        if not candidates:
            yield f"{dimension} alone"
            continue
        shared, same, known_value = max(candidates)
        how = "same" if same else "less" if value < known_value else "more"
        stands_somewhere = any(same for _, same, _ in candidates)
        yield f"{quantity.kind} {how} {min(shared, 3)}"
        yield f"{dimension} {how} {min(shared, 1)}"
        yield f"{quantity.kind} {stands_somewhere} of {min(len(candidates), 3)}"
        if not stands_somewhere and value > 0 and known_value > 0:
            yield f"{quantity.kind} ratio {_size(value / known_value)} {min(shared, 1)}"


def _size(ratio: float) -> str:
    if 0.9 <= ratio <= 1.1:
        return "near"
    return "half" if 0.4 < ratio < 1 else "double" if 1 < ratio < 2.2 else "far"


def days(folded: str, quantities: Sequence[Quantity], support: Support) -> Iterator[str]:
    """How each day or span that a text names stands to begin and end of offer and sale, and the words beside it."""
    language: Language = "zh" if HAN.search(folded) else "en"
    calendar = support.calendar
    left = days_left(calendar, HOURS[language][0])
    for start, end, offsets, sort in _named_days(folded, quantities, calendar.today(language)):
        if calendar.ends_on(offsets, language):
            how = "end"
        elif calendar.ended_on(offsets, language):
            how = "ended"
        elif calendar.starts_on(offsets, language):
            how = "start"
        elif offsets and left is not None:
            how = "late" if max(offsets) > left else "early"
        else:
            how = "other" if offsets else "unknown"
        yield f"{sort} {how}"
        near = pieces(folded[max(0, start - _BESIDE_A_DAY) : start]) | pieces(
            folded[end : end + _BESIDE_A_DAY]
        )
        yield from (f"{sort} {how} {group}" for group in groups_of(near))
        yield from (f"{how} {piece}" for piece in near if is_content(piece))


def _named_days(
    folded: str, quantities: Sequence[Quantity], today: date
) -> Iterator[tuple[int, int, tuple[int, ...], str]]:
    """Start, end, days from today and sort of each word for a day, each date and each span of days."""
    for match in WHEN.finditer(folded):
        yield *match.span(), offsets_of(match, today), "word"
    for quantity in quantities:
        if quantity.kind == "date":
            offset = _days_until(int(quantity.value), today)
            if offset is not None:
                yield quantity.start, quantity.end, (offset,), "date"
        elif quantity.kind == "measure" and quantity.unit in _DAYS:
            n = _DAYS[quantity.unit] * quantity.value
            if n < _MOST_DAYS:
                yield quantity.start, quantity.end, (int(n),), "span"


def _days_until(value: int, today: date) -> int | None:
    """Days until a date yyyymmdd; the nearest one where no year is said, None where more is left unsaid."""
    year, month, of_month = value // 10_000, value // 100 % 100, value % 100
    years = (year,) if year else (today.year - 1, today.year, today.year + 1)
    offsets: list[int] = []
    for candidate in years:
        with suppress(ValueError):  # there is no such day
            offsets.append((date(candidate, month, of_month) - today).days)
    return min(offsets, key=abs, default=None)
