"""What no review is said to mention, held against the verified reviews: "not one buyer has mentioned a smell".

Does not cover: what reviews say of it in words of their own, as "stinks" for a smell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.counted import stem
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_EN, _ZH = Gated(cue("unmentioned.en")), Gated(cue("unmentioned.zh"))
_LITTLE = frozenset({"any", "the", "its", "with", "about", "ever", "this", "that", "and"})


def unmentioned_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such claim; one without reviews, or against one of them, is not borne out."""
    for pattern in (_EN, _ZH):
        for match in pattern.finditer(reading.folded):
            heard = any(_mentions(review, match["what"]) for review, _ in support.reviews)
            fine = bool(support.reviews) and not heard
            yield Claim("facts.social_proof", None if fine else "block", *match.span(), "quotation")


def _mentions(review: str, what: str) -> bool:
    """Whether a review holds a word of English or two characters in a row of Chinese."""
    if what.isascii():
        wanted = {stem(w) for w in re.findall(r"[a-z]{3,}", what)} - _LITTLE
        said = {stem(w) for w in re.findall(r"[a-z]{3,}", review)}
        return any(s.startswith(w) or w.startswith(s) for w in wanted for s in said if len(s) > 2)
    return any(what[i : i + 2] in review for i in range(len(what) - 1)) or what in review
