"""A kind of content: its slots, their limits per channel, its prompt, and how an answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adwright.errors import UsageError, unknown_name
from adwright.generate.kinds.limit import ANY_CHANNEL, WHOLE_TEXT, Ban, Limit, channel_rules
from adwright.schema import Brief

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

_NUMBER = re.compile(r"_\d+")


@dataclass(frozen=True, slots=True)
class Slot:
    """One part of a content.

    Args:
        name: Its name. Slots that differ in a number only (`headline_1`, `headline_2`) are a family.
        holds: What it holds, for the prompt.
        required: A required slot is never empty; another one may be left out.
        is_said: Whether readers get to see or hear it. What only directs the work (a shot, a budget line)
            is no claim about a product, so only its length is checked.
        is_long: Whether it may run over several sentences, as far as its channel allows.
        example: What it could hold, where not any text will do.
    """

    name: str
    holds: str
    required: bool = True
    is_said: bool = True
    is_long: bool = False
    example: str = ""

    @property
    def family(self) -> str:
        """The name without its number: `headline` of `headline_3`, `scene_narration` of `scene_2_narration`."""
        return _NUMBER.sub("", self.name)


def numbered(name: str, holds: str, *, least: int, most: int) -> tuple[Slot, ...]:
    """A family of slots `name_1` to `name_most`, of which the first `least` are required.

    >>> [(s.name, s.required) for s in numbered("headline", "a line", least=1, most=2)]
    [('headline_1', True), ('headline_2', False)]
    """
    return tuple(Slot(f"{name}_{i}", holds, required=i <= least) for i in range(1, most + 1))


def as_written(slots: Mapping[str, str], brief: Brief) -> dict[str, str]:
    """The slots as they were read."""
    return dict(slots)


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
        settle: Gives what was read the form that the brief's channel and language ask for; raises
            `DataError` with what is wrong.
        needs_product: Whether a brief without a product can be written.
    """

    name: str
    slots: tuple[Slot, ...]
    template: str
    parse: Callable[[str, tuple[Slot, ...]], dict[str, str]]
    limits: tuple[Limit, ...] = ()
    extras: tuple[Slot, ...] = ()
    settle: Callable[[Mapping[str, str], Brief], dict[str, str]] = as_written
    needs_product: bool = True

    @property
    def said(self) -> frozenset[str]:
        """The names of the slots that readers get to see or hear."""
        return frozenset(s.name for s in (*self.slots, *self.extras) if s.is_said)

    @property
    def unsaid(self) -> frozenset[str]:
        """The names of the slots that only direct the work."""
        return frozenset(s.name for s in (*self.slots, *self.extras) if not s.is_said)

    def limits_of(self, channel: str, slot: str) -> tuple[Limit, ...]:
        """The limits of a slot on a channel; those for `*` where the channel has none."""
        if channel not in CHANNELS:
            raise unknown_name("channel", channel, CHANNELS)
        return self._limits(channel, slot) or self._limits(ANY_CHANNEL, slot)

    def whole_limits_of(self, channel: str) -> tuple[Limit, ...]:
        """The limits of the whole text on a channel; mostly there is none."""
        return self._limits(channel, WHOLE_TEXT)

    def bans_of(self, channel: str, slot: str) -> tuple[Ban, ...]:
        """What a slot, or its family, may not hold on a channel."""
        return channel_rules(self.name).bans.get((channel, _NUMBER.sub("", slot)), ())

    def _limits(self, channel: str, slot: str) -> tuple[Limit, ...]:
        names = {slot, _NUMBER.sub("", slot)}
        own = tuple(x for x in self.limits if x.channel == channel and x.slot in names)
        found = channel_rules(self.name).limits
        return own + tuple(x for name in sorted(names) for x in found.get((channel, name), ()))

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an answer: one object with a string for each slot and nothing else.

        A slot that may be left out may be null: endpoints that hold a model to a schema want every name.
        """
        return {
            "type": "object",
            "properties": {
                s.name: {
                    "type": "string" if s.required else ["string", "null"],
                    "description": s.holds,
                }
                for s in self.slots
            },
            "required": [s.name for s in self.slots],
            "additionalProperties": False,
        }

    def read(self, answer: str, brief: Brief | None = None) -> dict[str, str]:
        """The slots of a model's answer, cleaned, in the form that the brief asks for where one is given.

        Raises:
            DataError: it cannot be read, with what is wrong.
        """
        slots = self.parse(answer, self.slots)
        return slots if brief is None else self.settle(slots, brief)

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
