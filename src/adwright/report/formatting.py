"""Numbers, money and dates as a reader of Chinese or of English expects them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TypeGuard

from adwright.report.figures import Estimate
from adwright.report.words import Messages
from adwright.schema import GoalKind
from adwright.text.numbers import format_money, minor_exponent

DASH = "–"
MINUS = "\N{MINUS SIGN}"
_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip


class Format:
    """How one run's numbers are written.

    Args:
        messages: The language.
        currency: ISO 4217; None where there is no money, and then values are written as bare numbers.

    >>> english = Format(Messages("en"), currency="USD")
    >>> english.value(1.2345, "revenue"), english.value(0.0123, "click"), english.rate(0.01234)
    ('$12.35', '12.3 clicks', '1.23%')
    """

    def __init__(self, messages: Messages, *, currency: str | None) -> None:
        self._messages = messages
        self._currency = currency
        if currency is not None:
            minor_exponent(currency)  # an unknown currency is an error here, not in the middle of a page

    def count(self, n: float | None) -> str:
        """A whole number, grouped."""
        return f"{round(n):,}".replace("-", MINUS) if _known(n) else DASH

    def decimal(self, x: float | None, digits: int = 3) -> str:
        """A plain number with that many decimals."""
        return f"{x:,.{digits}f}".replace("-", MINUS) if _known(x) else DASH

    def share(self, x: float | None) -> str:
        """A share of something in whole or tenth per cent; `x` is a fraction."""
        return f"{100 * x:,.{0 if _is_whole(100 * x) else 1}f}%".replace("-", MINUS) if _known(x) else DASH

    def rate(self, x: float | None) -> str:
        """A rate in per cent with about three significant digits; `x` is a fraction."""
        if not _known(x):
            return DASH
        digits = 1 if abs(x) >= 0.1 else 2 if abs(x) >= 0.01 else 3
        return f"{100 * x:.{digits}f}%".replace("-", MINUS)

    def p_value(self, p: float | None) -> str:
        """A p-value; the very small ones as a bound."""
        if not _known(p):
            return DASH
        return "< 0.001" if p < 0.001 else f"{p:.3f}"

    def money(self, amount_minor: float | None, *, digits: int | None = None) -> str:
        """An amount of minor units, with that many decimals; None keeps all that the currency has."""
        if not _known(amount_minor):
            return DASH
        if self._currency is None:
            return self.decimal(amount_minor, 1 if digits is None else digits)
        exponent = minor_exponent(self._currency)
        number = f"{abs(amount_minor) / 10**exponent:,.{exponent if digits is None else digits}f}"
        written = format_money(0, self._currency, self._messages.language).replace("0", number)
        return (MINUS if amount_minor < 0 and number.strip("0.,") else "") + written

    def value(self, per_exposure: float | None, goal: GoalKind, *, beside: float | None = None) -> str:
        """A value or rate per exposure, written per 1,000 exposures; large ones lose their decimals.

        Args:
            per_exposure: Minor units, or a fraction for a click or conversion goal.
            goal: What it is a value of.
            beside: The number next to which it stands, so that both have the same decimals.
        """
        if not _known(per_exposure):
            return DASH
        size = 1000 * max(abs(per_exposure), abs(beside or 0.0))
        if goal in ("click", "conversion"):
            digits = self.decimal(1000 * per_exposure, 1 if size < 100 else 0)
            return self._messages.say(f"unit.{goal}", {"x": digits})
        whole = 10 ** (2 + (0 if self._currency is None else minor_exponent(self._currency)))
        return self.money(1000 * per_exposure, digits=0 if size >= whole else None)

    def expected(self, estimate: Estimate, goal: GoalKind) -> str:
        """The middle of a value or rate, per 1,000 exposures, with the decimals of its interval."""
        return self.value(estimate.mean, goal, beside=estimate.high)

    def gain(self, estimate: Estimate, goal: GoalKind) -> str:
        """The middle of a difference, per 1,000 exposures, with its sign."""
        return ("+" if estimate.mean > 0 else "") + self.expected(estimate, goal)

    def bounds(self, estimate: Estimate | None, goal: GoalKind) -> str:
        """The interval of a value or rate, per 1,000 exposures; a dash where it has none."""
        if estimate is None or not _known(estimate.low) or not _known(estimate.high):
            return DASH
        return self.range(
            self.value(estimate.low, goal, beside=estimate.high),
            self.value(estimate.high, goal, beside=estimate.low),
        )

    def interval(self, estimate: Estimate | None, goal: GoalKind) -> str:
        """The interval with its level in words."""
        bounds = self.bounds(estimate, goal)
        if estimate is None or bounds == DASH:
            return DASH
        return self._messages.say("interval.text", {"level": self.share(estimate.level), "bounds": bounds})

    def range(self, low: str, high: str) -> str:
        """Two written numbers as a range; a dash where one is missing."""
        return (
            DASH if DASH in (low, high) else self._messages.say("interval.bare", {"low": low, "high": high})
        )

    def date(self, at: datetime | None) -> str:
        """The day, in UTC.

        >>> Format(Messages("zh"), currency=None).date(datetime(2026, 3, 9, tzinfo=UTC))
        '2026年3月9日'
        """
        if at is None:
            return DASH
        day = at.astimezone(UTC)
        if self._messages.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def moment(self, at: datetime | None) -> str:
        """The day and the minute, in UTC."""
        return DASH if at is None else f"{self.date(at)} {at.astimezone(UTC):%H:%M} UTC"


def _known(x: float | None) -> TypeGuard[float]:
    return x is not None and math.isfinite(x)


def _is_whole(x: float) -> bool:
    return abs(x - round(x)) < 0.05
