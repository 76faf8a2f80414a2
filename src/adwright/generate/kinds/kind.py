"""A kind of content: its slots, their limits per channel, its prompt, and how an answer is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from adwright.errors import UsageError, unknown_name
from adwright.schema import Severity
from adwright.text.width import display_width

CHANNELS = (
    "onsite",
    "web",
    "email",
    "push",
    "sms",
    "search",
    "ads",
    "google_ads",
    "meta",
    "social",
    "merchant",
)
"""Where content can be shown."""

ANY_CHANNEL = "*"
Counting = Literal["width", "characters"]


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest text that a slot may hold on a channel.

    Args:
        channel: One of `CHANNELS`, or `*` for those without a limit of their own.
        slot: The slot's name.
        maximum: The length that is still allowed.
        counting: `width` counts wide characters twice, `characters` counts each once.
        severity: What going beyond it means; a recommended length only warns.
        source: Who says so.
        as_of: When that was read.
    """

    channel: str
    slot: str
    maximum: int
    counting: Counting
    severity: Severity
    source: str
    as_of: date

    def measure(self, text: str) -> int:
        """The length of a text as this limit counts it."""
        return display_width(text) if self.counting == "width" else len(text)


@dataclass(frozen=True, slots=True)
class Slot:
    """One part of a content: its name and, for the prompt, what it holds. A required slot is never empty."""

    name: str
    holds: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content; one file in `kinds/` and one template in `prompts/` make it.

    Args:
        name: Its short name, for example "ad_copy".
        slots: Its slots in the order in which they are shown.
        limits: Per channel and slot; every slot has at least one for `*`.
        template: The file name of the prompt template, with its version.
        parse: Reads a model's answer into the slots; raises `DataError` with what is wrong.
    """

    name: str
    slots: tuple[Slot, ...]
    limits: tuple[Limit, ...]
    template: str
    parse: Callable[[str, tuple[Slot, ...]], dict[str, str]]

    def limits_of(self, channel: str, slot: str) -> tuple[Limit, ...]:
        """The limits of a slot on a channel; those for `*` where the channel has none."""
        if channel not in CHANNELS:
            raise unknown_name("channel", channel, CHANNELS)
        own = tuple(x for x in self.limits if x.channel == channel and x.slot == slot)
        return own or tuple(x for x in self.limits if x.channel == ANY_CHANNEL and x.slot == slot)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an answer: one object with a string for each slot and nothing else."""
        return {
            "type": "object",
            "properties": {s.name: {"type": "string", "description": s.holds} for s in self.slots},
            "required": [s.name for s in self.slots],
            "additionalProperties": False,
        }

    def read(self, answer: str) -> dict[str, str]:
        """The slots of a model's answer, cleaned; `DataError` where it cannot be read."""
        return self.parse(answer, self.slots)

    def check_slots(self, slots: Mapping[str, str]) -> None:
        """Raises `UsageError` where the names of the slots are not those of this kind."""
        known = tuple(s.name for s in self.slots)
        missing = [s.name for s in self.slots if s.required and s.name not in slots]
        if missing or set(slots) - set(known):
            raise UsageError(
                f"these are not the slots of {self.name}",
                argument="slots",
                value=tuple(slots),
                allowed=", ".join(known),
            )
