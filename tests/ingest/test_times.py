from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from adwright.errors import UsageError
from adwright.ingest.report import RowError
from adwright.ingest.times import EPOCH, TimeReader

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(value: object, time_format: str = "iso") -> datetime:
    micros = TimeReader(NOW, time_format, Counter()).read(value, "at")
    return EPOCH + timedelta(microseconds=micros)


@pytest.mark.parametrize(
    ("value", "time_format", "expected"),
    [
        ("2025-03-01T12:00:00Z", "iso", datetime(2025, 3, 1, 12, tzinfo=UTC)),
        ("2025-03-01T12:00:00.123456+08:00", "iso", datetime(2025, 3, 1, 4, 0, 0, 123456, tzinfo=UTC)),
        ("2025-03-01", "iso", datetime(2025, 3, 1, tzinfo=UTC)),
        (1740830400, "epoch_s", datetime(2025, 3, 1, 12, tzinfo=UTC)),
        ("1740830400000", "epoch_ms", datetime(2025, 3, 1, 12, tzinfo=UTC)),
        ("01/03/2025 12:00", "%d/%m/%Y %H:%M", datetime(2025, 3, 1, 12, tzinfo=UTC)),
        (201400, "yearweek", datetime(2013, 12, 30, tzinfo=UTC)),  # the week before the first Monday
        ("201401", "yearweek", datetime(2014, 1, 6, tzinfo=UTC)),  # date +%W -d 2014-01-06 says 01
        ("2014-W25", "isoweek", datetime(2014, 6, 16, tzinfo=UTC)),
        (date(2025, 3, 1), "iso", datetime(2025, 3, 1, tzinfo=UTC)),
    ],
)
def test_each_format_is_read(value: object, time_format: str, expected: datetime) -> None:
    assert read(value, time_format) == expected


@pytest.mark.parametrize("value", ["1999-12-31T23:59:59Z", "2026-01-02T00:00:01Z", "0001-01-01"])
def test_impossible_times_are_refused(value: str) -> None:
    with pytest.raises(RowError) as caught:
        read(value)
    assert caught.value.code == "impossible_time"


def test_a_clock_may_run_ahead_by_a_day_and_a_sale_may_end_later() -> None:
    reader = TimeReader(NOW, "iso", Counter())
    assert reader.read("2026-01-01T23:59:59Z", "at")
    assert reader.read("2030-01-01T00:00:00Z", "sale", may_be_ahead=True)


@pytest.mark.parametrize("value", ["yesterday", "2025-02-30", "", 17, None, True, ["2025-01-01"]])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(RowError) as caught:
        read(value)
    assert caught.value.code == "unreadable_time"


@pytest.mark.parametrize("value", ["nan", "inf", True, "x", 1e300])
def test_an_epoch_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(RowError):
        read(value, "epoch_s")


def test_a_time_without_zone_is_read_as_utc_and_counted() -> None:
    counts: Counter[str] = Counter()
    reader = TimeReader(NOW, "iso", counts)
    assert reader.read("2025-03-01T12:00:00", "at") == reader.read("2025-03-01T12:00:00Z", "at")
    assert counts["time_without_zone"] == 1


def test_an_unknown_format_or_a_present_without_zone_is_the_callers_fault() -> None:
    with pytest.raises(UsageError, match="yearweek"):
        TimeReader(NOW, "stardate", Counter())
    with pytest.raises(UsageError, match="zone"):
        TimeReader(datetime(2026, 1, 1), "iso", Counter())
