"""Where a text only names: the goods, a work, or words that it says are a name or stand printed somewhere.

Words inside a name claim nothing: "Last Orders" may be a tea.

Does not cover: a name without marks that the title does not give.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue

_QUOTED = re.compile(r"《[^》\n]{1,40}》|[“「『][^”」』\n]{1,60}[”」』]|(?<![\w\"])\"[^\"\n]{2,80}\"")
_NAMED_BEFORE = cue("naming.before")
_NAMED_AFTER = cue("naming.after")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_LEAST_WORDS = 2  # one word alone, as in "Best", is praise


def named_spans(reading: Reading, support: Support) -> list[tuple[int, int]]:
    """Start and end of each name in the text, in order of sort."""
    spans = [(s, e) for s, e in _titles(reading.folded, support.title) if _capital(reading.text[s:e])]
    for match in _QUOTED.finditer(reading.folded):
        inside = match[0].strip('《》“”「」『』"').strip()
        start, end = match.span()
        if (
            match[0][0] == "《"
            or (len(inside) > 1 and inside in support.title)
            or _NAMED_BEFORE.search(reading.before(start, 24))
            or _NAMED_AFTER.match(reading.after(end, 40))
        ):
            spans.append((start, end))
    return spans


def _capital(words: str) -> bool:
    """Whether the words stand in capital letters, as a name does in the midst of a sentence."""
    return all(
        w[0].isupper() or w[0].isdecimal()
        for w in re.findall(r"[A-Za-z0-9]+", words)
        if len(w) > 3 or w.istitle()
    )


def _titles(folded: str, title: str) -> Iterator[tuple[int, int]]:
    """Where words stand that the title has in the same order, two of them at least."""
    words = [m[0] for m in _WORD.finditer(title)]
    pairs = {pair: i for i, pair in reversed(list(enumerate(itertools.pairwise(words))))}
    said = list(_WORD.finditer(folded))
    i = 0
    while i < len(said) - 1:
        at = pairs.get((said[i][0], said[i + 1][0]))
        if at is None:
            i += 1
            continue
        n = _LEAST_WORDS
        while i + n < len(said) and at + n < len(words) and said[i + n][0] == words[at + n]:
            n += 1
        yield said[i].start(), said[i + n - 1].end()
        i += n


def outside(claims: Iterator[Claim], spans: list[tuple[int, int]]) -> Iterator[Claim]:
    """The claims that stand in no name."""
    return (c for c in claims if not any(s <= c.start and c.end <= e for s, e in spans))
