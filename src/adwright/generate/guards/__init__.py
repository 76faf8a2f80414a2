"""Guards: what every content passes before a person or the public sees it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, cast, runtime_checkable

from adwright.generate.kinds import KINDS, get_kind
from adwright.generate.live import LiveTexts
from adwright.registry import Registry
from adwright.schema import Content, Finding, Offer, Product, Review

__all__ = ["GUARDS", "ComparesWithLive", "Guard", "check", "compare_with", "create_guards", "is_blocked"]

GUARDS = Registry(
    what="guard",
    group="adwright.guards",
    built_in={
        "limits": "adwright.generate.guards.limits:LimitsGuard",
        "law": "adwright.generate.guards.law:LawGuard",
        "facts": "adwright.generate.guards.facts:FactsGuard",
        "safety": "adwright.generate.guards.safety:SafetyGuard",
        "language": "adwright.generate.guards.language:LanguageGuard",
        "similarity": "adwright.generate.guards.similarity:SimilarityGuard",
        "label": "adwright.generate.guards.label:LabelGuard",
    },
)
"""A guard is a class without arguments that keeps the `Guard` protocol."""

_READ_EVERYTHING = frozenset({"limits"})
"""Guards that read the slots, too, that no reader gets to see."""


@runtime_checkable
class Guard(Protocol):
    """One sort of rule. It never raises for what a text holds."""

    name: str

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterable[Finding]:
        """What is wrong with the content; nothing where all is well."""
        ...


@runtime_checkable
class ComparesWithLive(Protocol):
    """A guard that holds a content against others."""

    def with_live(self, live: LiveTexts) -> Guard:
        """The same guard before these contents."""
        ...


def create_guards(names: Iterable[str] | None = None, *, live: LiveTexts | None = None) -> tuple[Guard, ...]:
    """New guards of these names, or all that are registered, before the contents that are live."""
    chosen = GUARDS.names() if names is None else names
    guards = tuple(cast(Guard, GUARDS.load(name)()) for name in chosen)
    return guards if live is None else compare_with(live, guards)


def compare_with(live: LiveTexts, guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """The guards, those that compare contents before these ones."""
    return tuple(g.with_live(live) if isinstance(g, ComparesWithLive) else g for g in guards)


def check(
    content: Content,
    *,
    products: Sequence[Product] = (),
    offer: Offer | None = None,
    reviews: Sequence[Review] = (),
    now: datetime,
    guards: Sequence[Guard] | None = None,
) -> tuple[Finding, ...]:
    """The findings of the guards on one content, by slot and place.

    Args:
        content: What to check.
        products: The products that it speaks of; without one its facts cannot be judged.
        offer: The offer that it may name.
        reviews: What customers wrote of the products; verified ones may bear out what a text says of them.
        now: Aware; sale and offer must run at this time.
        guards: Which guards; all that are registered where None.
    """
    chosen = create_guards() if guards is None else guards
    said = _what_is_said(content)
    found = [
        finding
        for guard in chosen
        if (seen := content if guard.name in _READ_EVERYTHING else said).slots or not content.slots
        for finding in guard.check(seen, products=products, offer=offer, reviews=reviews, now=now)
    ]
    order = {slot: i for i, slot in enumerate(content.slots)}
    return tuple(sorted(found, key=lambda f: (order.get(f.slot, -1), f.start, f.end, f.rule_id)))


def _what_is_said(content: Content) -> Content:
    """The content without the slots that only direct the work: a shot or a budget line claims nothing."""
    unsaid = content.slots.keys() & _unsaid(content.kind)
    if not unsaid:
        return content
    return replace(content, slots={name: text for name, text in content.slots.items() if name not in unsaid})


@functools.lru_cache(maxsize=64)
def _unsaid(kind: str) -> frozenset[str]:
    return get_kind(kind).unsaid if kind in KINDS.names() else frozenset()


def is_blocked(findings: Iterable[Finding]) -> bool:
    """Whether a finding keeps the content from being shown."""
    return any(finding.severity == "block" for finding in findings)
