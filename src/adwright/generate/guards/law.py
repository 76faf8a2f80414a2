"""The guard of law: absolute terms, health, finance, minors, comparison and urgency.

Source: `rules/law_*.toml`, where each rule and each exemption names its article or guide, and each rule the
day on which that was read.

Holds when: the catalogue, the offer and the stock are what the shop can prove.

Beside the phrases stands a learnt reading (`guards/meaning`), which asks for a person, or tells as a warning what a
phrase only asks about where the text does not mean it.

Does not cover: claims that neither carries; advice of a lawyer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.meaning import find_meaning, settled
from adwright.generate.guards.rulebook import Rulebook
from adwright.generate.guards.support import Support, support_of
from adwright.generate.guards.true_dates import HASTE, TRUE_DATE, with_true_dates
from adwright.schema import Content, Finding, Offer, Product, Review

LAW_FILES = (
    "law_absolute",
    "law_health",
    "law_finance",
    "law_minors",
    "law_comparison",
    "law_urgency",
)
"""The files of `rules/` that the guard reads."""


@cache
def law_book() -> Rulebook:
    """The rules of law, read once."""
    return Rulebook.load(LAW_FILES)


@dataclass(slots=True)
class LawGuard:
    """Checks every slot against the rules of law, before the catalogue, the offer, the stock and the time."""

    name: str = field(default="law", init=False)
    _book: Rulebook = field(default_factory=law_book, init=False)
    _kept: tuple[object, Circumstances] | None = field(default=None, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; those that an exemption covers are warnings that name it."""
        circumstances = self._circumstances(products, offer, now)
        language = content.language
        support: Support | None = None
        for slot, text in content.slots.items():
            found = list(self._book.findings(slot, text, language, context=circumstances))
            if products and any(f.rule_id == HASTE and f.exemption is None for f in found):
                support = support or support_of(products, offer=offer, now=now)
                found = list(with_true_dates(found, Reading(text, language), support))
            found = list(settled(found, text, context=circumstances))
            yield from found
            yield from find_meaning(
                slot,
                text,
                language,
                stage="law.",
                by_rules=found,
                by_record=self._book.by_record | {TRUE_DATE},
                context=circumstances,
            )

    def _circumstances(
        self, products: Sequence[Product], offer: Offer | None, now: datetime
    ) -> Circumstances:
        """Kept for the next content of the same products, offer and time."""
        key = (tuple(products), offer, now)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, Circumstances.of(products, offer=offer, now=now))
        return self._kept[1]
