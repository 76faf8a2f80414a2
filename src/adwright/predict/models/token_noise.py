"""Texts with tokens left out or exchanged: what training may read in place of a text, anew each time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from adwright.predict.encoder_config import Noise


def with_noise(
    ids: Sequence[int], noise: Noise, share: float, *, fixed: Collection[int], rng: np.random.Generator
) -> list[int]:
    """The token ids of a text after the noise.

    Args:
        ids: Of the text.
        noise: `dropout` leaves tokens out, but never all of them; `swap` exchanges a token with the next one.
        share: Of the tokens, how many on average.
        fixed: Ids that stay: the tokenizer's special tokens.
        rng: Draws.

    >>> rng = np.random.default_rng(0)
    >>> with_noise([101, 7, 8, 9, 102], "swap", 0.5, fixed={101, 102}, rng=rng)
    [101, 7, 9, 8, 102]
    """
    found = list(ids)
    free = [place for place, token in enumerate(found) if token not in fixed]
    if noise == "none" or not free:
        return found
    if noise == "swap":
        for (a, b), draw in zip(pairwise(free), rng.random(len(free) - 1), strict=True):
            if draw < share:
                found[a], found[b] = found[b], found[a]
        return found
    gone = rng.random(len(free)) < share
    gone[rng.integers(len(free))] &= not gone.all()
    left_out = {place for place, out in zip(free, gone, strict=True) if out}
    return [token for place, token in enumerate(found) if place not in left_out]
