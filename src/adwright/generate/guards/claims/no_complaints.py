"""That nobody has a bad word for the goods, held against the stars of every review on file.

Holds when: whoever keeps back a star had a reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_SPOTLESS = Gated(cue("no_complaints.said"))
_CONTENT = 5  # stars


def no_complaint_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such claim; one without reviews, or against a review of fewer than five stars, is not borne out."""
    given = [*(r for _, r in support.reviews), *support.unverified_ratings]
    fine = bool(support.reviews) and all(r is None or r >= _CONTENT for r in given)
    for match in _SPOTLESS.finditer(reading.folded):
        yield Claim("facts.social_proof", None if fine else "block", *match.span(), "quotation")
