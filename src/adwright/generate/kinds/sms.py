"""A text message: one slot, paid for by the part."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

SMS = Kind(
    name="sms",
    slots=(Slot("text", "the whole message in one or two short sentences, without emoji"),),
    template="sms.v1.j2",
    parse=parse_json_slots,
)
