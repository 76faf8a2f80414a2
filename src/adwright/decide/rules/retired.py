"""What is withdrawn is not shown from that moment on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from adwright.decide.rules.rule import Request, StatelessRule
from adwright.schema import Bools


class Retired(StatelessRule):
    """Contents that must not be shown any more; outcomes of earlier exposures still count.

    Args:
        content_ids: Those that are withdrawn already.
    """

    name = "retired"

    def __init__(self, content_ids: Iterable[str] = ()) -> None:
        self._withdrawn = set(content_ids)

    def retire(self, content_id: str) -> None:
        """Withdraws a content, now."""
        self._withdrawn.add(content_id)

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        return np.array([c not in self._withdrawn for c in request.content_ids])[None, :]
