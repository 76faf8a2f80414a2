"""The guard of labels: a text that a machine wrote says so where it must, and never says the opposite.

Holds when: a draft gets its label at export. So the visible label is asked for only of what is bound for it,
approved or live; what the exported row carries beside the text is held by `labelling.missing_labels`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from adwright.generate.labelling import find_denials, is_machine_written, requirements, says_ai
from adwright.schema import Content, Finding, Offer, Product, Review

_BOUND_FOR_EXPORT = frozenset({"approved", "live"})
_MAX_FINDINGS = 10


class LabelGuard:
    """Finds a missing visible label, and a denial that a machine wrote the text."""

    name = "label"

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; only the provenance, the channel and the time matter here."""
        if not is_machine_written(content):
            return
        for slot, text in content.slots.items():
            for start, end in find_denials(text)[:_MAX_FINDINGS]:
                yield Finding(
                    rule_id="label.denied",
                    severity="block",
                    slot=slot,
                    start=start,
                    end=end,
                    text=text[start:end],
                    evidence=f"written by {content.provenance.backend}",
                )
        if content.status in _BOUND_FOR_EXPORT and content.slots and not says_ai(content.text):
            yield from _missing(content, now)


def _missing(content: Content, now: datetime) -> Iterator[Finding]:
    slot, text = list(content.slots.items())[-1]
    for requirement in requirements(content.channel, now=now):
        if requirement.form == "visible":
            yield Finding(
                rule_id="label.missing",
                severity="block",
                slot=slot,
                start=0,
                end=len(text),
                text=text[:80],
                evidence=f"no visible label; {requirement.source}, {requirement.as_of.isoformat()}",
            )
