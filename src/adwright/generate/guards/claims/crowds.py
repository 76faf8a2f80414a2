"""Counts of people, homes, orders and reviews: social proof, whatever verb stands beside them.

Does not cover: a count of those a product is made for, as in "seats six" or 一家三口.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.chinese_numerals import parse_chinese
from adwright.text.numbers import find_quantities

_ZH = Gated(cue("crowd.zh"))
_EN = Gated(cue("crowd.en"))
_MANY_EN = Gated(cue("crowd.many_en"))
_CHOSEN = cue("crowd.chosen")
_CAPACITY = cue("crowd.capacity")
_CROWD = 20  # so many people are no household and no table
_SENTENCE_END = re.compile(r"[.。!！?？;；](?!\d)")
_SOLD = re.compile(r"sold|sales|order|review|customer|售|销|单|评价|用户|顾客|买家|人")


def crowd_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each count of a crowd; one that the catalogue gives has no severity."""
    for pattern in (_ZH, _EN, _MANY_EN):
        if pattern is _ZH and reading.folded.isascii():
            continue
        for match in pattern.finditer(reading.folded):
            start, end = match.start(), match.end("who") if pattern is not _MANY_EN else match.end()
            value = _value(match["n"])
            if (
                value is None
                or _SENTENCE_END.search(reading.folded, start, end)
                or reading.denies(start, end)
            ):
                continue
            if value < _CROWD and not (pattern is _ZH and _is_chosen(match, value)):
                continue
            if value < 5 * _CROWD and _CAPACITY.search(reading.before(start, 16)):
                continue
            known = _SOLD.search(support.catalogue) is not None and any(
                known == value or value < known <= 2 * value for known in support.values
            )
            fine = known or reading.folded[start:end] in support.text
            yield Claim("facts.social_proof", None if fine else "block", start, end, "popularity")


def _is_chosen(match: re.Match[str], value: float) -> bool:
    return value > 3 and bool(match["unit"]) and _CHOSEN.match(match["does"]) is not None


def _value(said: str) -> float | None:
    if re.fullmatch(r"\d[\d,.]*", said):
        return float(said.replace(",", "").rstrip(".") or 0) if said.count(".") < 2 else None
    if not said.isascii():
        found = find_quantities(f"{said}人")
        return found[0].value if found else parse_chinese(said) or parse_chinese(f"一{said}")
    if "dozen" in said or said[0].isdigit():
        return 1000.0  # 20k, dozens: a crowd
    found = find_quantities(said.removeprefix("several ").removeprefix("a couple of "))
    return found[0].value if found else 100.0
