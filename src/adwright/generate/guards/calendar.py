"""When an offer or a sale begins and ends: the evidence for what a text says of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from adwright.generate.facts import runs, sale_runs
from adwright.schema import Language, Offer, Product

HOURS: dict[Language, tuple[float, ...]] = {"zh": (8.0, 0.0), "en": (0.0, -5.0, -8.0)}
"""Hours east of Greenwich where the readers of a language live: 2026-11-23T07:59Z is a Sunday in California."""

_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The dates of the offer and of the sales.

    Args:
        now: The time.
        ends: When what runs now ends.
        starts: When what runs now began.
        future: When what does not run yet will begin.
        over: When what no longer runs ended.
        announced: When what does not run yet will end.
        durations: How long each that runs or is announced lasts as a whole.
        runs: Whether something runs now that has a term, a discount or a date.
    """

    now: datetime
    ends: tuple[datetime, ...]
    starts: tuple[datetime, ...]
    future: tuple[datetime, ...]
    over: tuple[datetime, ...]
    runs: bool
    announced: tuple[datetime, ...] = ()
    durations: tuple[timedelta, ...] = ()

    @property
    def remaining(self) -> timedelta | None:
        """How long until the first end; None where none is known."""
        return min(self.ends) - self.now if self.ends else None

    def ends_on(self, offsets: Iterable[int], language: Language) -> bool:
        """Whether what runs or is announced ends so many days after today, where the readers live."""
        return self._on((*self.ends, *self.announced), offsets, language)

    def ended_on(self, offsets: Iterable[int], language: Language) -> bool:
        """Whether something ended so many days after today; a day of the past is below zero."""
        return self._on(self.over, offsets, language)

    def _on(self, ends: Iterable[datetime], offsets: Iterable[int], language: Language) -> bool:
        wanted = set(offsets)
        return any(
            (day(end - _INSTANT, hours) - day(self.now, hours)).days in wanted
            for end in ends
            for hours in (*HOURS[language], _own_hours(end))
        )

    def starts_on(self, offsets: Iterable[int], language: Language) -> bool:
        """Whether something begins so many days after today."""
        wanted = set(offsets)
        return any(
            (day(start, hours) - day(self.now, hours)).days in wanted
            for start in (*self.future, *self.starts)
            for hours in (*HOURS[language], _own_hours(start))
        )

    def today(self, language: Language) -> date:
        """The day on which the readers read."""
        return day(self.now, HOURS[language][0])


def day(time: datetime, hours: float) -> date:
    """The calendar day so many hours east of Greenwich."""
    return (time + timedelta(hours=hours) - (time.utcoffset() or timedelta())).date()


def _own_hours(time: datetime) -> float:
    """Hours east of Greenwich where the shop lives that wrote the time."""
    return (time.utcoffset() or timedelta()) / timedelta(hours=1)


def told_times(times: Iterable[datetime]) -> str:
    """Times for people, in UTC; a dash where there are none.

    >>> told_times([datetime.fromisoformat("2026-11-22T23:59:59+08:00")])
    '2026-11-22 15:59Z'
    """
    return ", ".join(t.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ") for t in times) or "—"


def calendar_of(products: Sequence[Product], offer: Offer | None, now: datetime) -> Calendar:
    """The dates of these products' sales and of the offer."""
    spans: list[tuple[datetime | None, datetime | None]] = [
        (p.sale_starts_at, p.sale_ends_at)
        for p in products
        if p.sale_price_minor is not None
        and (sale_runs(p, now) or not runs(p.sale_starts_at, p.sale_ends_at, now))
    ]
    if offer is not None:
        spans.append((offer.starts_at, offer.ends_at))
    running = [(s, e) for s, e in spans if runs(s, e, now)]
    return Calendar(
        now=now,
        ends=tuple(e for _, e in running if e is not None),
        starts=tuple(s for s, _ in running if s is not None),
        future=tuple(s for s, _ in spans if s is not None and s > now),
        over=tuple(e for _, e in spans if e is not None and e < now),
        runs=bool(running),
        announced=tuple(e for s, e in spans if s is not None and e is not None and s > now),
        durations=tuple(e - s for s, e in spans if s is not None and e is not None and e >= now),
    )
