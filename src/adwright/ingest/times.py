"""Times as they are written in files, to microseconds since 1970 in UTC."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from adwright.errors import UsageError
from adwright.ingest.report import RowError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""A time further in the future than this is impossible; clocks do run ahead by less."""

TIME_FORMATS = ("iso", "epoch_s", "epoch_ms", "yearweek", "isoweek")
_MICROSECOND = timedelta(microseconds=1)


class TimeReader:
    """Reads times of one format and refuses impossible ones.

    Args:
        now: The present, aware; times more than a day later are refused.
        time_format: "iso" (ISO 8601), "epoch_s", "epoch_ms", "yearweek" (201425: the Monday of week 25 of
            2014 as strptime's %W counts, from week 0 before the first Monday), "isoweek" (the same by ISO
            8601's count), or a pattern of strptime such as "%d/%m/%Y %H:%M".
        counts: Where "time_without_zone" is counted; such a time is read as UTC.

    >>> reader = TimeReader(datetime(2026, 1, 1, tzinfo=UTC), "yearweek", Counter())
    >>> EPOCH + timedelta(microseconds=reader.read(201425, "at"))
    datetime.datetime(2014, 6, 23, 0, 0, tzinfo=datetime.timezone.utc)
    """

    def __init__(self, now: datetime, time_format: str, counts: Counter[str]) -> None:
        if now.tzinfo is None:
            raise UsageError("a time without a zone", argument="now", value=now, allowed="an aware datetime")
        self._earliest = (EARLIEST - EPOCH) // _MICROSECOND
        self._latest = (now + AHEAD - EPOCH) // _MICROSECOND
        self._parse = _parser(time_format)
        self._counts = counts

    def read(self, value: object, name: str, *, may_be_ahead: bool = False) -> int:
        """Microseconds since 1970; an unreadable or impossible time raises `RowError`.

        Args:
            value: The time as it stands in the file.
            name: The field's name, for the reason.
            may_be_ahead: Whether it may lie in the future, as the end of a sale does.
        """
        moment = self._moment(value, name)
        if moment.tzinfo is None:
            self._counts["time_without_zone"] += 1
            moment = moment.replace(tzinfo=UTC)
        micros = (moment - EPOCH) // _MICROSECOND
        if micros < self._earliest or (micros > self._latest and not may_be_ahead):
            side = "before 2000" if micros < self._earliest else "more than a day in the future"
            raise RowError("impossible_time", name, f"{name} is {side}")
        return micros

    def _moment(self, value: object, name: str) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        try:
            return self._parse(value)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            raise RowError("unreadable_time", name, f"{name} is not a time in the expected format") from error


def _parser(time_format: str) -> Callable[[object], datetime]:
    if time_format == "iso":
        return _iso
    if time_format in ("epoch_s", "epoch_ms"):
        scale = 1.0 if time_format == "epoch_s" else 1000.0
        return lambda value: datetime.fromtimestamp(_number(value) / scale, tz=UTC)
    if time_format == "yearweek":
        return lambda value: datetime.strptime("{}-{}-1".format(*_year_and_week(value)), "%Y-%W-%w")
    if time_format == "isoweek":
        return lambda value: datetime.fromisocalendar(*_year_and_week(value), 1)
    if "%" in time_format:
        return lambda value: datetime.strptime(_text(value), time_format)
    raise UsageError(
        "unknown format of times",
        argument="time_format",
        value=time_format,
        allowed=", ".join(TIME_FORMATS) + " or a pattern such as %d/%m/%Y",
    )


def _iso(value: object) -> datetime:
    return datetime.fromisoformat(_text(value))


def _year_and_week(value: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{4})-?W?(\d{2})", str(value).strip())
    if match is None:
        raise ValueError("not a year and a week")
    return int(match[1]), int(match[2])


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("not a text")
    return value.strip()


def _number(value: object) -> float:
    if isinstance(value, bool):
        raise TypeError("not a number")
    if isinstance(value, int | float | str):
        return float(value)
    raise TypeError("not a number")
