"""Sentence patterns of the composer, compiled, and how they are filled."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adwright.generate.backends.goods import read_data
from adwright.schema import Language

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]+)\]")
_SMALL_TALK = 2  # literal pieces of a pattern shorter than this many characters are no phrase


_SHARED = ("cta", "facts", "greet")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One sentence pattern: literal pieces and names of values in turn.

    Args:
        source: As it stands in the data.
        pieces: Alternating literal text and placeholder, starting with literal text.
        needs: The placeholders, in lower case.
    """

    source: str
    pieces: tuple[str, ...]
    needs: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The sentence; a placeholder with a capital first letter capitalises its value."""
        parts = list(self.pieces)
        for i in range(1, len(parts), 2):
            name = parts[i]
            value = values[name.lower()]
            parts[i] = value[:1].upper() + value[1:] if name[0].isupper() else value
        return "".join(parts).strip()

    @property
    def literals(self) -> list[str]:
        """The literal pieces, without spaces and punctuation at their ends."""
        trimmed = (piece.strip(" ,.;:!?–-，。：；！？（）、") for piece in self.pieces[::2])
        return [piece for piece in trimmed if len(piece) >= _SMALL_TALK]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """The patterns of a language.

    Args:
        slots: kind -> slot -> angle (or "any") -> patterns.
        cta: tone -> patterns.
        facts: fact -> patterns.
        greet: how well readers are known ("new", "returning", "lapsed", "any") -> patterns.
    """

    slots: Mapping[str, Mapping[str, Mapping[str, tuple[Pattern, ...]]]]
    cta: Mapping[str, tuple[Pattern, ...]]
    facts: Mapping[str, tuple[Pattern, ...]]
    greet: Mapping[str, tuple[Pattern, ...]]

    def all_patterns(self) -> list[Pattern]:
        """Every pattern."""
        groups = [*self.cta.values(), *self.facts.values(), *self.greet.values()]
        groups += [g for slots in self.slots.values() for angles in slots.values() for g in angles.values()]
        return [pattern for group in groups for pattern in group]

    def bank(self, kind: str, slot: str, angle: str) -> tuple[Pattern, ...]:
        """The patterns of a slot that suit an angle: its own, then those for any."""
        angles = self.slots[kind][slot]
        return angles.get(angle, ()) + angles.get("any", ())


def compile_patterns(source: str) -> tuple[Pattern, ...]:
    """The patterns that one line stands for: a choice in square brackets makes one pattern for each way.

    >>> [p.source for p in compile_patterns("[Meet|Try] {name}")]
    ['Meet {name}', 'Try {name}']
    """
    pieces = _CHOICE.split(source)
    ways = itertools.product(*([piece] if i % 2 == 0 else piece.split("|") for i, piece in enumerate(pieces)))
    return tuple(compile_pattern("".join(way)) for way in ways)


@functools.lru_cache(maxsize=8192)
def compile_pattern(source: str) -> Pattern:
    """The pattern of one line of the data.

    >>> compile_pattern("{Benefit}, at {price}.").fill({"benefit": "rest well", "price": "$5"})
    'Rest well, at $5.'
    """
    pieces = tuple(_PLACEHOLDER.split(source))
    return Pattern(source, pieces, frozenset(name.lower() for name in pieces[1::2]))


@functools.cache
def phrasebook(language: Language) -> Phrasebook:
    """The patterns of a language, read once."""
    raw = {**read_data(f"kinds_{language}.toml"), **read_data(f"{language}.toml")}
    kinds = {name: table for name, table in raw.items() if name not in _SHARED}
    return Phrasebook(
        slots={kind: {slot: _compile(t) for slot, t in slots.items()} for kind, slots in kinds.items()},
        cta=_compile(raw["cta"]),
        facts=_compile(raw["facts"]),
        greet=_compile(raw["greet"]),
    )


def _compile(table: Mapping[str, Any]) -> dict[str, tuple[Pattern, ...]]:
    """Name -> its patterns; a single line is a list of one."""
    listed = {name: [lines] if isinstance(lines, str) else lines for name, lines in table.items()}
    return {
        name: tuple(p for line in lines for p in compile_patterns(line)) for name, lines in listed.items()
    }
