"""An e-mail: what the inbox shows, and what stands inside."""

from __future__ import annotations

from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

EMAIL = Kind(
    name="email",
    slots=(
        Slot("subject", "the line that the inbox shows, honest about what is inside"),
        Slot("preheader", "the line that the inbox shows beside it, which goes on where the subject ends"),
        Slot("body", "a greeting without a name, a few short paragraphs, and what to do next", is_long=True),
    ),
    template="email.v1.j2",
    parse=parse_json_slots,
)
