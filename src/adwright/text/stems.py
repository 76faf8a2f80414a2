"""English words without their usual endings, to compare them."""

from __future__ import annotations

import functools

_ENDINGS = ("ing", "ers", "ed", "es", "ly", "er", "'s", "s", "e", "y")


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without a usual ending; only used to compare, so it need be no word.

    >>> stem("relieves") == stem("relieving") == stem("relieve")
    True
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return stem(word[: -len(ending)]) if ending in ("ers", "'s", "s") else word[: -len(ending)]
    return word
