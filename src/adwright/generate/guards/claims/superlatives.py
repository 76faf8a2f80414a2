"""Superlatives and absolute words that the catalogue does not bear out.

Which of them claim something is for the law to say (`rules/law_absolute.toml`): an order in time, advice for use or
a comparison within the shop's own range is no claim here either.

Does not cover: absolute claims without a word of the list, which the guard of law reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.meaning import settled
from adwright.generate.guards.rulebook import Rulebook
from adwright.generate.lexicon import find_superlatives


@cache
def _absolute_terms() -> Rulebook:
    return Rulebook.load(["law_absolute"])


def superlative_claims(reading: Reading, circumstances: Circumstances) -> Iterator[Claim]:
    """Those that the catalogue does not say itself, and that no exemption of the law covers."""
    told = [
        (start, end)
        for start, end in find_superlatives(reading.text)
        if reading.folded[start:end].replace("-", " ") not in circumstances.catalogue
        and not reading.denies(start, end)
    ]
    if not told:
        return
    found = _absolute_terms().findings("", reading.text, reading.language, context=circumstances)
    claimed = [f for f in settled(found, reading.text, context=circumstances) if f.exemption is None]
    for start, end in told:
        if any(f.start < end and start < f.end for f in claimed):
            yield Claim("facts.superlative", "review", start, end, "superlative")
