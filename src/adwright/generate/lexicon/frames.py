"""Turns of phrase that claim whatever stands in them: the patterns of `frames.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from adwright.generate.lexicon.gate import Gated


@dataclass(frozen=True, slots=True)
class FramedClaim:
    """One framed claim in a folded text.

    Args:
        start, end: Where frame and thing stand.
        rule_id: The rule that the claim falls under.
        thing: What the frame claims.
        thing_start: Where the thing begins.
        with_field: A pattern of the fields of which the catalogue needs one for the claim to be held against it.
    """

    start: int
    end: int
    rule_id: str
    thing: str
    thing_start: int
    with_field: str = ""


def framed_claims(folded: str) -> Iterator[FramedClaim]:
    """The framed claims of a folded text, without those whose thing claims nothing.

    >>> [c.thing for c in framed_claims("it comes with a boom mic")], [c.thing for c in framed_claims("自带茶滤")]
    (['boom mic'], ['茶滤'])
    """
    for frame in _frames():
        for pattern in frame.patterns(folded):
            for match in pattern.finditer(folded):
                name = next(k for k, v in match.groupdict().items() if v is not None)
                if not frame.claims_nothing(match[name]):
                    thing = match[name].strip()
                    yield FramedClaim(
                        *match.span(), frame.rule_id, thing, match.start(name), frame.with_field
                    )


class _Frame:
    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.rule_id: str = entry["rule"]
        self.with_field: str = entry.get("with_field", "")
        self._en = _compiled(entry["en"], words=True)
        self._zh = _compiled(entry["zh"], words=False)
        self._nothing_en = frozenset(w for w in entry["nothing"] if w.isascii())
        self._nothing_zh = tuple(w for w in entry["nothing"] if not w.isascii())

    def patterns(self, folded: str) -> tuple[Gated, ...]:
        return (self._en,) if folded.isascii() else (self._en, self._zh)

    def claims_nothing(self, thing: str) -> bool:
        if thing.isascii():
            return thing.split(" ", maxsplit=1)[0] in self._nothing_en or thing in self._nothing_en
        return thing.startswith(self._nothing_zh)


def _compiled(patterns: list[str], *, words: bool) -> Gated:
    body = "|".join(patterns)
    groups = iter(range(1, 100))
    body = re.sub(r"\(\?P<x\d*>", lambda _: f"(?P<x{next(groups)}>", body)
    return Gated(re.compile(rf"(?<![a-z0-9-])(?:{body})(?![a-z0-9])" if words else body))


@functools.cache
def _frames() -> tuple[_Frame, ...]:
    path = files("adwright.generate.lexicon") / "frames.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_Frame(entry) for entry in table.values() if isinstance(entry, dict))
