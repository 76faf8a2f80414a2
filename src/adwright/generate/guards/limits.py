"""The guard of limits: every slot is there, not empty, no longer than its channel allows, and holds nothing
that the channel refuses.

Source: `kinds/limits.toml`, where each rule names its own source and day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adwright.generate.kinds import Ban, Kind, Limit, get_kind
from adwright.generate.kinds.counting import Counting
from adwright.generate.kinds.kind import Slot
from adwright.schema import Content, Finding, Offer, Product, Review, Severity
from adwright.text.normalise import clean
from adwright.text.sms import sms_length

_LINE_END = re.compile("\r\n?|[\u2028\u2029]")
_MAX_BANNED = 10  # of one slot; a text of a thousand emoji needs no list of them
_COUNTED: dict[Counting, str] = {
    "width": "wide characters count twice",
    "characters": "characters",
    "half_width": "two half-width characters count as one",
    "gbk_bytes": "bytes, two for a Han character",
    "sms_segments": "parts of an SMS",
}


@dataclass(frozen=True, slots=True)
class _SlotRules:
    slot: Slot
    limits: tuple[Limit, ...]
    bans: tuple[Ban, ...]


@dataclass(frozen=True, slots=True)
class _KindRules:
    """The rules of a kind on a channel."""

    kind: Kind
    slots: tuple[_SlotRules, ...]
    whole: tuple[Limit, ...]


@dataclass(slots=True)
class LimitsGuard:
    """Checks names, presence, length, characters and visibility of the slots against the kind's rules."""

    name: str = field(default="limits", init=False)
    _rules: dict[tuple[str, str], _KindRules] = field(default_factory=dict, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; products, offer, reviews and time do not matter here."""
        rules = self._rules_of(content.kind, content.channel)
        rules.kind.check_slots({s.name: "" for s in rules.kind.slots} | dict(content.slots))
        for slot_rules in rules.slots:
            yield from _check_slot(content.slots.get(slot_rules.slot.name, ""), slot_rules)
        for limit in rules.whole:
            yield from _check_whole(content, limit)

    def _rules_of(self, kind_name: str, channel: str) -> _KindRules:
        """Kept, since the registry takes longer than a check; there are as many as kinds and channels."""
        key = kind_name, channel
        if key not in self._rules:
            kind = get_kind(kind_name)
            slots = tuple(
                _SlotRules(s, kind.limits_of(channel, s.name), kind.bans_of(channel, s.name))
                for s in (*kind.slots, *kind.extras)
            )
            self._rules[key] = _KindRules(kind, slots, kind.whole_limits_of(channel))
        return self._rules[key]


def _check_slot(text: str, rules: _SlotRules) -> Iterator[Finding]:
    slot = rules.slot.name
    if not text.strip():
        if rules.slot.required:
            yield _finding("limits.empty", "block", slot, text, "a required slot is empty")
        return
    if _hides_something(text):
        yield _finding("limits.invisible", "review", slot, text, "holds characters that cannot be seen")
    for limit in rules.limits:
        length = limit.measure(text)
        if length > limit.maximum:
            yield _finding("limits.too_long", limit.severity, slot, text, _too_long(length, limit))
    for ban in rules.bans:
        for start, end in ban.find(text)[:_MAX_BANNED]:
            yield Finding(
                rule_id="limits.forbidden",
                severity=ban.severity,
                slot=slot,
                start=start,
                end=end,
                text=text[start:end],
                evidence=f"may not stand here; {_source(ban)}",
            )


def _check_whole(content: Content, limit: Limit) -> Iterator[Finding]:
    """A finding on the last slot, where what is too long would be cut."""
    text = content.text
    length = limit.measure(text)
    if length <= limit.maximum or not content.slots:
        return
    evidence = f"the whole text: {_too_long(length, limit)}"
    if limit.counting == "sms_segments":
        sms = sms_length(text)
        why = f", for {sms.forced_by!r}" if sms.forced_by else ""
        evidence = f"{evidence}; {sms.n_units} units of {sms.alphabet}{why}"
    slot = list(content.slots)[-1]
    yield _finding("limits.too_long", limit.severity, slot, content.slots[slot], evidence)


def _hides_something(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return False
    return clean(text) != unicodedata.normalize("NFC", _LINE_END.sub("\n", text))


def _too_long(length: int, limit: Limit) -> str:
    return f"{length} > {limit.maximum} ({_COUNTED[limit.counting]}); {_source(limit)}"


def _source(rule: Limit | Ban) -> str:
    return f"{rule.source}, {rule.as_of.isoformat()}"


def _finding(rule_id: str, severity: Severity, slot: str, text: str, evidence: str) -> Finding:
    return Finding(
        rule_id=rule_id,
        severity=severity,
        slot=slot,
        start=0,
        end=len(text),
        text=text[:80],
        evidence=evidence,
    )
