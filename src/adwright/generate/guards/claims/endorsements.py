"""Groups of people who are said to choose the goods: "Grandmasters choose Quillon", whatever their trade.

The goods are it, this, ours, or what the title calls them.

Does not cover: groups that are named without such a verb, which `popularity` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.counted import stem
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_CHOSEN = Gated(cue("endorsements.chosen"))
_NO_PEOPLE = cue("endorsements.no_people")
_WORD = re.compile(r"[a-z]{3,}")


def endorsement_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such choice that the catalogue does not tell of."""
    title = {stem(word) for word in _WORD.findall(support.title)}
    for match in _CHOSEN.finditer(reading.folded):
        who = stem(match["who"])
        named = match["what"] is None or any(stem(w) in title for w in _WORD.findall(match["what"]))
        if not named or who in title or _NO_PEOPLE.fullmatch(match["who"]) or reading.denies(*match.span()):
            continue
        if match["who"] not in support.catalogue:
            yield Claim("facts.social_proof", "review", *match.span(), "popularity")
