"""The description of a product, with its title."""

from __future__ import annotations

from datetime import date

from adwright.generate.kinds.kind import ANY_CHANNEL, Kind, Limit, Slot
from adwright.generate.parsing import parse_json_slots

_READ = date(2026, 11, 1)
_MERCHANT = "Google Merchant Center, product data specification: title, description"
_META = "Meta, product catalogue fields: title, description"
_HOUSE = "our own ceiling: what a product page shows without folding"

PRODUCT_DESCRIPTION = Kind(
    name="product_description",
    slots=(
        Slot("title", "the product's name as a shopper would search for it"),
        Slot("description", "what it is, for whom and what for, in a few plain sentences"),
    ),
    limits=(
        Limit("merchant", "title", 150, "characters", "block", _MERCHANT, _READ),
        Limit("merchant", "description", 5000, "characters", "block", _MERCHANT, _READ),
        Limit("meta", "title", 150, "characters", "block", _META, _READ),
        Limit("meta", "description", 5000, "characters", "block", _META, _READ),
        Limit(ANY_CHANNEL, "title", 120, "width", "block", _HOUSE, _READ),
        Limit(ANY_CHANNEL, "description", 1200, "width", "block", _HOUSE, _READ),
    ),
    template="product_description.v1.j2",
    parse=parse_json_slots,
)
