"""Advertising copy: a headline and a description."""

from __future__ import annotations

from datetime import date

from adwright.generate.kinds.kind import ANY_CHANNEL, Kind, Limit, Slot
from adwright.generate.parsing import parse_json_slots

_READ = date(2026, 11, 1)
_GOOGLE = "Google Ads Help, About responsive search ads: wide characters count twice"
_META = "Meta Ads Guide, single image in the feed: recommended lengths"
_HOUSE = "our own ceiling: what a card, an inbox or a lock screen shows without cutting"

AD_COPY = Kind(
    name="ad_copy",
    slots=(
        Slot("headline", "one short line that makes the reader stop"),
        Slot("description", "one or two sentences that say why, and end with what to do"),
    ),
    limits=(
        Limit("google_ads", "headline", 30, "width", "block", _GOOGLE, _READ),
        Limit("google_ads", "description", 90, "width", "block", _GOOGLE, _READ),
        Limit("meta", "headline", 40, "characters", "warn", _META, _READ),
        Limit("meta", "description", 125, "characters", "warn", _META, _READ),
        Limit("email", "headline", 60, "width", "block", _HOUSE, _READ),
        Limit("email", "description", 160, "width", "block", _HOUSE, _READ),
        Limit("push", "headline", 40, "width", "block", _HOUSE, _READ),
        Limit("push", "description", 120, "width", "block", _HOUSE, _READ),
        Limit("sms", "headline", 30, "width", "block", "3GPP TS 23.038: 70 UCS-2 in one message", _READ),
        Limit("sms", "description", 100, "width", "block", "3GPP TS 23.038: 70 UCS-2 in one message", _READ),
        Limit(ANY_CHANNEL, "headline", 70, "width", "block", _HOUSE, _READ),
        Limit(ANY_CHANNEL, "description", 240, "width", "block", _HOUSE, _READ),
    ),
    template="ad_copy.v1.j2",
    parse=parse_json_slots,
)
