"""The composer: a rule-based writer that needs no model and says only what the catalogue bears out."""

from __future__ import annotations

import functools
import hashlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from adwright.errors import unknown_name
from adwright.generate.angles import order_angles, order_tones
from adwright.generate.backends.goods import Goods, literal_phrases, recognise
from adwright.generate.backends.patterns import Pattern, Phrasebook, phrasebook
from adwright.generate.backends.reader_values import reader_values
from adwright.generate.backends.wording import finish, own_sentence, values_for
from adwright.generate.kinds import Kind, Limit, get_kind
from adwright.generate.lexicon import attribute_lexicon, find_superlatives
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Language, Provenance
from adwright.text.similarity import ngrams

T = TypeVar("T")
_FACTS_OF_A_NAME = frozenset({"colour", "material", "capacity", "weight", "size", "pattern", "scent"})

MODEL = "compose@1"
NEAR_IDENTICAL = 0.8
"""Two variants whose 3-grams overlap by this much (Jaccard) are one."""

_BY_RULE = {
    "responsive_search_ad": "compose_search_ad:compose_search_ads",
    "video_script": "compose_video:compose_videos",
    "campaign_plan": "compose_plan:compose_plans",
    "service_reply": "compose_reply:compose_replies",
}
"""Kind -> what composes it where patterns for each slot are not enough."""

_TRIES_PER_VARIANT = 12
_PRESSING = frozenset({"stock", "code", "deadline"})
_STALE = _PRESSING | {"price", "sale"}
"""Facts that a product description leaves to its price angle, for it stays up longer than they hold."""

_NAMES_PRODUCT = frozenset({"name", "this", "a", "noun", "brand"})
_TOLD_ONCE = frozenset(
    {"rating", "price", "was", "off", "stock", "deadline", "code", "brand", "material", "colour"}
)
_FACT_NEEDS = {"sale": "was", "code": "code_off"}


def phrases() -> Mapping[Language, frozenset[str]]:
    """Language -> every literal phrase that the composer writes with, placeholders left out.

    >>> "Care in every detail" in phrases()["en"]
    True
    """
    languages: tuple[Language, ...] = ("en", "zh")
    return {
        language: frozenset(piece for p in phrasebook(language).all_patterns() for piece in p.literals)
        | literal_phrases(language)
        for language in languages
    }


@dataclass(frozen=True)
class ComposeConfig:
    """The composer has no options."""


class ComposeBackend:
    """Writes by filling sentence patterns with the facts of the catalogue.

    Distinct variants are spread over persuasion angles and tones. Where the facts and limits allow fewer
    than n distinct ones, fewer are written.
    """

    name = "compose"
    config_type = ComposeConfig
    learns_from_findings = False

    def __init__(self, config: ComposeConfig | None = None) -> None:
        self.config = config or ComposeConfig()

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts; the same request gives the same drafts."""
        return [compose(request) for request in requests]


def compose(request: WriteRequest) -> list[Draft]:
    """Up to n drafts of one request."""
    kind = request.brief.kind
    if kind in _BY_RULE:
        module, _, function = _BY_RULE[kind].partition(":")
        write = getattr(importlib.import_module(f"adwright.generate.backends.{module}"), function)
        return list(write(request))
    return Composition(request).drafts()


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

    def reluctance(self, pattern: Pattern) -> tuple[bool, int]:
        """What makes a pattern a poor sequel: the product goes unnamed, or facts are told twice."""
        unnamed = self.is_sequel and not (self.told | pattern.needs) & _NAMES_PRODUCT
        return unnamed, len(pattern.needs & self.told & _TOLD_ONCE)


class Composition:
    """The state of writing one request: what was said already, and which pattern comes next.

    Args:
        request: What to write.
        kind: Its slots and limits; the kind of the brief where None.
        patterns: Whose patterns it is written with; those of the brief's kind where None.
    """

    def __init__(
        self, request: WriteRequest, *, kind: Kind | None = None, patterns: str | None = None
    ) -> None:
        brief = request.brief
        self.request = request
        self.language: Language = brief.language
        self.kind = kind or get_kind(brief.kind)
        self.book: Phrasebook = phrasebook(brief.language)
        own = patterns or brief.kind
        if own not in self.book.slots:
            raise unknown_name("kind of the composer", own, self.book.slots)
        self.slots = self.book.slots[own]
        self.goods: Goods = recognise(request.facts.product)
        self.rng = np.random.default_rng([request.seed, _stable_number(request.facts.product.id)])
        self.values = values_for(request.facts, self.goods, brief.language, now=request.now)
        self.values |= reader_values(brief, self.goods, request.facts.product)
        self.seen: list[frozenset[str]] = [ngrams(text) for text in request.avoid]
        self._queues: dict[tuple[str, ...], list[Pattern]] = {}
        self._turns: dict[tuple[str, ...], int] = {}

    def drafts(self) -> list[Draft]:
        """Up to n drafts, distinct, spread over angles and tones."""
        angles = order_angles(
            self.request.brief, self.request.facts, skip=self.goods.category.skip, rng=self.rng
        )
        tones = order_tones(self.request.brief, rng=self.rng)
        written: list[Draft] = []
        for i in range(self.request.n * _TRIES_PER_VARIANT):
            if len(written) == self.request.n or not angles:
                break
            angle, tone = angles[i % len(angles)], tones[(i + i // len(angles)) % len(tones)]
            slots = self._slots(angle, tone)
            if slots is None:
                angles = [a for a in angles if a != angle]
            elif self._is_new(slots):
                written.append(self._draft(slots, angle, tone))
        return written

    def _slots(self, angle: str, tone: str) -> dict[str, str] | None:
        slots: dict[str, str] = {}
        turn = Turn(angle, tone)
        for slot in self.kind.slots:
            filled = self._slot(slot.name, turn)
            if filled is None:
                return None
            slots[slot.name], pattern = filled
            turn = Turn(angle, tone, turn.told | pattern.needs, is_sequel=True)
        return slots

    def _slot(self, slot: str, turn: Turn) -> tuple[str, Pattern] | None:
        """The first filled pattern that fits every limit, or else the blocking ones; None where none does."""
        limits = self.kind.limits_of(self.request.brief.channel, slot)
        blocking = tuple(x for x in limits if x.severity == "block")
        angles = self.slots[slot]
        name = turn.angle if turn.angle in angles else "any"
        for wanted in (limits, blocking) if blocking != limits else (limits,):
            queue = self._rotate((slot, name), angles[name])
            for pattern in sorted(queue, key=lambda p: (self._shortens(p, queue), *turn.reluctance(p))):
                text = self._fill(pattern, slot, turn, wanted)
                if text is not None:
                    return text, pattern
        return None

    def _fill(self, pattern: Pattern, slot: str, turn: Turn, limits: Sequence[Limit]) -> str | None:
        for _ in range(3):
            values = self._values_with_choices(pattern, turn)
            if not pattern.needs <= values.keys() or self._repeats_name(pattern, values):
                return None
            text = pattern.fill(values)
            if "opening" in self.slots and self._is_long(slot):
                text = f"{self._next('opening', self.slots['opening']['any']).source}\n{text}"
            if "middle" in self.slots and self._is_long(slot):
                text = self._extend(text, pattern, turn, limits)
            text = finish(text, self.language)
            if all(limit.measure(text) <= limit.maximum for limit in limits):
                return text
        return None

    def _values_with_choices(self, pattern: Pattern, turn: Turn) -> dict[str, str]:
        """The facts, with a benefit, a scene, a call to action and a fact sentence chosen for this pattern."""
        values = dict(self.values)
        category = self.goods.category
        values["benefit"] = self._next("benefit", category.benefits[self.language])
        values["scene"] = self._next("scene", category.scenes[self.language])
        values["cta"] = self._next(f"cta {turn.tone}", self.book.cta[turn.tone]).source
        if "fact" in pattern.needs:
            pressing = frozenset[str]() if turn.may_press else _PRESSING
            sentences = list(self._fact_sentences(told=pattern.needs | turn.told, leave_out=pressing))
            if sentences:
                values["fact"] = sentences[int(self.rng.integers(len(sentences)))]
        return values

    def _fact_sentences(
        self, *, told: frozenset[str], leave_out: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """One sentence for each known fact that is not told yet."""
        for fact, patterns in self.book.facts.items():
            needed = _FACT_NEEDS.get(fact, fact)
            if fact in leave_out or needed in told or needed not in self.values or fact in told:
                continue
            if fact == "price" and "was" in self.values:
                continue
            usable = [p for p in patterns if p.needs <= self.values.keys()]
            if usable:
                yield self._next(f"fact {fact}", usable).fill(self.values)

    def _extend(self, text: str, pattern: Pattern, turn: Turn, limits: Sequence[Limit]) -> str:
        """The opening sentence with the catalogue's own, the facts, an everyday sentence and a call to action."""
        gap = "" if self.language == "zh" else " "
        stale = frozenset[str]() if turn.may_press else _STALE
        sentences = list(self._fact_sentences(told=pattern.needs, leave_out=stale))
        own = own_sentence(self.request.facts.product, self.language)
        middle = self._next("middle", self.slots["middle"]["any"])
        parts = [own] if own is not None and not find_superlatives(own) else []
        parts += sentences[:4]
        parts.append(middle.fill(self._values_with_choices(middle, turn)))
        parts.append(self._next(f"cta {turn.tone}", self.book.cta[turn.tone]).source)
        for part in parts:
            longer = f"{text}{gap}{part}"
            if all(limit.measure(finish(longer, self.language)) <= limit.maximum for limit in limits):
                text = longer
        return text

    def _is_long(self, slot: str) -> bool:
        return any(s.is_long for s in self.kind.slots if s.name == slot)

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

    def _rotate(self, name: tuple[str, ...], patterns: Sequence[Pattern]) -> list[Pattern]:
        """The patterns in an order drawn once a request, each call starting one further on."""
        if name not in self._queues:
            self._queues[name] = [patterns[i] for i in self.rng.permutation(len(patterns))]
        queue = self._queues[name]
        turn = self._turns[name] = self._turns.get(name, -1) + 1
        turn %= len(queue)
        return queue[turn:] + queue[:turn]

    def _next(self, name: str, choices: Sequence[T]) -> T:
        """The choices in turn, from a random start on."""
        key = (name, str(len(choices)))
        if key not in self._turns:
            self._turns[key] = int(self.rng.integers(len(choices)))
        self._turns[key] += 1
        return choices[self._turns[key] % len(choices)]

    def _is_new(self, slots: Mapping[str, str]) -> bool:
        grams = ngrams("\n".join(slots.values()))
        for known in self.seen:
            if len(grams & known) >= NEAR_IDENTICAL * len(grams | known):
                return False
        self.seen.append(grams)
        return True

    def _draft(self, slots: dict[str, str], angle: str, tone: str) -> Draft:
        return composed(self.request, slots, angle=angle, tone=tone)


def composed(request: WriteRequest, slots: dict[str, str], *, angle: str | None, tone: str | None) -> Draft:
    """The draft of these slots, written by rule."""
    provenance = Provenance(
        backend="compose",
        model=MODEL,
        prompt_digest=_data_digest(request.brief.language),
        seed=request.seed,
        created_at=request.now,
    )
    return Draft(slots=slots, provenance=provenance, angle=angle, tone=tone)


@functools.cache
def _data_digest(language: Language) -> str:
    sources = "\n".join(p.source for p in phrasebook(language).all_patterns())
    return hashlib.blake2b(sources.encode(), digest_size=8).hexdigest()


def _stable_number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
