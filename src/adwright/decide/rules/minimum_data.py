"""No adapting before every content has been seen often enough to say something of it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from adwright.decide.rules.rule import Index, Request
from adwright.errors import UsageError
from adwright.schema import F64, Bools


class MinimumData:
    """Until each eligible content has so many exposures, those that are short of it are shown, all alike.

    Args:
        n_exposures: Per content, 0 or more.
        shown: Content -> exposures so far.
    """

    name = "minimum_data"

    def __init__(self, n_exposures: int, *, shown: dict[str, int] | None = None) -> None:
        if n_exposures < 0:
            raise UsageError("not a count", argument="n_exposures", value=n_exposures, allowed="0 or more")
        self.n_exposures = n_exposures
        self._shown: Counter[str] = Counter(shown or {})

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`: it forbids nothing, it reshapes."""
        return np.ones((1, 1), np.bool_)

    def reshaped(self, vectors: F64, mask: Bools, request: Request) -> F64:
        """The vectors (n, n_arms), uniform over the eligible contents that are short of data, if any are."""
        short = np.array([self._shown[c] < self.n_exposures for c in request.content_ids])
        wanted = mask & short
        n = wanted.sum(axis=1, keepdims=True)
        return np.asarray(np.where(n > 0, wanted / np.maximum(n, 1), vectors))

    def note(self, request: Request, index: Index) -> None:
        """See `Rule.note`."""
        counts = np.bincount(index, minlength=len(request.content_ids))
        self._shown.update(dict(zip(request.content_ids, counts.tolist(), strict=True)))
