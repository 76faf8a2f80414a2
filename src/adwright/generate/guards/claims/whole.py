"""What is said of the whole of goods, where the catalogue allows it for some parts only: the entire bed in the wash.

Does not cover: parts that the text names one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_WHOLE = Gated(cue("whole.said"))
_CARE = cue("whole.care")
_SOME_PARTS = cue("whole.parts")
_NONE = cue("whole.not_so")
_NO = re.compile(r"(?<![a-z])(?:not|no|never|\w+n't)(?![a-z])|[不别勿没]")


def whole_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each such claim of washing or wetting all of it."""
    cares = [field for field in support.fields if _CARE.search(f"{field.name}: {field.value}")]
    if not any(
        _SOME_PARTS.search(field.value) and (_NONE.search(field.value) or field.says != "yes")
        for field in cares
    ):
        return
    for match in _WHOLE.finditer(reading.folded):
        start, end = match.span()
        if _NO.search(match[0]) or reading.denies_in_clause(start, end):
            continue
        if any(s < end and start < e for s, e in judged):
            continue
        judged.append((start, end))
        yield Claim("facts.feature", "block", start, end, "attribute_denied")
