"""A budget a day that is never overspent, and lasts through the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from adwright.decide.rules.rule import Index, Request
from adwright.errors import UsageError
from adwright.schema import F64, Bools


class Budget:
    """Contents that cost something are eligible only while today's budget, so far, allows them.

    By the share s of the day's traffic that has come, at most (s + slack) of the budget is spent. A batch is
    cut where the next draw could break the limit, and the rest decided anew, so spend never exceeds it.

    Args:
        daily_minor: Budget of one day, minor units.
        cost_minor: Content -> cost of one exposure, minor units; contents that are not named are free.
        traffic_by_hour: 24 weights, the usual traffic by hour of the day; None for all alike.
        slack: Share of the budget that may be spent ahead of the traffic; 1 for no pacing.
        time_zone: Whose day it is, as in the IANA data base.
    """

    name = "budget"

    def __init__(
        self,
        daily_minor: float,
        cost_minor: Mapping[str, float],
        *,
        traffic_by_hour: Sequence[float] | None = None,
        slack: float = 0.05,
        time_zone: str = "UTC",
    ) -> None:
        if not daily_minor >= 0 or any(not 0 <= c < np.inf for c in cost_minor.values()):
            raise UsageError("not money", argument="daily_minor", value=(daily_minor, dict(cost_minor)))
        weights = np.ones(24) if traffic_by_hour is None else np.asarray(traffic_by_hour, dtype=np.float64)
        if weights.shape != (24,) or np.any(weights < 0) or not weights.sum() > 0:
            raise UsageError("not 24 weights", argument="traffic_by_hour", value=weights.tolist())
        if not 0 <= slack <= 1:
            raise UsageError("not a share", argument="slack", value=slack, allowed="0 to 1")
        self.daily_minor, self.cost_minor, self.slack = float(daily_minor), dict(cost_minor), slack
        self._by_hour = np.append(0.0, np.cumsum(weights / weights.sum()))
        self._zone = zone_named(time_zone)
        self._spent: dict[date, float] = {}

    def spent_minor(self, day: date) -> float:
        """What was spent on that day."""
        return self._spent.get(day, 0.0)

    def limit_minor(self, now: datetime) -> float:
        """What may have been spent by now today."""
        local = now.astimezone(self._zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        share = float(np.interp(hour, np.arange(25), self._by_hour))
        return self.daily_minor * min(1.0, share + self.slack)

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        costs = self._costs(request)
        return np.asarray((costs == 0) | (costs <= self._left(request.now)))[None, :]

    def admitted(self, request: Request, index: Index) -> int:
        """How many of the draws, from the first, are sure to be within the limit whatever the next one is."""
        costs = self._costs(request)
        left = self._left(request.now)
        dearest = costs[costs <= left].max(initial=0.0)
        before = np.append(0.0, np.cumsum(costs[index])[:-1])
        over = np.flatnonzero(before + dearest > left + 1e-9 * max(self.daily_minor, 1.0))
        return len(index) if dearest == 0.0 or not len(over) else int(over[0])

    def note(self, request: Request, index: Index) -> None:
        """See `Rule.note`."""
        day = request.now.astimezone(self._zone).date()
        self._spent[day] = self.spent_minor(day) + float(self._costs(request)[index].sum())

    def _costs(self, request: Request) -> F64:
        return np.array([self.cost_minor.get(c, 0.0) for c in request.content_ids])

    def _left(self, now: datetime) -> float:
        return self.limit_minor(now) - self.spent_minor(now.astimezone(self._zone).date())


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name.

    Raises:
        UsageError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            "unknown time zone", argument="time_zone", value=name, allowed="such as Asia/Shanghai"
        ) from error
