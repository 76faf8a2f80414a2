"""Ratios of the catalogue's own measures: a towel of 70 x 140 cm is half as wide as long, 20 of 60 g are a third.

Does not cover: which measure the text means; any two of one dimension bear a ratio out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from adwright.generate.guards.support import Support

_CLOSE = 0.05


def bears_ratio(ratio: float, support: Support, dimensions: Sequence[str]) -> bool:
    """Whether one measure of the catalogue is so many times another of the same of these dimensions.

    Args:
        ratio: 0.5 for "half as wide".
        support: The evidence.
        dimensions: For example `("length",)`.
    """
    return any(math.isclose(ratio, known, rel_tol=_CLOSE) for known in _ratios(support, dimensions))


def _ratios(support: Support, dimensions: Sequence[str]) -> Iterator[float]:
    measures = [(value, d) for value, d, _ in support.measures if d in dimensions and value > 0]
    for i, (one, dimension) in enumerate(measures):
        for j, (other, same) in enumerate(measures):
            if i != j and dimension == same:
                yield one / other
