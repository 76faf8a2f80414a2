"""Where goods are said to come from: made in a place, of a place's own material, of a place not listed.

Does not cover: a place that the catalogue calls by a name that the lexicon does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.assertions import (
    origins,
    place_adjectives,
    place_kinds,
    place_words,
    places_after_from,
)
from adwright.generate.lexicon.cues import cue, words

_MADE_IN_NAME = re.compile(
    rf"(?<![A-Za-z-])(?i:{cue('assertions.makers_verbs').pattern})(?: by hand)? in (?P<name>[A-Z][a-z]{{3,}})"
)
_NO_PLACE = words("origin.no_place")


def origin_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each place of origin that the catalogue does not name."""
    claimed: list[tuple[int, int]] = []
    for assertion in origins(reading.folded):
        span = assertion.start, assertion.end
        claimed.append(span)
        if not reading.denies(*span) and not _is_named(assertion.name, support):
            yield Claim("facts.origin", "block", *span, "attribute")
    for start, end, name in _of_own_material(reading, support):
        if not any(s < end and start < e for s, e in claimed) and not _is_named(name, support):
            claimed.append((start, end))
            yield Claim("facts.origin", "block", start, end, "attribute")
    for match in _MADE_IN_NAME.finditer(reading.text):
        start, end = match.span()
        name = match["name"].lower()
        if name in _NO_PLACE or name in support.text or any(s < end and start < e for s, e in claimed):
            continue
        if not reading.denies(start, end):
            yield Claim("facts.origin", "block", start, end, "attribute")


def _is_named(name: str, support: Support) -> bool:
    return place_words(name.removeprefix("z_")).search(support.catalogue) is not None


def _of_own_material(reading: Reading, support: Support) -> Iterator[tuple[int, int, str]]:
    """A place beside a word by which the catalogue calls the goods: "Brazilian slate", "slate from Brazil"."""
    for match in places_after_from().finditer(reading.folded):
        if match["thing"] in support.catalogue and not reading.denies(*match.span()):
            yield *match.span(), str(match.lastgroup)
    for match in place_adjectives().finditer(reading.folded):
        thing = re.match(r"[- ]([a-z]{4,})", reading.folded[match.end() : match.end() + 24])
        if thing is None or not re.search(rf"(?<![a-z]){thing[1]}", support.catalogue):
            continue
        start, end = match.start(), match.end() + len(thing[0])
        if any(s < end and start < e for s, e in place_kinds(reading.folded)):
            continue
        if not reading.denies(start, end):
            yield start, end, str(match.lastgroup).rstrip("_")
