"""A shop's own rules: its words, its competitors, further rules, and severities that it lowers, each with a reason.

Does not cover: raising a severity; a shop that wants a text stopped writes a rule of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from adwright.errors import ConfigError, unknown_name
from adwright.generate.guards import ComparesWithLive, Guard, create_guards
from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.rule import Rule
from adwright.generate.guards.rule_files import read_rules
from adwright.generate.guards.rulebook import Rulebook
from adwright.generate.live import LiveTexts
from adwright.schema import Content, Finding, Offer, Product, Review, Severity

SHOP_RULES = "guards.toml"
"""The name of the file in a workspace."""

_RANK: Mapping[Severity, int] = {"warn": 0, "review": 1, "block": 2}
_LEAST_REASON = 10  # characters
_SECTIONS = ("version", "voice", "competitors", "lists", "rule", "severity")
_LISTED: Mapping[str, tuple[str, str, Severity, Mapping[str, str]]] = {
    "voice": (
        "avoid",
        "shop.voice",
        "review",
        {"zh": "本店不用的词", "en": "a word that this shop never uses"},
    ),
    "competitors": (
        "names",
        "shop.competitor",
        "block",
        {"zh": "本店不提的竞争者", "en": "a competitor that this shop never names"},
    ),
}
_SPECIAL = frozenset("(){}<>|*^")


@dataclass(frozen=True, slots=True)
class Lowered:
    """A severity that the shop lowers.

    Args:
        rule: The rule id, or its beginning up to a full stop: `law.absolute`, `law`.
        severity: What findings of it get; those that are lower stay as they are.
        reason: Why, in a sentence; shown with every finding.
        by: Who decided.
        on: When.
    """

    rule: str
    severity: Severity
    reason: str
    by: str
    on: date

    def covers(self, rule_id: str) -> bool:
        """Whether it is about this rule."""
        return rule_id == self.rule or rule_id.startswith(self.rule + ".")


@dataclass(frozen=True, slots=True)
class ShopRules:
    """What a shop adds to the guards and what it lowers.

    Args:
        rules: Looked for in every slot.
        lowered: The first that covers a rule counts.
    """

    rules: tuple[Rule, ...] = ()
    lowered: tuple[Lowered, ...] = ()

    @classmethod
    def read(cls, path: Path) -> ShopRules:
        """The rules of a file; none where it does not exist.

        Raises:
            ConfigError, NotFoundError: it is no TOML, a key is unknown or missing, a severity is lowered
                without a reason.
        """
        return cls.parse(path.read_text(encoding="utf-8"), where=path.name) if path.exists() else cls()

    @classmethod
    def parse(cls, text: str, *, where: str = SHOP_RULES) -> ShopRules:
        """The rules of a TOML text, as `docs/how-to/generate-and-check.md` shows it."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"no TOML: {error}", argument="rule file", value=where) from error
        for key in data:
            if key not in _SECTIONS:
                raise unknown_name(f"section in {where}", key, _SECTIONS)
        tables = [*data.get("rule", ()), *_listed_rules(data, where)]
        rules = read_rules({"lists": data.get("lists", {}), "rule": tables}, where=where)
        for rule in rules:
            if not rule.id.startswith("shop."):
                raise ConfigError(
                    f"in {where}", argument="id", value=rule.id, allowed='one that begins with "shop."'
                )
        return cls(rules, tuple(_lowered(table, where) for table in data.get("severity", ())))

    def apply(self, guards: Sequence[Guard]) -> tuple[Guard, ...]:
        """The guards with the shop's own among them, each with the severities that the shop gives."""
        own: tuple[Guard, ...] = (_OwnRules(Rulebook(self.rules)),) if self.rules else ()
        if not self.lowered:
            return (*guards, *own)
        return tuple(_with_severities(guard, self.lowered) for guard in (*guards, *own))


def shop_guards(folder: Path, *, live: LiveTexts | None = None) -> tuple[Guard, ...]:
    """All registered guards under the rules that the folder of a shop holds, if it holds some."""
    return ShopRules.read(folder / SHOP_RULES).apply(create_guards(live=live))


@dataclass(slots=True)
class _OwnRules:
    """The guard of a shop's own rules."""

    book: Rulebook
    name: str = field(default="shop", init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        circumstances = Circumstances.of(products, offer=offer, now=now)
        for slot, text in content.slots.items():
            yield from self.book.findings(slot, text, content.language, context=circumstances)


@dataclass(slots=True)
class _WithSeverities:
    """A guard whose findings get the severities that a shop gives, with the reason in their evidence."""

    guard: Guard
    lowered: tuple[Lowered, ...]
    name: str

    def with_live(self, live: LiveTexts) -> Guard:
        """The same before these contents, where the guard compares."""
        return (
            _with_severities(self.guard.with_live(live), self.lowered)
            if isinstance(self.guard, ComparesWithLive)
            else self
        )

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        for finding in self.guard.check(content, products=products, offer=offer, reviews=reviews, now=now):
            yield self._lower(finding)

    def _lower(self, finding: Finding) -> Finding:
        found = next((low for low in self.lowered if low.covers(finding.rule_id)), None)
        if found is None or _RANK[found.severity] >= _RANK[finding.severity]:
            return finding
        told = f"lowered from {finding.severity} by {found.by}, {found.on.isoformat()}: {found.reason}"
        return replace(finding, severity=found.severity, evidence=f"{finding.evidence} [{told}]")


def _with_severities(guard: Guard, lowered: tuple[Lowered, ...]) -> Guard:
    return _WithSeverities(guard, lowered, guard.name)


def _listed_rules(data: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    """A rule for the words that the shop avoids, and one for its competitors."""
    for section, (key, rule_id, severity, evidence) in _LISTED.items():
        table = data.get(section)
        if table is None:
            continue
        for given in table:
            if given not in (key, "severity"):
                raise unknown_name(f"key of [{section}] in {where}", given, (key, "severity"))
        for word in table.get(key, ()):
            if not isinstance(word, str) or not word.strip() or _SPECIAL & set(word):
                raise ConfigError(
                    f"in {where}, [{section}]",
                    argument=key,
                    value=word,
                    allowed="words without brackets or signs",
                )
        if table.get(key):
            yield {
                "id": rule_id,
                "severity": table.get("severity", severity),
                "source": where,
                "as_of": date.min,
                "evidence": evidence,
                "find": list(table[key]),
            }


def _lowered(table: Mapping[str, Any], where: str) -> Lowered:
    needed = ("rule", "severity", "reason", "by", "date")
    for key in table:
        if key not in needed:
            raise unknown_name(f"key of [[severity]] in {where}", key, needed)
    for key in needed:
        if key not in table:
            raise ConfigError(
                f"in {where}, [[severity]]",
                argument=key,
                value=None,
                allowed="a severity is lowered only with it",
            )
    if table["severity"] not in get_args(Severity):
        allowed = ", ".join(get_args(Severity))
        raise ConfigError(f"in {where}", argument="severity", value=table["severity"], allowed=allowed)
    if len(str(table["reason"]).strip()) < _LEAST_REASON or not str(table["by"]).strip():
        allowed = f"a reason of at least {_LEAST_REASON} characters and a name"
        raise ConfigError(f"in {where}", argument="reason, by", value=table["reason"], allowed=allowed)
    return Lowered(table["rule"], table["severity"], table["reason"].strip(), table["by"], table["date"])
