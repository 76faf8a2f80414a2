"""The guard of limits: every slot is there, not empty, and no longer than its channel allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from adwright.generate.kinds import get_kind
from adwright.schema import Content, Finding, Offer, Product, Review, Severity
from adwright.text.normalise import clean


class LimitsGuard:
    """Checks names, presence, length and visibility of the slots against the kind's limits."""

    name = "limits"

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; products, offer and time do not matter here."""
        kind = get_kind(content.kind)
        kind.check_slots({s.name: "" for s in kind.slots} | dict(content.slots))
        for slot in kind.slots:
            text = content.slots.get(slot.name, "")
            if not text.strip():
                if slot.required:
                    yield _finding("limits.empty", "block", slot.name, text, "a required slot is empty")
                continue
            if clean(text) != text:
                yield _finding(
                    "limits.invisible", "review", slot.name, text, "holds characters that cannot be seen"
                )
            for limit in kind.limits_of(content.channel, slot.name):
                length = limit.measure(text)
                if length > limit.maximum:
                    source = f"{limit.source}, {limit.as_of.isoformat()}"
                    evidence = f"{length} > {limit.maximum} ({limit.counting}); {source}"
                    yield _finding("limits.too_long", limit.severity, slot.name, text, evidence)


def _finding(rule_id: str, severity: Severity, slot: str, text: str, evidence: str) -> Finding:
    return Finding(
        rule_id=rule_id,
        severity=severity,
        slot=slot,
        start=0,
        end=len(text),
        text=text[:80],
        evidence=evidence,
    )
