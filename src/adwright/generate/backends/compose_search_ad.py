"""Responsive search ads by rule: pairs of headline and description from many angles, pooled into ads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adwright.generate.backends.compose import Composition, composed
from adwright.generate.kinds import get_kind
from adwright.generate.kinds.ad_copy import AD_COPY, RESPONSIVE_SEARCH_AD
from adwright.generate.parsing import distinct_texts
from adwright.generate.requests import Draft, WriteRequest

_PAIRS_AN_AD = 9
_MOST = {"headline": 15, "description": 4}


def compose_search_ads(request: WriteRequest) -> list[Draft]:
    """Up to n ads. An angle that the brief names leads the first pair of each; the others are left open,
    for an ad whose headlines all say the same serves nobody."""
    kind = replace(RESPONSIVE_SEARCH_AD, slots=AD_COPY.slots)
    led = Composition(request, kind=kind, patterns="ad_copy").drafts()
    avoid = (*request.avoid, *(draft.text for draft in led))
    open_brief = replace(request.brief, angle=None)
    more = replace(request, brief=open_brief, n=request.n * (_PAIRS_AN_AD - 1), avoid=avoid)
    rest = Composition(more, kind=kind, patterns="ad_copy").drafts()
    ads = (_ad(request, [first, *rest[i :: len(led)]]) for i, first in enumerate(led))
    return [ad for ad in ads if ad is not None]


def _ad(request: WriteRequest, pairs: Sequence[Draft]) -> Draft | None:
    slots = dict(_numbered("headline", pairs)) | dict(_numbered("description", pairs))
    needed = {slot.name for slot in get_kind(request.brief.kind).slots if slot.required}
    if not needed <= slots.keys():
        return None
    return composed(request, slots, angle=pairs[0].angle, tone=pairs[0].tone)


def _numbered(family: str, pairs: Sequence[Draft]) -> Iterator[tuple[str, str]]:
    texts = distinct_texts([pair.slots[family] for pair in pairs])
    for i, text in enumerate(texts[: _MOST[family]], start=1):
        yield f"{family}_{i}", text
