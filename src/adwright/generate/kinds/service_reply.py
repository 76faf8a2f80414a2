"""An answer to a customer's question or review, from the catalogue and the shop's policies only.

Where they hold no answer the reply says so and hands over to a person; it never promises on its own.
"""

from __future__ import annotations

from adwright.errors import DataError
from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

YES, NO = "yes", "no"
_SPELLINGS = {YES: ("yes", "true", "y", "是", "需要", "要"), NO: ("no", "false", "n", "否", "不需要", "不用")}


def parse_reply(answer: str, slots: tuple[Slot, ...]) -> dict[str, str]:
    """The reply, and whether a person takes over, as `yes` or `no`.

    Raises:
        DataError: it cannot be read, or does not say whether a person takes over.
    """
    found = parse_json_slots(answer, slots)
    said = found["handover"].casefold().rstrip(".。 ")
    for word, spellings in _SPELLINGS.items():
        if said in spellings:
            return {**found, "handover": word}
    raise DataError("neither yes nor no", argument="handover", value=found["handover"], allowed="yes, no")


SERVICE_REPLY = Kind(
    name="service_reply",
    slots=(
        Slot("reply", "the answer, polite and to the point, in the customer's language", is_long=True),
        Slot(
            "handover",
            'yes where catalogue and policies do not answer, and a person must; else "no"',
            is_said=False,
            example=NO,
        ),
        Slot(
            "basis",
            "which fields of the catalogue or which policies the answer rests on; empty where none",
            required=False,
            is_said=False,
        ),
    ),
    template="service_reply.v1.j2",
    parse=parse_reply,
    needs_product=False,
)
