"""Nobody is contacted too often, whatever the channel."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np

from adwright.decide.rules.rule import Index, Request
from adwright.errors import UsageError
from adwright.schema import CONTACT_CHANNELS, Bools


class FrequencyCap:
    """A customer is reached at most so many times in a rolling window, over all channels that are counted.

    Where the clock runs backwards, contacts that lie in the future count: rather one too few than too many.

    Args:
        most: Contacts in the window, 0 or more.
        window_h: Length of the window, hours.
        channels: Whose contacts count and are limited, together; by default e-mail, push and SMS.
    """

    name = "frequency_cap"

    def __init__(
        self, most: int, *, window_h: float = 24.0 * 7, channels: frozenset[str] = CONTACT_CHANNELS
    ) -> None:
        if most < 0 or not window_h > 0:
            raise UsageError("not a limit", argument="most", value=(most, window_h), allowed="0 or more")
        self.most, self._window, self.channels = most, timedelta(hours=window_h), channels
        self._contacts: defaultdict[str, list[datetime]] = defaultdict(list)

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        if request.channel not in self.channels:
            return np.ones((1, 1), np.bool_)
        since = request.now - self._window
        n = [
            sum(at > since for at in self._contacts[c]) if c in self._contacts else 0
            for c in request.customer_ids
        ]
        return np.array(n).reshape(-1, 1) < self.most

    def note(self, request: Request, index: Index) -> None:
        """See `Rule.note`."""
        if request.channel not in self.channels:
            return
        since = request.now - self._window
        for customer, _ in request.shown(index):
            kept = [at for at in self._contacts[customer] if at > since]
            self._contacts[customer] = [*kept, request.now]
