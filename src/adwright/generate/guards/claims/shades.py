"""Chinese names of shades that no lexicon has: 樱粉新色, 墨绿款, told by their last character.

Holds when: the catalogue has a field of colours.

Does not cover: names without a character of a colour, such as 香槟.
"""

from __future__ import annotations

from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import COLOUR_FIELD, Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_SHADE = Gated(cue("shades.zh"))


def shade_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each such shade of a colour that no field of colours names."""
    values = "".join(field.value for field in support.fields if COLOUR_FIELD.search(field.name))
    if not values or values.isascii() or reading.folded.isascii():
        return
    for match in _SHADE.finditer(reading.folded):
        start, end = match.span("shade")
        if match["colour"] in values or match["shade"] in support.text or reading.denies(start, end):
            continue
        if not any(s < end and start < e for s, e in judged):
            judged.append((start, end))
            yield Claim("facts.colour", "block", start, end, "attribute")
