"""Whether a field of the catalogue bears out a claim that is made in other words: 微波炉: 可用 for 能进微波炉."""

from __future__ import annotations

import functools
import re

from adwright.generate.guards.fields import core_of, word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import words
from adwright.generate.lexicon.negation import denied_before

_LITTLE = words("frames.little_words") | words("affirmed.use")
_KIN = tuple(tuple(group.split("|")) for group in sorted(words("affirmed.kin")))


def is_affirmed(said: str, support: Support) -> bool:
    """Whether a field of its name says yes, or one line of the catalogue has all of its words."""
    for field in support.fields:
        core = core_of(field.name)
        if field.says == "yes" and len(core) > 1 and word_forms(core).search(said):
            return True
    named = [w for w in re.findall(r"[a-z0-9]{3,}", said) if w not in _LITTLE]
    return bool(named) and any(
        all(_stands_in(word, line) for word in named) for line in support.catalogue.splitlines()
    )


def _stands_in(word: str, line: str) -> bool:
    return any(
        not denied_before(line[: match.start()][-24:])
        for spelling in _kin_of(word)
        for match in word_forms(spelling).finditer(line)
    )


@functools.lru_cache(maxsize=1024)
def _kin_of(word: str) -> tuple[str, ...]:
    """The word, without an ending that only makes it an adjective, and what is another name for the same."""
    bare = re.sub(r"(?:ed|ing|s)$", "", word) if len(word) > 5 else word
    for group in _KIN:
        if word in group or bare in group:
            return group
    return (word, bare)
