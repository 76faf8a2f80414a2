"""A push message: what a lock screen shows."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

PUSH = Kind(
    name="push",
    slots=(
        Slot("title", "a few words that say what it is about"),
        Slot("body", "one short sentence that makes it worth a tap"),
    ),
    template="push.v1.j2",
    parse=parse_json_slots,
)
