"""What a text says comes with the goods although the catalogue says no: a bulb, of `bulb: not included`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.fields import Field, word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue

_LEFT_OUT = cue("in_the_box.left_out")
_BEFORE = cue("in_the_box.before")
_AFTER = cue("in_the_box.after")


def in_the_box_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each thing that is not in the box and is said to be."""
    for name in _not_in_the_box(support.fields):
        for match in word_forms(name).finditer(reading.folded):
            start, end = match.span()
            if not (_BEFORE.search(reading.before(start, 24)) or _AFTER.match(reading.after(end, 24))):
                continue
            if any(s < end and start < e for s, e in judged) or reading.denies_in_clause(start, end):
                continue
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")


@functools.lru_cache(maxsize=64)
def _not_in_the_box(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Names of fields whose value says so, and of the things right before it in a value."""
    found = []
    for field in fields:
        match = _LEFT_OUT.search(field.value)
        if match is not None:
            found.append(field.name)
            before = re.search(r"([a-z]{4,}),? $|([一-鿿]{2,3})[,，(（]?$", field.value[: match.start()])
            if before is not None:
                found.append(before[1] or before[2])
    return tuple(dict.fromkeys(found))
