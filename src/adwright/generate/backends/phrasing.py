"""Composing a text: sentence patterns are chosen and filled, slot by slot, until they fit their limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from adwright.generate.backends.goods import Category
from adwright.generate.backends.patterns import Pattern, Phrasebook, compile_pattern
from adwright.generate.backends.wording import finish
from adwright.generate.lexicon import attribute_lexicon
from adwright.schema import Language

T = TypeVar("T")

PRESSING = frozenset({"stock", "code", "deadline"})
_STALE = PRESSING | {"price", "sale"}
"""Facts that a product description leaves to its price angle, for it stays up longer than they hold."""

_FACTS_OF_A_NAME = frozenset({"colour", "material", "capacity", "weight", "size", "pattern", "scent"})
_NAMES_PRODUCT = frozenset({"name", "this", "a", "noun", "brand"})
_TOLD_ONCE = frozenset(
    {"rating", "price", "was", "off", "stock", "deadline", "code", "brand", "material", "colour", "own"}
)
_FACT_NEEDS = {"sale": "was", "code": "code_off"}
_CHOSEN = frozenset(
    {
        "benefit",
        "scene",
        "hook",
        "line",
        "people",
        "cta",
        "greet",
        "opening",
        "middle",
        "tag1",
        "tag2",
        "tag3",
    }
    | {"fact", "fact2", "fact3"}
)
_MOST_FACTS = 6
_OPENINGS = ("product_description", "description")
_MIDDLES = ("product_description", "middle")


class Measure(Protocol):
    """A limit: a greatest length, and how it is counted."""

    @property
    def maximum(self) -> int:
        """The greatest length that is still allowed."""
        ...

    def measure(self, text: str) -> int:
        """The length of a text."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What one variant leads with, how it sounds, and which values its earlier slots told."""

    angle: str
    tone: str
    told: frozenset[str] = frozenset()
    is_sequel: bool = False

    @property
    def may_press(self) -> bool:
        """Whether price, stock and deadline are what this variant is about."""
        return self.angle in ("price", "urgency")

    def after(self, pattern: Pattern) -> Turn:
        """The turn of the next slot."""
        return Turn(self.angle, self.tone, self.told | pattern.needs, is_sequel=True)

    def reluctance(self, pattern: Pattern) -> tuple[bool, int]:
        """What makes a pattern a poor sequel: the product goes unnamed, or facts are told twice."""
        unnamed = self.is_sequel and not (self.told | pattern.needs) & _NAMES_PRODUCT
        return unnamed, len(pattern.needs & self.told & _TOLD_ONCE)


class Phrasing:
    """The state of writing about one product: what was said already, and which pattern comes next.

    Args:
        language: Of the text.
        book: The patterns of that language.
        category: The kind of goods.
        values: Placeholder -> text, for what is known.
        rng: Chooses.
        greet: How well the readers are known: new, returning, lapsed or any.
        render: What a text looks like to a limit, where that is not what it is.
    """

    def __init__(
        self,
        *,
        language: Language,
        book: Phrasebook,
        category: Category,
        values: Mapping[str, str],
        rng: np.random.Generator,
        greet: str = "any",
        render: Callable[[str], str] = str,
    ) -> None:
        self.language = language
        self.book = book
        self.category = category
        self.values = dict(values)
        self.rng = rng
        self.greet = greet
        self.render = render
        self._known = frozenset(values) | _CHOSEN
        self._queues: dict[tuple[str, str, str], list[Pattern]] = {}
        self._turns: dict[tuple[str, ...], int] = {}
        self._people: str | None = None

    def slot(
        self, unit: str, slot: str, turn: Turn, limits: Sequence[Sequence[Measure]]
    ) -> tuple[str, Pattern] | None:
        """The first filled pattern that fits every limit; where none does, that fits the next set of limits."""
        queue = self._rotate(unit, slot, turn.angle)
        ordered = sorted(queue, key=lambda p: (self._shortens(p, queue), *turn.reluctance(p)))
        for wanted in limits:
            for pattern in ordered:
                text = self._fill(pattern, unit, slot, turn, wanted)
                if text is not None:
                    return text, pattern
        return None

    def _fill(
        self, pattern: Pattern, unit: str, slot: str, turn: Turn, limits: Sequence[Measure]
    ) -> str | None:
        for _ in range(3):
            values = self._values_with_choices(pattern, turn)
            if not pattern.needs <= values.keys() or self._repeats_name(pattern, values):
                return None
            text = pattern.fill(values)
            if (unit, slot) == _OPENINGS:
                text = self._extend(text, pattern, turn, limits)
            text = finish(text, self.language)
            if text and self._fits(text, limits):
                return text
        return None

    def _fits(self, text: str, limits: Sequence[Measure]) -> bool:
        shown = self.render(text)
        return all(limit.measure(shown) <= limit.maximum for limit in limits)

    def _values_with_choices(self, pattern: Pattern, turn: Turn) -> dict[str, str]:
        """The facts, with what this pattern needs beside them chosen: a benefit, a scene, sentences."""
        values, category, needs = self._plain_choices(turn, pattern.needs), self.category, pattern.needs
        told = needs | turn.told
        for name, place in (("opening", _OPENINGS), ("middle", _MIDDLES)):
            if name in needs:
                inner = self._inner(place, turn, told)
                values[name] = inner.fill(self._plain_choices(turn, inner.needs))
                told |= inner.needs
        if {"tag1", "tag2", "tag3"} & needs:
            tags = category.tags[self.language]
            values |= {f"tag{i + 1}": tags[j] for i, j in enumerate(self.rng.permutation(len(tags))[:3])}
        if "fact" in needs:
            pressing = frozenset[str]() if turn.may_press else PRESSING
            sentences = list(self._fact_sentences(turn, told=told, leave_out=pressing))
            values |= {"fact2": "", "fact3": ""}
            values |= dict(zip(("fact", "fact2", "fact3"), sentences, strict=False))
        return values

    def _plain_choices(self, turn: Turn, needs: frozenset[str]) -> dict[str, str]:
        """The facts, with a benefit, a scene, a line and the like of this kind of goods."""
        values, category, language = dict(self.values), self.category, self.language
        for name, choices in (
            ("benefit", category.benefits),
            ("scene", category.scenes),
            ("hook", category.hooks),
            ("line", category.lines),
            ("people", category.people),
        ):
            if name in needs:
                chosen = compile_pattern(self._next_of(name, choices[language], turn))
                values[name] = chosen.fill(self.values) if chosen.needs else chosen.source
        if "cta" in needs:
            values["cta"] = self._next(f"cta {turn.tone}", self.book.cta[turn.tone]).source
        if "greet" in needs:
            values["greet"] = self._next("greet", self.book.greet[self.greet]).source
        return values

    def _inner(self, place: tuple[str, str], turn: Turn, told: frozenset[str]) -> Pattern:
        """A sentence for inside another one, which tells as little as possible twice."""
        queue = self._rotate(*place, turn.angle)
        fit = [p for p in queue if not p.needs & {"fact", "cta"}]
        return min(fit, key=lambda p: len(p.needs & told & (_TOLD_ONCE | {"line"})))

    def _fact_sentences(
        self, turn: Turn, *, told: frozenset[str], leave_out: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """Sentences for the known facts that are not told yet, in an order that differs from text to text."""
        facts = list(self.book.facts)
        for i in self.rng.permutation(len(facts)):
            fact, needed = facts[i], _FACT_NEEDS.get(facts[i], facts[i])
            if fact in leave_out or needed in told or needed not in self.values or fact in told:
                continue
            if fact == "price" and "was" in self.values:
                continue
            usable = [p for p in self.book.facts[fact] if p.needs <= self._known and not p.needs & told]
            if usable:
                chosen = self._next(f"fact {fact}", usable)
                told |= chosen.needs
                yield chosen.fill(self._plain_choices(turn, chosen.needs))

    def _extend(self, text: str, pattern: Pattern, turn: Turn, limits: Sequence[Measure]) -> str:
        """The opening sentence with the catalogue's own, the facts, an everyday sentence and a call to action."""
        gap = "" if self.language == "zh" else " "
        stale = frozenset[str]() if turn.may_press else _STALE
        sentences = list(self._fact_sentences(turn, told=pattern.needs, leave_out=stale))
        middle = self._inner(_MIDDLES, turn, turn.told | pattern.needs)
        parts = [self.values["own"]] if "own" in self.values else []
        parts += sentences[:_MOST_FACTS]
        parts.append(middle.fill(self._plain_choices(turn, middle.needs)))
        parts.append(self._next(f"cta {turn.tone}", self.book.cta[turn.tone]).source)
        for part in parts:
            longer = f"{text}{gap}{part}"
            if self._fits(finish(longer, self.language), limits):
                text = longer
        return text

    def _repeats_name(self, pattern: Pattern, values: Mapping[str, str]) -> bool:
        """Whether a pattern that gives the name would say again what the name holds, as in `Red Shoes in red`."""
        if "name" not in pattern.needs:
            return False
        if "brand" in pattern.needs and values["brand"].lower() in values["name"].lower():
            return True
        name = values["name"].casefold()
        if any(values[fact].casefold() in name for fact in pattern.needs & _FACTS_OF_A_NAME):
            return True
        supported = attribute_lexicon().supported
        told = pattern.needs & {"colour", "material"}
        return any(supported(values["name"]) & supported(values[fact]) for fact in told)

    def _shortens(self, pattern: Pattern, queue: Sequence[Pattern]) -> bool:
        """Whether the pattern passes over a long title that another one of the queue would give whole."""
        return (
            "title" in self.values and "title" not in pattern.needs and any("title" in p.needs for p in queue)
        )

    def _rotate(self, unit: str, slot: str, angle: str) -> list[Pattern]:
        """The patterns whose facts are known, in an order drawn once, each call starting one further on."""
        key = (unit, slot, angle)
        if key not in self._queues:
            usable = [p for p in self.book.bank(unit, slot, angle) if p.needs <= self._known]
            self._queues[key] = [usable[i] for i in self.rng.permutation(len(usable))]
        queue = self._queues[key]
        turn = self._turns[key] = self._turns.get(key, -1) + 1
        turn %= max(len(queue), 1)
        return queue[turn:] + queue[:turn]

    def _next_of(self, name: str, choices: Sequence[str], turn: Turn) -> str:
        """As `_next`; but one text thinks of the same people from its first slot to its last."""
        if name != "people":
            return self._next(name, choices)
        if not turn.is_sequel or self._people is None:
            self._people = self._next(name, choices)
        return self._people

    def _next(self, name: str, choices: Sequence[T]) -> T:
        """The choices in turn, from a random start on."""
        key = (name, str(len(choices)))
        if key not in self._turns:
            self._turns[key] = int(self.rng.integers(len(choices)))
        self._turns[key] += 1
        return choices[self._turns[key] % len(choices)]
