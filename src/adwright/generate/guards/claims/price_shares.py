"""Shares of the price in words: "marked down a third", 便宜一半, "half of what it usually costs".

A share is what is taken off, as a discount in per cent is. Words that cut anything ("reduced by half") are of the
price only where their sentence names a price or a word for one.

Does not cover: shares in figures, which `money` reads as per cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.numbers import Quantity

_TOLD = tuple(
    Gated(cue(f"price_shares.{name}")) for name in ("off_en", "below_en", "off_zh", "cut_zh", "paid")
)
_OF_PRICE = cue("price_shares.of_price")
_SHARES = {
    "half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0,
    "一半": 50.0, "砍半": 50.0, "腰斩": 50.0, "对半": 50.0,
}  # fmt: skip
_SENTENCE_END = re.compile(r"[。！？!?\n；;]|\. ")


def share_quantities(reading: Reading) -> Iterator[Quantity]:
    """The per cents off that a text tells as a share of the price, where no other reader takes the words."""
    for pattern in _TOLD:
        for match in pattern.finditer(reading.folded):
            start, end = match.span("share")
            if any(q.start < end and start < q.end for q in reading.quantities):
                continue
            if _OF_PRICE.search(_sentence(reading, start, end)):
                said = reading.text[start:end]
                yield Quantity(start, end, said, _SHARES[match["share"]], "off", "percent")


def _sentence(reading: Reading, start: int, end: int) -> str:
    stops = [m.end() for m in _SENTENCE_END.finditer(reading.folded, max(0, start - 120), start)]
    stop = _SENTENCE_END.search(reading.folded, end)
    return reading.folded[stops[-1] if stops else 0 : stop.start() if stop else len(reading.folded)]
