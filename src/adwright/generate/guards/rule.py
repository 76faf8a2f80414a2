"""What a rule is made of: phrases to find, and the exemptions that allow a match after all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from adwright.generate.guards.rule_patterns import Pattern, text_keys
from adwright.schema import Severity


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
        answered_no: The match stands in a question that the text itself answers with no, or leaves open.
        answer: The match stands in a question, and one of these in what comes within `TO_ANSWER` characters of it.
        clause: `near`, `before`, `after` and `unless` are looked for in the clause of the match only, however
            far from it; `within` does not count.
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
    answer: Phrases = field(default_factory=Phrases)
    holds: frozenset[str] = frozenset()
    within: int = 12
    quoted: bool = False
    in_catalogue: bool = False
    in_name: bool = False
    answered_no: bool = False
    clause: bool = False

    @property
    def around(self) -> tuple[Phrases, ...]:
        """Of each of these that are given one stands in the sentence of the match."""
        return tuple(p for p in (self.near, self.before, self.after, self.covers) if p.patterns)

    @property
    def rests_on_record(self) -> bool:
        """Whether the catalogue, the offer or the stock has to bear it out."""
        return bool(self.holds or self.catalogue.patterns or self.in_catalogue or self.in_name)

    @property
    def is_speech_act(self) -> bool:
        """Whether it is one of `rules/speech.toml`, which hold for the rules of many families."""
        return self.id.startswith("speech.")


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
