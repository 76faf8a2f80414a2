"""Whether a word for a taste or smell paints what the catalogue notes: "think dark chocolate" of `notes: cocoa`.

Holds when: the catalogue has a field of notes and names there a taste of the same family; the text speaks of taste.

Does not cover: families that the table lacks, and a taste that the catalogue puts in words of its own.
"""

from __future__ import annotations

import functools
import re

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue, words

_FIELD = cue("tastes.field")
_FRAME = cue("tastes.frame")
_NEAR = 60  # characters before the taste in which the text says that it speaks of one


def is_noted(word: str, span: tuple[int, int], reading: Reading, support: Support) -> bool:
    """Whether a field of notes has a taste of the word's family, and the text speaks of what it tastes like."""
    family = _family(word)
    if family is None or not _FRAME.search(reading.before(span[0], _NEAR) + reading.after(span[1], 6)):
        return False
    return any(
        field.says != "no" and _FIELD.search(field.name) and family.search(field.value)
        for field in support.fields
    )


@functools.lru_cache(maxsize=256)
def _family(word: str) -> re.Pattern[str] | None:
    for group in sorted(words("tastes.kin")):
        kin = group.split("|")
        if word in kin or word.removesuffix("s") in kin:
            latin = "|".join(re.escape(w) for w in kin if w.isascii())
            han = "|".join(w for w in kin if not w.isascii())
            return re.compile(rf"(?<![a-z])(?:{latin})s?(?![a-z])|{han}")
    return None
