"""Per cents: the shares that the catalogue and the offer give, of the same thing.

Does not cover: shares that follow from two others (60 % cotton leaves 40 %).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adwright.generate.guards.claims.claim import Claim, Reading, holds
from adwright.generate.guards.claims.measured_ratios import bears_ratio
from adwright.generate.guards.claims.purity import is_pure
from adwright.generate.guards.support import Support
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.cues import cue
from adwright.text.numbers import Quantity

_FIGURE_OF_SPEECH = cue("amounts.figure_of_speech")
_WHOLEHEARTED = cue("amounts.wholehearted")


_OF_PRICE = re.compile(
    r"价|付|省|便宜|优惠|折扣|少花|原来的|(?<![a-z])(?:off|price|costs?|usual(?:ly)?|pay|less|sav(?:e|ing)|discount|knocked|cheaper)(?![a-z])"
)
_PAID_SHARE = re.compile(
    r"分之.{1,2}的?(?:价|钱)|(?:原价|价格|价钱|价)的.{1,2}分之|只(?:要|付|收|需).{0,6}分之"
    r"|(?:quarters?|thirds?|halves|fifths?|tenths?|half|%|per cent|percent) of (?:the|its|what|our|their|that)"
    r"|(?<![a-z])pay (?:only |just )?(?:three|two|four|a )"
)
_NO_FRACTION = re.compile(r"价值观|性价比|评价")


def percent_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim | None:
    """What a per cent claims that neither catalogue nor offer bears out; None where all is well."""
    start, end = quantity.start, quantity.end
    hedge = reading.hedge(start, end)
    known = [*support.percents, *_shares(support)]
    left, right = reading.clause(start, end)
    near = reading.folded[max(left, start - 24) : min(right, end + 24)]
    beside_price = any(q.kind == "price" and left <= q.start < right for q in reading.beside(quantity))
    if (beside_price or _OF_PRICE.search(near)) and not _NO_FRACTION.search(near):
        pays = _PAID_SHARE.search(near) is not None
        known += [100 - off for off in support.pricing.off] if pays else [*support.pricing.off]
    noun = _share_noun(reading, end)
    if quantity.value == 100 and noun is not None and noun not in support.catalogue and not known:
        return None if _FIGURE_OF_SPEECH.match(reading.after(end, 12)) else _wrong_percent(quantity, known)
    if quantity.value == 100 and _WHOLEHEARTED.match(reading.after(end, 12)):
        return None
    if quantity.value == 100 and _pure_material(reading, end, support):
        return None
    fitting = _of_same_thing(quantity, reading, support)
    candidates = fitting if fitting else known
    if any(holds(quantity.value, hedge, p) or abs(quantity.value - p) < 0.51 for p in candidates):
        return None
    by_measure = quantity.unit == "%" and quantity.value < 100 and _OF_WHOLE.search(near)
    if by_measure and bears_ratio(quantity.value / 100, support, ("mass", "volume")):
        return None
    return _wrong_percent(quantity, candidates)


_OF_WHOLE = re.compile(
    r"重量|分量|总量|每[一]?[包袋片条份瓶]|(?<![a-z])(?:weight|by (?:weight|volume)|of (?:the|every|each|a"
    r"|its))(?![a-z])"
)


def _pure_material(reading: Reading, end: int, support: Support) -> bool:
    """Whether "100 %" is of the one material that the catalogue names."""
    return any(
        m.group == "material"
        and 0 <= m.start - end <= 8
        and is_pure(reading.folded[m.start : m.end], m, support)
        for m in attribute_lexicon().mentions(reading.text)
        if not support.concepts.isdisjoint(m.concepts)
    )


def _wrong_percent(quantity: Quantity, known: Iterable[float]) -> Claim:
    shown = ", ".join(f"{p:g} %" for p in dict.fromkeys(known)) or "—"
    return Claim("facts.percent", "block", quantity.start, quantity.end, "percent", shown)


def _shares(support: Support) -> Iterator[float]:
    """A catalogue that says "wholly" gives 100 %."""
    if re.search(r"纯|全棉|\bpure\b|\ball[- ](?:cotton|wool|linen|silk|leather)", support.catalogue):
        yield 100.0


def _share_noun(reading: Reading, end: int) -> str | None:
    match = re.match(r"\s?(?:of )?(?:的)?(?P<noun>[a-z]{3,}|[\u4e00-\u9fff]{1,2})", reading.after(end, 24))
    return match["noun"] if match else None


def _of_same_thing(quantity: Quantity, reading: Reading, support: Support) -> list[float]:
    """Per cents of the catalogue that stand before the same noun, as in 60% 棉."""
    noun = _share_noun(reading, quantity.end)
    if noun is None:
        return []
    wanted = noun if noun.isascii() else noun[0]
    texts = f"{support.catalogue}\n{support.terms}"
    found = []
    for q in support.quantities:
        if q.kind == "percent":
            for at in _places(texts, q.text):
                near = texts[at + len(q.text) : at + len(q.text) + 14].lstrip()
                if near.startswith(wanted) or re.match(rf"(?:\w+ )?{re.escape(wanted)}", near):
                    found.append(q.value)
    return found


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part.lower())
    while at >= 0:
        yield at
        at = text.find(part.lower(), at + 1)
