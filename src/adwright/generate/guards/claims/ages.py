"""Ages that a text says the product is for, held against those of the catalogue.

Does not cover: ages of people in a scene, and products for which the catalogue gives no age.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.text.said_numbers import said_number

_KNOWN = cue("ages.known")
_SAID = cue("ages.said")


def age_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each age outside the catalogue's; one inside has no severity."""
    bounds = [_bounds(m) for m in _KNOWN.finditer(support.catalogue)]
    known = [b for b in bounds if b is not None]
    if not known:
        return
    low, high = min(b[0] for b in known), max(b[1] for b in known)
    for match in _SAID.finditer(reading.folded):
        part = next(v for v in match.groups() if v)
        age = said_number(part)
        if age is None or reading.denies(*match.span()):
            continue
        fine = low <= age <= high
        shown = f"{low:g}" if high >= _NO_END else f"{low:g}-{high:g}"
        yield Claim("facts.number", None if fine else "block", *match.span(), "measure", shown)


_NO_END = 120.0


def _bounds(match: re.Match[str]) -> tuple[float, float] | None:
    part = {k.rstrip("2"): v for k, v in match.groupdict().items() if v}
    low = said_number(part["low"]) if "low" in part else None
    high = said_number(part["high"]) if "high" in part else None
    if low is None:
        return None
    return low, high if high is not None else _NO_END
