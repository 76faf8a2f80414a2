"""A thing that the catalogue says is not there, and the text speaks of as there; and the other way round.

Holds when: the catalogue has a field of that name, or says "no X" of it. `denied_functions` knows the scenes that
need such a thing.

Does not cover: a thing that the text calls by another name than the catalogue.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.fields import Field, core_of, word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.negation import denied_before
from adwright.generate.lexicon.undone import left_undone, sought_elsewhere


def denied_thing_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each such thing, and each field that says yes where the text says no."""
    for name in support.absent:
        spans = [match.span() for match in word_forms(name).finditer(reading.folded)]
        if any(
            reading.denies_in_clause(*span)
            or _is_undone(span, reading)
            or reading.before(span[0], 1) in ("0", "零")
            for span in spans
        ):
            continue  # the text says once that it is not there
        for start, end in spans:
            if any(s < end and start < e for s, e in judged):
                continue
            if _OWN.search(reading.before(start, 14)):
                continue
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")
    yield from _denied_although_there(reading, support)


def _denied_although_there(reading: Reading, support: Support) -> Iterator[Claim]:
    """Fields that say yes, and what a list of contents names, where the text says no right before."""
    for name in _present(support.fields):
        for match in word_forms(name).finditer(reading.folded):
            start, end = match.span()
            before = reading.before(start, 24)
            if _NO_DENIAL.search(before) or _FREELY.match(reading.after(end, 10)):
                continue
            if denied_before(before) or reading.after(end, 5) in ("-free", " free"):
                yield Claim("facts.feature", "block", start, end, "attribute_denied")


@functools.lru_cache(maxsize=64)
def _present(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Names of what the catalogue says is there."""
    found = [core_of(field.name) for field in fields if field.says == "yes"]
    for field in fields:
        if _CONTENTS.search(field.name) and field.says == "value":
            parts = (part.strip() for part in _LISTED.split(field.value))
            found += [part for part in parts if part and len(part.split()) <= 2 and not _SAYS_NO.match(part)]
    return tuple(name for name in dict.fromkeys(found) if len(name) >= 2 and not name[0].isdigit())


_CONTENTS = re.compile(r"^(?:allergens?|contains|ingredients?|contents)$|过敏原|配料|^成分$|原料|内含")
_LISTED = re.compile(r"[,，、;；/]| and |和")
_SAYS_NO = re.compile(r"no |not |none|无|不")
_NO_DENIAL = re.compile(
    r"(?:(?:not|isn't|aren't) (?:just|only|merely|simply)|不(?:只|仅|光|单)是?|不是只有)[^,，。.]{0,6}$"
    r"|(?<![a-z])(?:if|unless|who|whoever|those|anyone)(?![a-z])[^,.;]{0,20}$|(?:如果|要是|若|谁)[^，。,.]{0,8}$"
)
_FREELY = re.compile(r"(?:也|都)?(?:不(?:是|怕)问题|没问题|无压力)")


def is_denied(said: str, span: tuple[int, int], reading: Reading, support: Support) -> bool:
    """Whether the text says that it is not so; any word for no will do where the catalogue says no as well."""
    return reading.denies(*span) or (
        any(word_forms(name).search(said) for name in support.absent) and reading.denies_in_clause(*span)
    )


def is_unclaimed(said: str, span: tuple[int, int], reading: Reading, support: Support) -> bool:
    """Whether a use or feature is denied, warned of, not needed, or another's."""
    return is_denied(said, span, reading, support) or _is_undone(span, reading)


def is_elsewhere(span: tuple[int, int], reading: Reading) -> bool:
    """Whether who wants it is sent to other goods."""
    return sought_elsewhere(reading.before(span[0], 60), reading.after(span[1], 40))


def _is_undone(span: tuple[int, int], reading: Reading) -> bool:
    return left_undone(reading.before(span[0], 60), reading.after(span[1], 40))


_OWN = re.compile(r"(?:\byour own|\ba friend's|自己的|自备|另配|外接)[ -]?$")
