"""How long a slot may be on a channel and what it may not hold: dated data, read from `limits.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from adwright.errors import ConfigError
from adwright.generate.kinds.counting import COUNTS, Counting
from adwright.schema import Severity
from adwright.text.emoji import find_emoji

ANY_CHANNEL = "*"
WHOLE_TEXT = "*"
"""The slot name of a limit on all slots together, as they are rendered."""

EMOJI = "emoji"
"""In a ban, any emoji; every other entry of a ban is a character."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest text that a slot may hold on a channel.

    Args:
        channel: One of `CHANNELS`, or `*` for those without a limit of their own.
        slot: The slot's name, or `*` for the whole text.
        maximum: The length that is still allowed.
        counting: How it is counted; see `COUNTS`.
        severity: What going beyond it means; a recommended length only warns.
        source: Who says so.
        as_of: When that was written down.
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
        return COUNTS[self.counting](text)


@dataclass(frozen=True, slots=True)
class Ban:
    """What a slot may not hold on a channel: single characters, or `emoji`; the rest as in `Limit`."""

    channel: str
    slot: str
    what: tuple[str, ...]
    severity: Severity
    source: str
    as_of: date

    def find(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each thing that may not stand here, in order."""
        chars = frozenset(self.what) - {EMOJI}
        found = [] if chars.isdisjoint(text) else [(i, i + 1) for i, c in enumerate(text) if c in chars]
        if EMOJI in self.what:
            found += find_emoji(text)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """The limits and bans of one kind, by channel and slot."""

    limits: Mapping[tuple[str, str], tuple[Limit, ...]]
    bans: Mapping[tuple[str, str], tuple[Ban, ...]]


@functools.cache
def channel_rules(kind: str) -> ChannelRules:
    """What `limits.toml` says of a kind; nothing for one that it does not name."""
    limits: dict[tuple[str, str], tuple[Limit, ...]] = {}
    bans: dict[tuple[str, str], tuple[Ban, ...]] = {}
    for rule in _rules():
        if rule["kind"] != kind:
            continue
        for limit in _limits(rule):
            key = limit.channel, limit.slot
            limits[key] = (*limits.get(key, ()), limit)
        for ban in _bans(rule):
            key = ban.channel, ban.slot
            bans[key] = (*bans.get(key, ()), ban)
    return ChannelRules(limits, bans)


@functools.cache
def _rules() -> tuple[Mapping[str, Any], ...]:
    text = (files("adwright.generate.kinds") / "limits.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["rule"])


def _limits(rule: Mapping[str, Any]) -> Iterator[Limit]:
    for slot, maximum in rule.get("maximum", {}).items():
        counting = rule["counting"]
        if counting not in COUNTS:
            raise ConfigError(
                "unknown rule of counting", argument="counting", value=counting, allowed=", ".join(COUNTS)
            )
        yield Limit(rule["channel"], slot, maximum, counting, rule["severity"], rule["source"], rule["as_of"])


def _bans(rule: Mapping[str, Any]) -> Iterator[Ban]:
    for slot, what in rule.get("forbids", {}).items():
        yield Ban(rule["channel"], slot, tuple(what), rule["severity"], rule["source"], rule["as_of"])
