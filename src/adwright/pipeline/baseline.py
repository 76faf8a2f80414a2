"""The control of every test: what the shop says today, taken from the catalogue word for word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from adwright.generate import Written, check, get_kind
from adwright.generate.kinds import Limit
from adwright.pipeline.campaigns import Campaign
from adwright.schema import Content, Provenance

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")


def catalogue_content(campaign: Campaign, *, now: datetime) -> Written | None:
    """The product's own title and description in the slots of the campaign's kind, checked by the guards.

    None where the catalogue's words do not fit: no description, or longer than the channel allows. A text
    is never cut inside a sentence.
    """
    product = campaign.product
    kind = get_kind(campaign.kind)
    slots: dict[str, str] = {}
    for slot in kind.slots:
        source = product.title if slot.name in ("headline", "title") else product.description
        limits = kind.limits_of(campaign.channel, slot.name)
        text = _longest_fit(source, limits)
        if not text:
            return None
        slots[slot.name] = text
    draft = Content(
        id="",
        kind=campaign.kind,
        product_ids=(product.id,),
        cohort_id=campaign.cohort.id,
        channel=campaign.channel,
        language=campaign.language,
        slots=slots,
        provenance=Provenance(backend="catalogue", created_at=now),
        why={"en": "What the catalogue says today.", "zh": "目录里现有的文字。"}[campaign.language],
    )
    fresh = draft.with_slots(slots)
    findings = tuple(check(fresh, products=(product,), now=now))
    if any(f.severity == "block" for f in findings):
        return None
    return Written(content=fresh, findings=findings)


def _longest_fit(text: str, limits: Sequence[Limit]) -> str:
    """As many whole sentences of the text as fit; empty where not even the first does."""
    best, so_far = "", ""
    for sentence in _SENTENCE_END.split(text.strip()):
        if not sentence:
            continue
        joiner = " " if so_far and so_far[-1].isascii() else ""
        so_far = f"{so_far}{joiner}{sentence}"
        if any(limit.measure(so_far) > limit.maximum for limit in limits):
            break
        best = so_far
    return best
