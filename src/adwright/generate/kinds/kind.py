"""A kind of content: its slots, their limits per channel, its prompt, and how an answer is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adwright.errors import UsageError, unknown_name
from adwright.generate.kinds.limit import ANY_CHANNEL, WHOLE_TEXT, Ban, Limit, channel_rules

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
    "instagram",
    "tiktok",
    "xiaohongshu",
    "taobao",
    "weibo",
)
"""Where content can be shown."""


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
        template: The file name of the prompt template, with its version.
        parse: Reads a model's answer into the slots; raises `DataError` with what is wrong.
        limits: Per channel and slot, beside those that `limits.toml` has for this kind; every slot has at
            least one for `*`.
        extras: Slots that a person may fill in on some channels and that no backend writes.
    """

    name: str
    slots: tuple[Slot, ...]
    template: str
    parse: Callable[[str, tuple[Slot, ...]], dict[str, str]]
    limits: tuple[Limit, ...] = ()
    extras: tuple[Slot, ...] = ()

    def limits_of(self, channel: str, slot: str) -> tuple[Limit, ...]:
        """The limits of a slot on a channel; those for `*` where the channel has none."""
        if channel not in CHANNELS:
            raise unknown_name("channel", channel, CHANNELS)
        return self._limits(channel, slot) or self._limits(ANY_CHANNEL, slot)

    def whole_limits_of(self, channel: str) -> tuple[Limit, ...]:
        """The limits of the whole text on a channel; mostly there is none."""
        return self._limits(channel, WHOLE_TEXT)

    def bans_of(self, channel: str, slot: str) -> tuple[Ban, ...]:
        """What a slot may not hold on a channel."""
        return channel_rules(self.name).bans.get((channel, slot), ())

    def _limits(self, channel: str, slot: str) -> tuple[Limit, ...]:
        own = tuple(x for x in self.limits if x.channel == channel and x.slot == slot)
        return own + channel_rules(self.name).limits.get((channel, slot), ())

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
        known = tuple(s.name for s in (*self.slots, *self.extras))
        missing = [s.name for s in self.slots if s.required and s.name not in slots]
        if missing or set(slots) - set(known):
            raise UsageError(
                f"these are not the slots of {self.name}",
                argument="slots",
                value=tuple(slots),
                allowed=", ".join(known),
            )
