"""Advertising copy: a headline and a description; on Google Ads with the paths of the address shown."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

AD_COPY = Kind(
    name="ad_copy",
    slots=(
        Slot("headline", "one short line that makes the reader stop"),
        Slot("description", "one or two sentences that say why, and end with what to do"),
    ),
    extras=(
        Slot("path1", "the first part of the address that is shown", required=False),
        Slot("path2", "the second part of the address that is shown", required=False),
    ),
    template="ad_copy.v1.j2",
    parse=parse_json_slots,
)
