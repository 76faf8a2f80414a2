"""Multiples and shares against something else: "twice as fast", "half the weight", 轻了一半, "a quarter of it".

Such a claim needs a catalogue that makes it in the same words or with the same share, or whose measures come to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.measured_ratios import bears_ratio
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue

_COMPARED = cue("comparisons.compared")
_SHARE = cue("comparisons.share")
_IDIOM = cue("comparisons.idiom")
_SHARES = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0, "一半": 50.0}
_SIDES = re.compile(
    r"(?P<times>half|twice|double) (?:as|the) (?:wide|tall|long|deep|high|thick|width|height|length|depth)"
)
_TIMES = {"half": 0.5, "twice": 2.0, "double": 2.0}
_CLOSE = 3.0  # per cents: "a third" of 32 %


def comparison_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says in multiples and shares that the catalogue does not."""
    idioms = [m.span() for m in _IDIOM.finditer(reading.folded)]
    for match in _COMPARED.finditer(reading.folded):
        start, end = match.span()
        if any(s < end and start < e for s, e in idioms) or reading.denies(start, end):
            continue
        if (sides := _SIDES.match(match[0])) and bears_ratio(_TIMES[sides["times"]], support, ("length",)):
            continue
        if match[0] not in support.catalogue and not any(match[0] in review for review, _ in support.reviews):
            yield Claim("facts.number", "block", start, end, "number")
    for match in _SHARE.finditer(reading.folded):
        share = _SHARES[next(v for v in match.groups() if v)]
        if reading.denies(*match.span()) or any(abs(share - p) <= _CLOSE for p in support.percents):
            continue
        if bears_ratio(share / 100, support, ("mass", "volume")):
            continue
        yield Claim("facts.percent", "block", *match.span(), "percent")
