"""Where words about other people are no statement: a practice denied, a wish, a joke, an invitation, a fib.

Does not cover: irony, and a denial in another sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.lexicon.cues import cue

_BEFORE = (cue("disowned.practice"), cue("disowned.wish"), cue("disowned.invitation"))
_FIB = cue("disowned.fib")
_INVITED = cue("disowned.invited")
_ANIMAL = cue("disowned.animal")
_SENTENCE_END = re.compile(r"[.!?。！？\n](?=\s|$|[\u4e00-\u9fff])")


def stated(claims: Iterable[Claim], reading: Reading) -> Iterator[Claim]:
    """The claims, of which those that the text does not make in earnest have no severity."""
    return (replace(c, severity=None) if c.severity and _is_disowned(c, reading) else c for c in claims)


def _is_disowned(claim: Claim, reading: Reading) -> bool:
    before = _SENTENCE_END.split(reading.before(claim.start, 40))[-1]
    after = _SENTENCE_END.split(reading.after(claim.end, 40))[0]
    said = reading.folded[claim.start : claim.end]
    return (
        any(pattern.search(before) for pattern in _BEFORE)
        or _FIB.match(after) is not None
        or _INVITED.search(f"{said}{after[:14]}") is not None
        or _ANIMAL.search(f"{before[-12:]}{said}{after[:32]}") is not None
    )
