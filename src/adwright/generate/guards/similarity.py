"""The guard of similarity: a content does not repeat another one of the run, nor one that is live.

Holds when: likeness is likeness of letters (character 3-grams). Does not cover: the same thing in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adwright.generate.live import LiveTexts
from adwright.schema import Content, Finding, Offer, Product, Review


@dataclass(frozen=True, slots=True)
class SimilarityGuard:
    """Holds a content against others for the same channel and readers.

    Args:
        live: The others. Without any the guard finds nothing; `create_guards(live=...)` hands them over.
    """

    live: LiveTexts = field(default_factory=LiveTexts)
    name: str = field(default="similarity", init=False)

    def with_live(self, live: LiveTexts) -> SimilarityGuard:
        """The same guard before these contents."""
        return SimilarityGuard(live)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """One finding at most, on the first slot: a person decides on the same text, the rest only warns."""
        found = self.live.find(content)
        if found is None or not content.slots:
            return
        other, status, similarity = found
        slot, text = next(iter(content.slots.items()))
        yield Finding(
            rule_id="similarity.variant" if status in ("draft", "rejected") else "similarity.live",
            severity="review" if similarity == 1 else "warn",
            slot=slot,
            start=0,
            end=len(text),
            text=text[:80],
            evidence=f"{similarity:.0%} of its 3-grams are those of {other} ({status})",
        )
