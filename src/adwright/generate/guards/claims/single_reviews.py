"""What single reviewers are said to have given or said, held against the reviews themselves and not the average.

A whole number of stars beside one who gave them is that of a verified review; "two five-star, one four-star" is
counted; words passed on as a verified buyer's are not those of a review that nobody verified.

Does not cover: reviews retold in another language than theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_TALLY = Gated(cue("single_reviews.tally"))
_GIVER = cue("single_reviews.giver")
_AVERAGE = cue("single_reviews.average")
_VERIFIED = Gated(cue("single_reviews.verified"))
_UNVERIFIED = Gated(cue("single_reviews.unverified"))
_SENTENCE = re.compile(r"[.!?。！？\n]")
_LITTLE = words("popularity.little_words")
_MOST = 0.75  # of the words of a review, that make a sentence a retelling of it


def tally_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """How many gave so many stars; a count that the verified reviews give has no severity."""
    ratings = [r for _, r in support.reviews]
    for match in _TALLY.finditer(reading.folded):
        said = {name.rstrip("2"): value for name, value in match.groupdict().items() if value}
        n = 2.0 if said["n"] in ("both", "两") else said_number(said["n"])
        stars = said_number(said["stars"])
        if n is None or stars is None:
            continue
        more = "more" in said
        given = sum(r is not None and (r >= stars if more else r == stars) for r in ratings)
        fine = n == given or (n == 1 and given > 1)
        yield Claim("facts.social_proof", None if fine else "block", *match.span(), "quotation")


def is_of_one(start: int, end: int, value: float, reading: Reading, support: Support) -> bool:
    """Whether stars are those that a review gave, a verified one unless the text says that it is not."""
    given = {r for _, r in support.reviews}
    if tells_unverified(reading):
        given.update(support.unverified_ratings)
    if value not in given:
        return False
    left = max((m.end() for m in _SENTENCE.finditer(reading.folded, 0, start)), default=0)
    right = _SENTENCE.search(reading.folded, end)
    sentence = reading.folded[left : right.start() if right else None]
    return _GIVER.search(sentence) is not None and _AVERAGE.search(sentence) is None


def tells_unverified(reading: Reading) -> bool:
    """Whether the text says itself that a review is not verified."""
    return any(_UNVERIFIED.finditer(reading.folded))


def verified_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What is passed on as verified in the words of a review that is not."""
    if not support.unverified or tells_unverified(reading):
        return
    for match in _VERIFIED.finditer(reading.folded):
        if reading.denies(*match.span()):
            continue
        told = any(_retells(reading.folded, review) for review in support.unverified)
        if told:
            yield Claim("facts.social_proof", "block", *match.span(), "quotation")


def _retells(text: str, review: str) -> bool:
    """Whether most of a review's own words stand in a text."""
    own = {w[:5] for w in re.findall(r"[a-z']{3,}", review) if w not in _LITTLE}
    if not own:
        han = re.sub(r"[^\u4e00-\u9fff]", "", review)
        own = {han[i : i + 2] for i in range(len(han) - 1)}
    return len(own) > 1 and sum(w in text for w in own) >= _MOST * len(own)
