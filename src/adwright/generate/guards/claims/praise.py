"""Perfect scores in words, held against the rating; and what all who reviewed gave, held against their reviews.

Does not cover: praise without a score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_FULL_MARKS = Gated(cue("praise.full_marks"))
_NEAR_MISS = cue("praise.near_miss")
_UNANIMOUS = Gated(cue("praise.unanimous"))
_STARS = cue("praise.stars")
_ONE_OF_THEM = re.compile(r"一(?:条|位|个|名)|其中|(?<![a-z])(?:one|a) (?:buyer|customer|reviewer|of)")
_BEST, _ALMOST_BEST = 4.95, 4.7


def praise_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such claim; one that rating or reviews bear out has no severity."""
    folded = reading.folded
    ratings = [r for _, r in support.reviews if r is not None]
    for match in _UNANIMOUS.finditer(folded):
        stars = _STARS.match(folded, match.end())
        value = said_number(next(v for v in stars.groups() if v)) if stars else None
        if stars is None or value is None:
            continue
        more = stars["more"] is not None or stars["more_zh"] is not None
        count = said_number(said) if (said := match["zh"] or match["zh2"]) else None
        fine = (
            bool(ratings)
            and count in (None, len(ratings))
            and all(r >= value if more else r == value for r in ratings)
        )
        yield Claim("facts.social_proof", None if fine else "block", match.start(), stars.end(), "rating")
    for match in _FULL_MARKS.finditer(folded):
        if reading.denies(*match.span()):
            continue
        near = _NEAR_MISS.search(match[0]) is not None
        least = _ALMOST_BEST if near else _BEST
        fine = support.rating is not None and support.rating >= least
        one_of_them = not near and 5 in ratings and _ONE_OF_THEM.search(folded) is not None
        shown = "" if support.rating is None else f"{support.rating:g}"
        yield Claim(
            "facts.social_proof", None if fine or one_of_them else "block", *match.span(), "rating", shown
        )
