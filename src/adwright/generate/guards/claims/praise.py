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
_EVERY = re.compile("[全都清一统]")
_SHORT_OF = re.compile(
    r"(?:仅仅|只|就|还|仅|也){0,2}(?:差|缺|少)(?:了|着)?(?P<by>\d\.\d{1,2}|零?点[一二三四五六七八九])?"
)
"""How far off full marks a rating is: 离满分只差0.1."""
_FAR = 0.5  # of five: what nobody calls a little


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
        if short := _SHORT_OF.match(folded, match.end()):
            yield _distance(match.start(), short, support)
            continue
        near = _NEAR_MISS.search(match[0]) is not None
        least = _ALMOST_BEST if near else _BEST
        fine = support.rating is not None and support.rating >= least
        of_one = _ONE_OF_THEM.search(folded) is not None and not _EVERY.match(match[0])
        one_of_them = not near and 5 in ratings and of_one
        shown = "" if support.rating is None else f"{support.rating:g}"
        yield Claim(
            "facts.social_proof", None if fine or one_of_them else "block", *match.span(), "rating", shown
        )


def _distance(start: int, short: re.Match[str], support: Support) -> Claim:
    """What a rating lacks of five, in figures or "a little"."""
    lacks = None if support.rating is None else 5 - support.rating
    by = said_number(short["by"] if short["by"][0] != "点" else f"零{short['by']}") if short["by"] else None
    fine = lacks is not None and (0 < lacks <= _FAR if by is None else abs(lacks - by) < 0.005)
    shown = "" if support.rating is None else f"{support.rating:g}"
    return Claim("facts.social_proof", None if fine else "block", start, short.end(), "rating", shown)
