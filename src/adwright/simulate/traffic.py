"""Who comes, when and where: channels, positions, seasons, and how long orders and returns take.

    season(day, category) = week(weekday) * (1 + 0.35 cos(2 pi (day of year - peak) / 365.25)), mean 1 a year
    bias_hk  ~ k ** -gamma over the positions k of channel h, scaled so that its mean over visits is 1
    order    = click + exp(N(ln 5 h, 1.3)), at least a minute, at most 14 days
    return   = order + exp(N(ln 9 days, 0.5)), 1 to 45 days

*Holds when* customers come independently of what they saw before. *Does not cover* fatigue or holidays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from adwright.schema import F64
from adwright.simulate.catalogue import categories

CHANNELS: tuple[str, ...] = ("onsite", "search_ads", "email", "push")
POSITION_SHARE: Mapping[str, tuple[float, ...]] = {
    "onsite": (0.35, 0.25, 0.18, 0.12, 0.10),
    "search_ads": (0.40, 0.30, 0.20, 0.10),
    "email": (1.0,),
    "push": (1.0,),
}
"""How visits spread over the positions of a channel, from the top."""

MAX_POSITIONS = 5

_WEEK = np.array([1.0, 0.96, 0.95, 0.97, 1.02, 1.08, 1.02])  # Monday first, mean 1
_YEARLY_SWING = 0.35
_HOUR_OF_DAY = np.array(
    [
        1,
        0.6,
        0.4,
        0.3,
        0.3,
        0.5,
        1.2,
        2.2,
        3,
        3.4,
        3.6,
        3.8,
        4.4,
        4,
        3.6,
        3.6,
        3.8,
        4.2,
        4.8,
        5.6,
        6.4,
        6,
        4.4,
        2.4,
    ]
)
_HOUR_US = 3_600_000_000

Times = npt.NDArray[np.datetime64]
Delays = npt.NDArray[np.timedelta64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Share and bias of each position, (n_channels, MAX_POSITIONS); 0 where a channel has no such position."""

    share: F64
    bias: F64


def draw_positions(rng: np.random.Generator) -> Positions:
    """The world's position bias: k ** -gamma, gamma from 0.4 to 1.0 for each channel."""
    share = np.zeros((len(CHANNELS), MAX_POSITIONS))
    for h, channel in enumerate(CHANNELS):
        share[h, : len(POSITION_SHARE[channel])] = POSITION_SHARE[channel]
    gamma = rng.uniform(0.4, 1.0, (len(CHANNELS), 1))
    bias = np.arange(1, MAX_POSITIONS + 1)[None, :] ** -gamma * (share > 0)
    return Positions(share, bias / (bias * share).sum(axis=1, keepdims=True))


def season(at: Times, category: Ints) -> F64:
    """The seasonal factor of demand at each time for each category index; the arrays broadcast."""
    days = at.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    day_of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    peaks = np.array([c.peak_month for c in categories()])[category]
    angle = 2.0 * np.pi * (day_of_year - (peaks - 0.5) * 30.44) / 365.25
    yearly = 1.0 + np.where(peaks > 0, _YEARLY_SWING, 0.0) * np.cos(angle)
    return np.asarray(_WEEK[weekday] * yearly, dtype=np.float64)


def draw_times_of_day(day: date | datetime, n: int, *, rng: np.random.Generator) -> Times:
    """`n` times on that UTC day, datetime64[us], few at night and most in the evening."""
    return later(np.full(n, day_start(day)), draw_day_offsets(n, rng=rng))


def later(at: Times, delay: Delays) -> Times:
    """The times (n,) that lie `delay` (n,) after `at`, datetime64[us]."""
    return np.asarray(at + delay, dtype="datetime64[us]")


def draw_day_offsets(n: int, *, rng: np.random.Generator) -> Delays:
    """`n` offsets from midnight, timedelta64[us]."""
    hours = rng.choice(24, n, p=_HOUR_OF_DAY / _HOUR_OF_DAY.sum())
    return ((hours + rng.random(n)) * _HOUR_US).astype(np.int64).astype("timedelta64[us]")


def day_start(day: date | datetime) -> np.datetime64:
    """Midnight UTC of that day; an aware time in another zone is brought to UTC first."""
    if isinstance(day, datetime):
        day = (day.astimezone(UTC) if day.tzinfo else day).date()
    return np.datetime64(day, "us")


def draw_order_delays(n: int, *, rng: np.random.Generator) -> Delays:
    """`n` times from click to order, timedelta64[us], a minute to 14 days."""
    hours = np.clip(np.exp(rng.normal(np.log(5.0), 1.3, n)), 1 / 60, 14 * 24)
    return (hours * _HOUR_US).astype(np.int64).astype("timedelta64[us]")


def draw_return_delays(n: int, *, rng: np.random.Generator) -> Delays:
    """`n` times from order to return, timedelta64[us], 1 to 45 days."""
    days = np.clip(np.exp(rng.normal(np.log(9.0), 0.5, n)), 1.0, 45.0)
    return (days * 24 * _HOUR_US).astype(np.int64).astype("timedelta64[us]")
