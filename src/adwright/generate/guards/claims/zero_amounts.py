"""None of what the catalogue gives an amount of: "zero sugar" beside 3 g, 零咖啡因 beside 80毫克.

Does not cover: what the catalogue gives no amount of, which `absence` reads.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.spoken import quantities_of
from adwright.generate.guards.support import Support
from adwright.text.units import to_base

_OF_AMOUNT = frozenset({"mass", "energy", "volume", "%"})
_SAYS_NONE = re.compile(r"零|〇|无|没有?|不含|0|zero|no |without|free|trace")
_FORMS_ZH = re.compile(r"^(?:总|每[^\n]{1,3})?含?|(?:含量|分|量|素|度)$")
_SHORT = {"脂肪": "脂", "热量": "卡", "能量": "卡", "蔗糖": "糖", "酒精": "酒精"}
_PER_EN = re.compile(r" (?:per|in|content|of)(?![a-z]).*$")


def zero_amount_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each denial of something of which the catalogue gives an amount."""
    if _SAYS_NONE.search(reading.folded) is None:
        return
    for name, shown in _amounts(support.catalogue).items():
        for match in re.finditer(_denial(name), reading.folded):
            if match[0] not in support.catalogue:
                yield Claim("facts.measure", "block", *match.span(), "measure", shown)


def _denial(name: str) -> str:
    if name.isascii():
        stemmed = re.escape(name.removesuffix("s"))
        return (
            rf"(?<![a-z])(?:zero|no|(?<![\d.,])0 ?g(?:rams?)? (?:of )?|without(?: any)?|not a (?:gram"
            rf"|trace) of|free (?:of|from)) ?{stemmed}s?(?![a-z-])"
            rf"|(?<![a-z-]){stemmed}[- ]free(?![a-z])"
        )
    return rf"(?:零|(?<![\d.])0|〇|无|不含|没有|一点{re.escape(name)}都没|滴){re.escape(name)}(?!胶|醇|浆|水)"


@functools.lru_cache(maxsize=64)
def _amounts(catalogue: str) -> Mapping[str, str]:
    """What the catalogue gives an amount of, with the amount."""
    found: dict[str, str] = {}
    for line in catalogue.splitlines():
        field, sep, value = line.partition(": ")
        amounts = [
            q.text
            for q in quantities_of(value)
            if q.value > 0
            and (q.kind == "percent" or (q.unit is not None and to_base(1, q.unit)[1] in _OF_AMOUNT))
        ]
        if not sep or not amounts:
            continue
        if field.isascii():
            found[_PER_EN.sub("", field).strip()] = amounts[0]
        else:
            name = _FORMS_ZH.sub("", field) or field
            found[name] = amounts[0]
            if name in _SHORT:
                found[_SHORT[name]] = amounts[0]
    return {name: amount for name, amount in found.items() if len(name) > 2 or not name.isascii()}
