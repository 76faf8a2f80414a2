"""What single reviewers gave or said is held against their own reviews, not against the average."""

from __future__ import annotations

import pytest

from adwright.generate.guards.facts import FactsGuard
from generate.judged import rules_of

GUARDS = [FactsGuard(by_rules_only=True)]
RUG = {
    "language": "en",
    "product": {
        "title": "Wool Rug",
        "price_minor": 9900,
        "currency": "USD",
        "rating": 4.4,
        "description": "A flat woven rug.",
    },
    "reviews": [
        {"verified": True, "rating": 5, "text": "Thick underfoot, no shedding."},
        {"verified": True, "rating": 5, "text": "Corners lay flat at once."},
        {"verified": True, "rating": 3, "text": "Slides around on tiles."},
        {"verified": False, "rating": 5, "text": "Neighbours keep admiring ours."},
    ],
}


def _is_flagged(text: str) -> bool:
    return "facts.social_proof" in rules_of(text, RUG, GUARDS)


@pytest.mark.parametrize(
    "text",
    [
        "Slides around on tiles: a verified owner's words, three stars.",
        "Two five-star reviews, one three-star.",
        "两位给了五星，一位给了三星。",
        "离满分还差0.6的地毯。",
        "One buyer found it slides around on tiles, and fair enough.",
        '"Neighbours keep admiring ours," writes one customer, not verified.',
    ],
)
def test_what_the_reviews_themselves_bear_out_passes(text):
    assert not _is_flagged(text)


@pytest.mark.parametrize(
    "text",
    [
        "A verified owner gave it four stars.",
        "Three five-star reviews, one three-star.",
        "One customer, not verified, gave it four stars.",
        "三位给了五星。",
        "离满分只差0.2的地毯。",
        "Verified homes tell us the neighbours keep admiring theirs.",
        "Nobody has a bad word for this rug.",
        "从没收到过一句抱怨。",
    ],
)
def test_what_they_do_not_bear_out_is_caught(text):
    assert _is_flagged(text)
