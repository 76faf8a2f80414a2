"""What a measure is of: the battery, the charging, the height, the warranty, as the words beside it say."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

_CLAUSE_END = re.compile(r"[,，。;；!！?？\n]|\.(?!\d)|、")
_REACH = 28
_NEAR_ZH = 10


def subject_of(folded: str, start: int, end: int) -> str | None:
    """The subject of the measure at a place in a folded text, by the nearest word of its clause; None if unsaid.

    >>> subject_of("保温12小时,保冷24小时", 2, 6), subject_of("30-hour battery life", 0, 7)
    ('keeps_hot', 'battery')
    """
    before = _CLAUSE_END.split(folded[max(0, start - _REACH) : start])[-1]
    after = _CLAUSE_END.split(folded[end : end + _REACH], maxsplit=1)[0]
    if not (before + after).isascii():
        before, after = before[-_NEAR_ZH:], after[:_NEAR_ZH]
    behind = [(len(before) - m.end(), str(m.lastgroup)) for m in _pattern().finditer(before)]
    ahead = [(m.start() + 1, str(m.lastgroup)) for m in _pattern().finditer(after)]
    found = sorted((*behind, *ahead))
    return found[0][1] if found else None


def same_subject(
    subject: str | None, measures: Sequence[tuple[float, str, str | None]], dimension: str
) -> list[float]:
    """The known values of a dimension that are of the subject; all of them where nothing is said of it."""
    known = [(value, of) for value, d, of in measures if d == dimension]
    own = [value for value, of in known if of == subject]
    return own if subject is not None and own else [value for value, _ in known]


@functools.cache
def _pattern() -> re.Pattern[str]:
    text = (files("adwright.generate.lexicon") / "subjects.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["subjects"]
    groups = []
    for name, words in table.items():
        latin = "|".join(w for w in words if w.isascii())
        han = "|".join(w for w in words if not w.isascii())
        groups.append(
            f"(?P<{name}>" + "|".join(p for p in (rf"\b(?:{latin})\b" if latin else "", han) if p) + ")"
        )
    return re.compile("|".join(groups))
