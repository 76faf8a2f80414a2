"""What the goods do in a scene although the catalogue says no: calls with no microphone, swimming with IPX5.

Holds when: the catalogue names what such a scene needs, and denies it or gives another value.

Does not cover: scenes of which the catalogue says nothing.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from adwright.generate.guards.claims.affirmed import is_listed
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.denied_things import is_unclaimed
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.gate import Gated, GatedTable


def denied_function_claims(
    reading: Reading, support: Support, judged: list[tuple[int, int]]
) -> Iterator[Claim]:
    """Each scene that needs what the catalogue denies."""
    for denied, match in _functions().finditer(reading.folded):
        start, end = match.span()
        if any(s < end and start < e for s, e in judged) or reading.denies_in_clause(start, end):
            continue
        if is_unclaimed(match[0], (start, end), reading, support):
            continue
        if is_listed(match[0], support):
            continue
        if denied.search(support.denials) or denied.search(support.catalogue):
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")


@functools.cache
def _functions() -> GatedTable[re.Pattern[str]]:
    """Of each scene, how a catalogue says that it cannot be."""
    path = files("adwright.generate.lexicon") / "functions.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))["functions"]
    return GatedTable(
        (_pattern(entry["denied"]), Gated(_pattern(entry["scene"]))) for entry in table.values()
    )


def _pattern(words: list[str]) -> re.Pattern[str]:
    latin = "|".join(w for w in words if w.isascii())
    han = "|".join(w for w in words if not w.isascii())
    parts = [rf"(?<![a-z])(?:{latin})(?![a-z])" if latin else "", han]
    return re.compile("|".join(p for p in parts if p))
