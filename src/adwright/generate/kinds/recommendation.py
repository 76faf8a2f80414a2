"""The reason why this product suits these readers, as it stands under the product."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

RECOMMENDATION = Kind(
    name="recommendation",
    slots=(Slot("reason", "one sentence that joins what the readers like with a fact of the product"),),
    template="recommendation.v2.j2",
    parse=parse_json_slots,
)
