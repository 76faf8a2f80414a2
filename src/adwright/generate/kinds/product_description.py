"""The description of a product, with its title."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

PRODUCT_DESCRIPTION = Kind(
    name="product_description",
    slots=(
        Slot("title", "the product's name as a shopper would search for it"),
        Slot("description", "what it is, for whom and what for, in a few plain sentences", is_long=True),
    ),
    template="product_description.v1.j2",
    parse=parse_json_slots,
)
