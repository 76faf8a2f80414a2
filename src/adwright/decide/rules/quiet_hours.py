"""Nobody is contacted at night, by the clock on their own wall."""

from __future__ import annotations

from datetime import time

import numpy as np

from adwright.decide.rules.budget import zone_named
from adwright.decide.rules.rule import Request, StatelessRule
from adwright.errors import UsageError
from adwright.schema import Bools


class QuietHours(StatelessRule):
    """In channels that reach out, nothing from `start` to `end` in the customer's own time zone.

    The zone is the customer's attribute `time_zone` (an IANA name), else `default_zone`. A zone that nobody
    knows is no licence to guess: that customer is not contacted.

    Args:
        start: When the quiet begins, local time; it is part of it.
        end: When it ends, local time; it is not. Earlier than `start` means over midnight.
        default_zone: For customers without a zone.
    """

    name = "quiet_hours"

    def __init__(self, start: time = time(21), end: time = time(9), *, default_zone: str = "UTC") -> None:
        if start == end:
            raise UsageError("quiet hours that never end or never begin", argument="end", value=str(end))
        self.start, self.end = start, end
        self._default = zone_named(default_zone)
        self._default_name = default_zone

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        if not request.contacts:
            return np.ones((1, 1), np.bool_)
        n = request.shape[0]
        names = [c.attributes.get("time_zone", self._default_name) for c in request.customers or ()]
        names = names or [self._default_name] * n
        awake = {name: self._is_awake(name, request) for name in set(names)}
        return np.array([awake[name] for name in names], np.bool_).reshape(-1, 1)

    def _is_awake(self, zone: str, request: Request) -> bool:
        try:
            local = request.now.astimezone(zone_named(zone)).time()
        except UsageError:
            return False
        if self.start < self.end:
            return not self.start <= local < self.end
        return self.end <= local < self.start
