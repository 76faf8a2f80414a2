"""A thing that the catalogue says is not there, and the text speaks of as there; and the other way round.

Holds when: the catalogue has a field of that name, or says "no X" of it. `denied_functions` knows the scenes that
need such a thing.

Does not cover: a thing that the text calls by another name than the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.fields import core_of, word_forms
from adwright.generate.guards.support import Support


def denied_thing_claims(
    reading: Reading, support: Support, judged: list[tuple[int, int]]
) -> Iterator[Claim]:
    """Each such thing, and each field that says yes where the text says no."""
    for name in support.absent:
        for match in word_forms(name).finditer(reading.folded):
            start, end = match.span()
            if any(s < end and start < e for s, e in judged) or reading.denies_in_clause(start, end):
                continue
            if _OWN.search(reading.before(start, 14)):
                continue
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")
    for field in support.fields:
        if field.says != "yes":
            continue
        for match in word_forms(core_of(field.name)).finditer(reading.folded):
            before = _SAID_ABSENT.search(reading.before(match.start(), 14))
            if before is not None:
                yield Claim("facts.feature", "block", match.start(), match.end(), "attribute_denied")


def is_denied(said: str, span: tuple[int, int], reading: Reading, support: Support) -> bool:
    """Whether the text says that it is not so; any word for no will do where the catalogue says no as well."""
    return reading.denies(*span) or (
        any(word_forms(name).search(said) for name in support.absent) and reading.denies_in_clause(*span)
    )


_OWN = re.compile(r"(?:\byour(?: own)?|\ba friend's|自己的|你的|自备|另配|外接)[ -]?$")
_SAID_ABSENT = re.compile(r"(?:(?<![a-z])(?:no|without(?: an?)?|lacks(?: an?)?)[ -]|(?<![并还])没有|不带|不含|不支持|无)$")
