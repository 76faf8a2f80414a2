"""What stands right before the name of a field, and is not what the catalogue says there: "EU plug" of `plug: UK`.

Holds when: the value gives no number, and the word is no number, no praise and no plain adjective; so a person is
asked, and nothing is stopped.

Does not cover: Chinese, where a verb may stand before its object as such a word does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.fields import Field, word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import words

_NO_PARTS = words("parts.no_parts")
_PLAIN = words("modifiers.plain") | words("frames.little_words")
_BUILT_PLAIN = re.compile(r"(?:ly|ful|ous|able|ible|less|ish|est|ing|n't|'s|'re|'ll)$|-")


def modifier_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each such word that the catalogue has nowhere."""
    for name in _names(support.fields):
        for match in _before(name).finditer(reading.folded) if name in reading.folded else ():
            word = match["word"]
            if word in _PLAIN or _BUILT_PLAIN.search(word) or word_forms(word).search(support.text):
                continue
            start, end = match.span()
            if any(s < end and start < e for s, e in judged) or reading.denies_in_clause(start, end):
                continue
            judged.append((start, end))
            yield Claim("facts.feature", "review", start, end, "attribute")


@functools.lru_cache(maxsize=64)
def _names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The last words of the fields' names, without a plural."""
    names = {
        field.name.split(" ")[-1]
        for field in fields
        if field.says == "value"
        and re.fullmatch("[a-z ]{3,}", field.name)
        and not any(c.isdigit() for c in field.value)
    }
    return tuple(sorted(name.removesuffix("s") for name in names - _NO_PARTS))


@functools.lru_cache(maxsize=1024)
def _before(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z'-])(?P<word>[a-z][a-z'-]+) {name}s?(?![a-z'-])")
