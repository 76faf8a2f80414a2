"""The composer: a rule-based writer that needs no model and says only what the catalogue bears out."""

from __future__ import annotations

import functools
import hashlib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adwright.errors import unknown_name
from adwright.generate.angles import order_angles, order_tones
from adwright.generate.backends.goods import Goods, literal_phrases, recognise
from adwright.generate.backends.patterns import phrasebook
from adwright.generate.backends.phrasing import Phrasing, Turn
from adwright.generate.backends.reader_values import acquaintance, reader_values
from adwright.generate.backends.wording import values_for
from adwright.generate.kinds import Kind, get_kind
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Language, Provenance
from adwright.text.similarity import ngrams

MODEL = "compose@2"
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


class Composition(Phrasing):
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
        self.kind = kind or get_kind(brief.kind)
        self.patterns = patterns or brief.kind
        book = phrasebook(brief.language)
        if self.patterns not in book.slots:
            raise unknown_name("kind of the composer", self.patterns, book.slots)
        self.slots = book.slots[self.patterns]
        product = request.facts.product
        self.goods: Goods = recognise(product)
        values = values_for(request.facts, self.goods, brief.language, now=request.now)
        super().__init__(
            language=brief.language,
            book=book,
            category=self.goods.category,
            values=values | reader_values(brief, self.goods, product),
            rng=np.random.default_rng([request.seed, stable_number(product.id)]),
            greet=acquaintance(brief),
        )
        self.seen: list[frozenset[str]] = [ngrams(text) for text in request.avoid]

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
                written.append(composed(self.request, slots, angle=angle, tone=tone))
        return written

    def _slots(self, angle: str, tone: str) -> dict[str, str] | None:
        slots: dict[str, str] = {}
        turn = Turn(angle, tone)
        for slot in self.kind.slots:
            limits = self.kind.limits_of(self.request.brief.channel, slot.name)
            blocking = tuple(x for x in limits if x.severity == "block")
            wanted = (limits, blocking) if blocking != limits else (limits,)
            filled = self.slot(self.patterns, slot.name, turn, wanted)
            if filled is None:
                return None
            slots[slot.name], pattern = filled
            turn = turn.after(pattern)
        return self.kind.settle(slots, self.request.brief)

    def _is_new(self, slots: Mapping[str, str]) -> bool:
        grams = ngrams("\n".join(slots.values()))
        for known in self.seen:
            if len(grams & known) >= NEAR_IDENTICAL * len(grams | known):
                return False
        self.seen.append(grams)
        return True


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


def stable_number(text: str) -> int:
    """A number of a text that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
