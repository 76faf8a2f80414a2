"""A part said to be of a material, where its word alone is too common to be a claim: "walnut handle", 铜扣.

Does not cover: parts that the lexicon does not name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from adwright.generate.guards.claims.affirmed import is_affirmed
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.cues import cue, words

_PART = cue("parts.en")
_PART_ZH = cue("parts.zh")
_MATERIALS = words("parts.materials")
_NO_PARTS = words("parts.no_parts")


def part_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each part of a material that the catalogue does not name."""
    lexicon = attribute_lexicon()
    materials = lexicon.of_group("material") | lexicon.of_group("colour")
    for pattern in (_PART, _PART_ZH, *_own_parts(support, reading.folded)):
        for match in pattern.finditer(reading.folded):
            start, end = match.span()
            word = match["of"]
            direct = {c for *_, concepts in lexicon.supports(word) for c in concepts} & materials
            named = direct - {i for c in direct for i in lexicon.implied(c)}
            if (not named and word not in _MATERIALS) or word in support.catalogue:
                continue
            if any(s < end and start < e for s, e in judged) or reading.denies(start, end):
                continue
            if not support.concepts.isdisjoint(named) or is_affirmed(word, support):
                continue
            judged.append((start, end))
            yield Claim("facts.material", "block", start, end, "attribute")


def _own_parts(support: Support, folded: str) -> Iterator[re.Pattern[str]]:
    """A word before what the catalogue has a field of, as "top" or "poles"."""
    for field in support.fields:
        name = field.name.split(" ")[-1]
        if name in folded and name not in _NO_PARTS and re.fullmatch("[a-z ]{3,}", field.name):
            yield _before(name)


@functools.lru_cache(maxsize=1024)
def _before(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z-])(?P<of>[a-z]{{3,}})[- ]{name}(?![a-z])")
