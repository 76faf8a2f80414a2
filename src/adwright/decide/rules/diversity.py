"""Nobody sees the same again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from adwright.decide.rules.rule import Index, Request
from adwright.errors import UsageError
from adwright.schema import Bools


class Diversity:
    """A customer sees contents of one group at most so many times within a window.

    Args:
        most: Times, at least 1.
        window_h: Length of the window, hours.
        group_of: Content -> group (a product, an angle); a content that is not named is its own group.
    """

    name = "diversity"

    def __init__(
        self, most: int, *, window_h: float = 24.0, group_of: Mapping[str, str] | None = None
    ) -> None:
        if most < 1 or not window_h > 0:
            raise UsageError("not a limit", argument="most", value=(most, window_h), allowed="1 or more")
        self.most, self._window = most, timedelta(hours=window_h)
        self._group_of = dict(group_of or {})
        self._seen: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        groups = [self._group_of.get(c, c) for c in request.content_ids]
        mask = np.ones(request.shape, np.bool_)
        since = request.now - self._window
        for row, customer in enumerate(request.customer_ids):
            if customer not in self._seen:
                continue
            recent = [group for at, group in self._seen[customer] if at > since]
            if len(recent) >= self.most:
                mask[row] = [recent.count(group) < self.most for group in groups]
        return mask

    def note(self, request: Request, index: Index) -> None:
        """See `Rule.note`."""
        since = request.now - self._window
        for customer, content in request.shown(index):
            kept = [pair for pair in self._seen[customer] if pair[0] > since]
            self._seen[customer] = [*kept, (request.now, self._group_of.get(content, content))]
