"""Rules read from TOML, the built-in files and those of a shop; `docs/rules.md` says how to write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from adwright.errors import ConfigError, unknown_name
from adwright.generate.guards.circumstances import CONDITIONS
from adwright.generate.guards.rule import Exemption, Phrases, Rule
from adwright.generate.guards.rule_patterns import compile_pattern, spell_out
from adwright.schema import Language, Severity

_HAN = re.compile("[\u3400-\u9fff]")


@cache
def built_in_rules(name: str) -> tuple[Rule, ...]:
    """The rules of the built-in file of this name; an unknown name is an error that names the nearest."""
    folder = files("adwright.generate.guards") / "rules"
    known = sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    if name not in known:
        raise unknown_name("rule file", name, known)
    rules = parse_rules(_text_of(name), lists=_shared_lists(), where=name)
    return tuple(replace(r, exemptions=(*r.exemptions, *speech_acts(r.id))) for r in rules)


def speech_acts(rule_id: str) -> tuple[Exemption, ...]:
    """What excuses any match of a rule of this id: the words are denied, forbidden, quoted, named or told of others.

    >>> "speech.disclaimed" in [act.id for act in speech_acts("law.health")], speech_acts("safety.profanity")
    (True, ())
    """
    return tuple(act for starts, act in _speech_acts() if rule_id.startswith(starts))


@cache
def _speech_acts() -> tuple[tuple[tuple[str, ...], Exemption], ...]:
    data = tomllib.loads(_text_of("speech"))
    reader = _Reader("speech", {**_shared_lists(), **data["lists"]})
    return tuple((tuple(table.pop("rules")), reader.exemption(table)) for table in data["act"])


def _text_of(name: str) -> str:
    return (files("adwright.generate.guards") / "rules" / f"{name}.toml").read_text(encoding="utf-8")


@cache
def _shared_lists() -> Mapping[str, Sequence[str]]:
    lists: Mapping[str, Sequence[str]] = tomllib.loads(_text_of("lists"))["lists"]
    return lists


def parse_rules(
    text: str, *, where: str, lists: Mapping[str, Sequence[str]] | None = None
) -> tuple[Rule, ...]:
    """The rules of a TOML text.

    Args:
        text: As the built-in files are written: `version`, `[lists]`, `[[rule]]`, `[[rule.exemption]]`.
        where: The file, for messages.
        lists: Named lists besides the file's own.

    Raises:
        ConfigError: it is no TOML, a key is unknown or missing, or a pattern cannot be read.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"no TOML: {error}", argument="rule file", value=where) from error
    return read_rules(data, where=where, lists=lists)


def read_rules(
    data: Mapping[str, Any], *, where: str, lists: Mapping[str, Sequence[str]] | None = None
) -> tuple[Rule, ...]:
    """The rules of a file that was read; arguments and errors as for `parse_rules`."""
    reader = _Reader(where, {**(lists or {}), **data.get("lists", {})})
    rules: list[Rule] = []
    for table in data.get("rule", ()):
        rules.append(reader.rule(table, earlier=rules))
    return tuple(rules)


_RULE_PHRASES = ("find", "skip", "only_text", "only_catalogue", "beside")
_RULE_KEYS = frozenset(
    (
        "id",
        "name",
        "severity",
        "source",
        "url",
        "as_of",
        "evidence",
        "holds",
        "languages",
        "exemption",
        "exempt_as",
        *_RULE_PHRASES,
    )
)
_EXEMPTION_PHRASES = ("near", "before", "after", "covers", "catalogue", "unless", "answer")
_EXEMPTION_KEYS = frozenset(
    (
        "id",
        "source",
        "because",
        "holds",
        "within",
        "quoted",
        "in_catalogue",
        "in_name",
        "answered_no",
        "clause",
        *_EXEMPTION_PHRASES,
    )
)


@dataclass(frozen=True, slots=True)
class _Reader:
    where: str
    lists: Mapping[str, Sequence[str]]

    def rule(self, table: Mapping[str, Any], *, earlier: Sequence[Rule]) -> Rule:
        self._check_keys(table, _RULE_KEYS, ("id", "severity", "source", "as_of", "evidence", "find"))
        if table["severity"] not in get_args(Severity):
            self._fail("severity", table["severity"], ", ".join(get_args(Severity)))
        return Rule(
            id=table["id"],
            name=table.get("name", ""),
            severity=table["severity"],
            source=table["source"],
            as_of=table["as_of"],
            evidence=self._told(table["evidence"]),
            find=self._phrases(table["find"]),
            skip=self._phrases(table.get("skip", ())),
            only_text=self._phrases(table.get("only_text", ())),
            only_catalogue=self._phrases(table.get("only_catalogue", ())),
            beside=self._phrases(table.get("beside", ())),
            holds=self._conditions(table.get("holds", ())),
            languages=frozenset(table.get("languages", get_args(Language))),
            exemptions=(
                *(self.exemption(e) for e in table.get("exemption", ())),
                *(e for name in table.get("exempt_as", ()) for e in self._exemptions_of(name, earlier)),
            ),
        )

    def _exemptions_of(self, name: str, earlier: Sequence[Rule]) -> tuple[Exemption, ...]:
        """The exemptions of an earlier rule of the file, which hold for this one too."""
        found = [rule for rule in earlier if rule.name == name]
        if not found:
            raise unknown_name(f"earlier rule in {self.where}", name, [rule.name for rule in earlier])
        return found[0].exemptions

    def exemption(self, table: Mapping[str, Any]) -> Exemption:
        self._check_keys(table, _EXEMPTION_KEYS, ("id", "source", "because"))
        if not set(table) - {"id", "source", "because", "within", "unless"}:
            self._fail("exemption", table["id"], "at least one condition")
        return Exemption(
            id=table["id"],
            source=table["source"],
            because=self._told(table["because"]),
            holds=self._conditions(table.get("holds", ())),
            within=table.get("within", 12),
            quoted=table.get("quoted", False),
            in_catalogue=table.get("in_catalogue", False),
            in_name=table.get("in_name", False),
            answered_no=table.get("answered_no", False),
            clause=table.get("clause", False),
            **{key: self._phrases(table.get(key, ())) for key in _EXEMPTION_PHRASES},
        )

    def _phrases(self, sources: Sequence[str]) -> Phrases:
        return Phrases(
            tuple(
                compile_pattern(part, self._language(source), self.lists)
                for source in sources
                for part in spell_out(source)
            )
        )

    def _language(self, source: str) -> Language:
        if _HAN.search(source):
            return "zh"
        named = [entry for name in re.findall(r"<(\w+)>", source) for entry in self.lists.get(name, ())[:1]]
        return "zh" if any(_HAN.search(entry) for entry in named) else "en"

    def _conditions(self, names: Sequence[str]) -> frozenset[str]:
        for name in names:
            if name not in CONDITIONS:
                self._fail("holds", name, ", ".join(sorted(CONDITIONS)))
        return frozenset(names)

    def _told(self, told: Mapping[str, str]) -> Mapping[str, str]:
        for language in get_args(Language):
            if not told.get(language):
                self._fail(f"sentence in {language}", told, "zh and en")
        return told

    def _check_keys(self, table: Mapping[str, Any], known: frozenset[str], needed: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                raise unknown_name(f"key in {self.where}", key, sorted(known))
        for key in needed:
            if key not in table:
                self._fail(key, table.get("id"), "every rule and exemption has it")

    def _fail(self, argument: str, value: object, allowed: str) -> None:
        raise ConfigError(f"in {self.where}", argument=argument, value=value, allowed=allowed)
