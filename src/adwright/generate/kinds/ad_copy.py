"""Advertising copy: a headline and a description; on Google Ads with the paths of the address shown.

A responsive search ad is many of both, which the platform combines as it likes: so each says something of
its own and no two say the same.
"""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot, numbered
from adwright.generate.parsing import parse_distinct_slots, parse_json_slots

_PATHS = (
    Slot("path1", "the first part of the address that is shown", required=False),
    Slot("path2", "the second part of the address that is shown", required=False),
)

AD_COPY = Kind(
    name="ad_copy",
    slots=(
        Slot("headline", "one short line that makes the reader stop"),
        Slot("description", "one or two sentences that say why, and end with what to do"),
    ),
    extras=_PATHS,
    template="ad_copy.v1.j2",
    parse=parse_json_slots,
)

RESPONSIVE_SEARCH_AD = Kind(
    name="responsive_search_ad",
    slots=(
        *numbered("headline", "one short line that stands by itself and repeats no other", least=3, most=15),
        *numbered("description", "one sentence that goes with any of the headlines", least=2, most=4),
    ),
    extras=_PATHS,
    template="responsive_search_ad.v1.j2",
    parse=parse_distinct_slots,
)
