"""Rules as data: what is looked for, what exempts it, and why; read from TOML, applied in one pass.

Holds when: rules are phrases (`rule_patterns` says how they are written) and an exemption can be told from
the words around the match, the catalogue, the offer, the stock and the time.

Does not cover: meaning that no phrase carries.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from adwright.errors import ConfigError, unknown_name
from adwright.generate.guards.circumstances import CONDITIONS, Circumstances
from adwright.generate.guards.rule_patterns import Pattern, compile_pattern, spell_out, text_keys
from adwright.schema import Finding, Language, Severity
from adwright.text.reading import Reading, read

MAX_MATCHES = 50
"""So many matches of a book are shown of one text; a text of 1 MB needs no list of a thousand."""

BESIDE = 120
"""How far off what must stand beside a match may be, in characters; about two sentences."""

_PIECE = 1500  # characters looked at together; no pattern reaches past the end of a sentence anyway
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s|$)")
_QUOTED = re.compile('“[^“”\n]{1,60}”|「[^「」\n]{1,60}」|‘[^‘’\n]{1,60}’|《[^《》\n]{1,60}》|"[^"\n]{1,60}"')
_HAN = re.compile("[\u3400-\u9fff]")
_REACH = 60  # characters on either side in which a covering phrase may begin or end


@dataclass(frozen=True, slots=True)
class Phrases:
    """Patterns of one sort, tried one after the other."""

    patterns: tuple[Pattern, ...] = ()

    def found(self, text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
        """Where one of them stands between start and end."""
        if not self.patterns:
            return
        stop = len(text) if end is None else end
        keys = text_keys(text[start:stop])
        for pattern in self.patterns:
            if pattern.may_stand_in(keys):
                for match in pattern.compiled.finditer(text, start, stop):
                    yield match.span()

    def stand_in(self, text: str, start: int = 0, end: int | None = None) -> bool:
        """Whether one of them does."""
        return next(self.found(text, start, end), None) is not None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a match is allowed after all: every condition that is given has to hold.

    Args:
        id: Permanent.
        source: The law, guide or case that exempts it.
        because: In a sentence, by language.
        near: One of these stands in the same sentence.
        before: One ends at most `within` characters before the match, in the same sentence.
        after: One begins at most `within` characters after it.
        covers: One overlaps the match: the words are part of another expression.
        catalogue: One stands in the catalogue or the offer's terms.
        unless: None of these stands in the same sentence.
        holds: Circumstances that must hold.
        quoted: The match stands in quotation marks.
        in_catalogue: The words of the match stand in the catalogue.
        in_name: The match lies within a title or a brand.
    """

    id: str
    source: str
    because: Mapping[str, str]
    near: Phrases = field(default_factory=Phrases)
    before: Phrases = field(default_factory=Phrases)
    after: Phrases = field(default_factory=Phrases)
    covers: Phrases = field(default_factory=Phrases)
    catalogue: Phrases = field(default_factory=Phrases)
    unless: Phrases = field(default_factory=Phrases)
    holds: frozenset[str] = frozenset()
    within: int = 12
    quoted: bool = False
    in_catalogue: bool = False
    in_name: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a book; several may share an id, told apart by `name`.

    Args:
        id: What findings carry, for example `law.absolute`.
        name: Which of the rules of that id.
        severity: Of a match that no exemption covers.
        source: Article, guide or page.
        as_of: When the source was last read.
        evidence: In a sentence, by language.
        find: What it looks for.
        skip: Other expressions that hold such words: where one overlaps there is no match at all.
        only_text: It applies only where one of these stands in the text.
        only_catalogue: It applies only where one of these stands in the text or in the catalogue.
        beside: It applies only where one of these stands within `BESIDE` characters of the match, in this
            sentence or another: two things that are harmless apart.
        holds: It applies only in these circumstances.
        languages: Of the contents to which it applies.
        exemptions: In the order in which they are tried.
    """

    id: str
    name: str
    severity: Severity
    source: str
    as_of: date
    evidence: Mapping[str, str]
    find: Phrases
    skip: Phrases
    only_text: Phrases
    only_catalogue: Phrases
    beside: Phrases
    holds: frozenset[str]
    languages: frozenset[str]
    exemptions: tuple[Exemption, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule found in a text at [start, end), with the exemption that holds, or None."""

    rule: Rule
    start: int
    end: int
    text: str
    exemption: Exemption | None


class Rulebook:
    """Rules that are looked for together.

    Args:
        rules: In any order.

    >>> book = Rulebook.load(["law_absolute"])
    >>> [m.text for m in book.find("The best mug, best before May", "en") if m.exemption is None]
    ['The best']
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._pairs = [(rule, pattern) for rule in self.rules for pattern in rule.find.patterns]
        self._index: dict[str, list[int]] = {}
        for i, (_, pattern) in enumerate(self._pairs):
            for key in pattern.keys:
                self._index.setdefault(key, []).append(i)

    @classmethod
    def load(cls, names: Iterable[str]) -> Rulebook:
        """The book of the built-in files of these names in `guards/rules/`."""
        return cls(rule for name in names for rule in _built_in(name))

    def find(self, text: str, language: Language, *, context: Circumstances | None = None) -> list[Match]:
        """The matches in the order of the text, at most `MAX_MATCHES`; of one rule id none overlap.

        Args:
            text: As it was written; the spans are places in it.
            language: Of the content. Patterns of both languages are looked for.
            context: What exemptions are judged by; without one only the text counts.
        """
        circumstances = context or _NOTHING_KNOWN
        reading = read(text)
        seen = _Seen(reading, text, circumstances)
        matches: list[Match] = []
        for start, end in _pieces(reading.text):
            matches += self._find_in(seen, start, end, language)
            if len(matches) > MAX_MATCHES:
                break
        if reading.places is not None:
            spans = [reading.span(m.start, m.end) for m in matches]
            matches = [Match(m.rule, *s, text, m.exemption) for m, s in zip(matches, spans, strict=True)]
        return [
            Match(m.rule, m.start, m.end, text[m.start : m.end], m.exemption) for m in matches[:MAX_MATCHES]
        ]

    def findings(
        self, slot: str, text: str, language: Language, *, context: Circumstances | None = None
    ) -> Iterator[Finding]:
        """The matches as findings; one that is exempt is a warning that names the exemption."""
        for match in self.find(text, language, context=context):
            rule, exemption = match.rule, match.exemption
            told = rule.evidence if exemption is None else exemption.because
            source = rule.source if exemption is None else exemption.source
            yield Finding(
                rule_id=rule.id,
                severity=rule.severity if exemption is None else "warn",
                slot=slot,
                start=match.start,
                end=match.end,
                text=match.text[:80],
                evidence=f"{told[language]}（{source}）"
                if language == "zh"
                else f"{told[language]} ({source})",
                exemption=None if exemption is None else exemption.id,
            )

    def _find_in(self, seen: _Seen, start: int, end: int, language: Language) -> list[Match]:
        keys = text_keys(seen.text[start:end])
        hits = {i for key in keys & self._index.keys() for i in self._index[key]}
        found: list[Match] = []
        for i in sorted(hits):
            rule, pattern = self._pairs[i]
            if not pattern.may_stand_in(keys):
                continue
            spans = [m.span() for m in pattern.compiled.finditer(seen.text, start, end) if seen.names(m)]
            if spans and language in rule.languages and seen.applies(rule):
                spans = [span for span in spans if seen.holds_at(rule, *span)]
                found += [Match(rule, *span, "", seen.exemption(rule, *span)) for span in spans]
        return _without_overlap(found)


def _without_overlap(matches: Iterable[Match]) -> list[Match]:
    """Of overlapping matches of a rule id the one that nothing exempts, and of those the longest."""
    best = sorted(matches, key=lambda m: (m.exemption is not None, m.start - m.end, m.start))
    kept: list[Match] = []
    for match in best:
        if not any(match.rule.id == k.rule.id and match.start < k.end and k.start < match.end for k in kept):
            kept.append(match)
        if len(kept) > MAX_MATCHES:
            break
    return sorted(kept, key=lambda m: (m.start, m.end, m.rule.id))


class _Seen:
    """One text before its circumstances; what rules ask of it is answered once."""

    def __init__(self, reading: Reading, original: str, circumstances: Circumstances) -> None:
        self.text = reading.text
        self._reading = reading
        self._original = original
        self._circumstances = circumstances
        self._applies: dict[int, bool] = {}
        self._ends: list[tuple[int, int]] | None = None
        self._quotes: list[tuple[int, int]] | None = None

    def applies(self, rule: Rule) -> bool:
        key = id(rule)
        if key not in self._applies:
            self._applies[key] = (
                rule.holds <= self._circumstances.holds
                and (not rule.only_text.patterns or rule.only_text.stand_in(self.text))
                and (
                    not rule.only_catalogue.patterns
                    or rule.only_catalogue.stand_in(self._circumstances.catalogue)
                    or rule.only_catalogue.stand_in(self.text)
                )
            )
        return self._applies[key]

    def names(self, match: re.Match[str]) -> bool:
        """Whether the name that the pattern asks for, if any, is one, and a stranger's."""
        if "name" not in match.re.groupindex:
            return True
        start, end = match.span("name")
        name = self._original[self._reading.span(start, end)[0]]
        before = self.text[:start].rstrip().rpartition(" ")[0]
        word_before = self._original[self._reading.span(len(before), len(before) + 2)[0] :].lstrip()[:1]
        told_by_case = name.isupper() and not (word_before.isupper() and before)
        told = told_by_case or any(c.isdigit() for c in match["name"])
        return told and match["name"] not in self._circumstances.catalogue

    def holds_at(self, rule: Rule, start: int, end: int) -> bool:
        """Whether the match is none of the other expressions and what must stand beside it does."""
        if rule.beside.patterns:
            window = max(0, start - BESIDE), min(len(self.text), end + BESIDE)
            if not rule.beside.stand_in(self.text, *window):
                return False
        return not self._overlaps(rule.skip, start, end)

    def exemption(self, rule: Rule, start: int, end: int) -> Exemption | None:
        return next((e for e in rule.exemptions if self._holds(e, start, end)), None)

    def _holds(self, exemption: Exemption, start: int, end: int) -> bool:
        e, facts = exemption, self._circumstances
        if not e.holds <= facts.holds:
            return False
        words = self.text[start:end]
        if e.in_catalogue and words not in facts.catalogue:
            return False
        if e.in_name and not any(self._lies_in(name, start, end) for name in facts.names):
            return False
        if e.quoted and not any(a < start and end < b for a, b in self._quotations()):
            return False
        if e.catalogue.patterns and not e.catalogue.stand_in(facts.catalogue):
            return False
        return self._words_around(e, start, end)

    def _words_around(self, e: Exemption, start: int, end: int) -> bool:
        low, high = self._sentence(start, end)
        if e.covers.patterns and not self._overlaps(e.covers, start, end):
            return False
        if e.before.patterns and not e.before.stand_in(self.text, max(low, start - e.within), start):
            return False
        if e.after.patterns and not e.after.stand_in(self.text, end, min(high, end + e.within)):
            return False
        if e.near.patterns and not e.near.stand_in(self.text, low, high):
            return False
        return not (e.unless.patterns and e.unless.stand_in(self.text, low, high))

    def _overlaps(self, phrases: Phrases, start: int, end: int) -> bool:
        if not phrases.patterns:
            return False
        low, high = self._sentence(start, end)
        spans = phrases.found(self.text, max(low, start - _REACH), min(high, end + _REACH))
        return any(a < end and start < b for a, b in spans)

    def _lies_in(self, name: str, start: int, end: int) -> bool:
        window = max(0, start - len(name)), end + len(name)
        at = self.text.find(name, *window)
        while at >= 0:
            if at <= start and end <= at + len(name):
                return True
            at = self.text.find(name, at + 1, window[1])
        return False

    def _sentence(self, start: int, end: int) -> tuple[int, int]:
        if self._ends is None:
            self._ends = [m.span() for m in _SENTENCE_END.finditer(self.text)]
        before = bisect_right(self._ends, start, key=lambda span: span[1]) - 1
        after = bisect_left(self._ends, end, key=lambda span: span[0])
        low = self._ends[before][1] if before >= 0 else 0
        high = self._ends[after][1] if after < len(self._ends) else len(self.text)
        return max(low, start - _PIECE), min(high, end + _PIECE)

    def _quotations(self) -> list[tuple[int, int]]:
        if self._quotes is None:
            self._quotes = [m.span() for m in _QUOTED.finditer(self.text)]
        return self._quotes


_NOTHING_KNOWN = Circumstances()


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The text in pieces that end with a sentence where they can."""
    start = 0
    while len(text) - start > 2 * _PIECE:
        ends = [m.end() for m in _SENTENCE_END.finditer(text, start + _PIECE, start + 2 * _PIECE)]
        end = ends[-1] if ends else start + 2 * _PIECE
        yield start, end
        start = end
    yield start, len(text)


# --- reading the files ------------------------------------------------------------------------------


@cache
def _built_in(name: str) -> tuple[Rule, ...]:
    folder = files("adwright.generate.guards") / "rules"
    known = sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    if name not in known:
        raise unknown_name("rule file", name, known)
    shared = tomllib.loads((folder / "lists.toml").read_text(encoding="utf-8"))["lists"]
    return parse_rules((folder / f"{name}.toml").read_text(encoding="utf-8"), lists=shared, where=name)


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
_EXEMPTION_PHRASES = ("near", "before", "after", "covers", "catalogue", "unless")
_EXEMPTION_KEYS = frozenset(
    ("id", "source", "because", "holds", "within", "quoted", "in_catalogue", "in_name", *_EXEMPTION_PHRASES)
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
                *(self._exemption(e) for e in table.get("exemption", ())),
                *self._exemptions_of(table.get("exempt_as"), earlier),
            ),
        )

    def _exemptions_of(self, name: str | None, earlier: Sequence[Rule]) -> tuple[Exemption, ...]:
        """The exemptions of an earlier rule of the file, which holds for this one too."""
        if name is None:
            return ()
        found = [rule for rule in earlier if rule.name == name]
        if not found:
            raise unknown_name(f"earlier rule in {self.where}", name, [rule.name for rule in earlier])
        return found[0].exemptions

    def _exemption(self, table: Mapping[str, Any]) -> Exemption:
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
