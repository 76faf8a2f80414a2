"""What a text says of single reviews: how many there are, how many gave so many stars, and what one of them gave.

Each is held against the verified reviews on file.

Does not cover: counts beyond twenty, which `crowds` reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_SHARES = (
    Gated(cue("reviews_counted.share_en")),
    Gated(cue("reviews_counted.of_all_en")),
    Gated(cue("reviews_counted.share_zh")),
)
_ONE_OF_THEM = Gated(cue("reviews_counted.one"))
_COUNTED = Gated(cue("reviews_counted.counted"))
_CROWD = 20


def review_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such claim; one that the reviews bear out has no severity."""
    ratings = [r for _, r in support.reviews]
    for pattern in _SHARES:
        for match in pattern.finditer(reading.folded):
            said = [_number(match["some"]), _number(match["all"]), _stars(match["stars"])]
            fine = said[1] == len(ratings) and said[0] == sum(r == said[2] for r in ratings)
            yield _claim(match.span(), fine=fine)
    for match in _ONE_OF_THEM.finditer(reading.folded):
        stars = _number(next(v for v in match.groups() if v))
        yield _claim(match.span(), fine=stars in ratings)
    for match in _COUNTED.finditer(reading.folded):
        n = _number(next(v for v in match.groups() if v))
        if n is None or n >= _CROWD or not ratings:
            continue
        yield _claim(match.span(), fine=n in (len(ratings), *support.values))


def _claim(span: tuple[int, int], *, fine: bool) -> Claim:
    return Claim("facts.social_proof", None if fine else "block", *span, "quotation")


def _stars(words: str) -> float | None:
    """The stars of "five-star", 五 and "full marks"."""
    first = words.replace("-", " ").split(" ", 1)[0]
    return 5.0 if first in ("full", "top", "perfect") else _number(first)


def _number(word: str) -> float | None:
    return 2.0 if word == "both" else said_number(word)
