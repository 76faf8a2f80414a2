"""Rules applied in one pass: what is looked for, what exempts it, and why.

Holds when: rules are phrases (`rule_patterns` says how they are written) and an exemption can be told from
the words around the match, the catalogue, the offer, the stock and the time.

Does not cover: meaning that no phrase carries.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.rule import Exemption, Phrases, Rule
from adwright.generate.guards.rule_files import built_in_rules
from adwright.generate.guards.rule_patterns import Pattern, text_keys
from adwright.schema import Finding, Language
from adwright.text.reading import Reading, read

MAX_MATCHES = 50
"""So many matches of a book are shown of one text; a text of 1 MB needs no list of a thousand."""

BESIDE = 120
"""How far off what must stand beside a match may be, in characters; about two sentences."""

TO_ANSWER = 90
"""How far a question's answer may reach, in characters."""

_PIECE = 1500  # characters looked at together; no pattern reaches past the end of a sentence anyway
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s|$)")
_CLAUSE_END = re.compile(
    r"[，,：:（()）—–]+|但是?|可是|不过(?!是)|然而|而是|反而|却"
    r"|(?<![a-z])(?:but|yet|although|because|so that)(?![a-z])"
)
_QUOTED = re.compile(
    '“[^“”\n]{1,60}”|「[^「」\n]{1,60}」|『[^『』\n]{1,60}』|‘[^‘’\n]{1,60}’|《[^《》\n]{1,60}》|"[^"\n]{1,60}"'
    r"|(?<![\w'])'(?:[^'\n]|(?<=\w)'(?=\w)){1,60}'(?![\w'])"
)
_REACH = 60  # characters on either side in which a covering phrase may begin or end


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
    ['best']
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._pairs = [(rule, pattern) for rule in self.rules for pattern in rule.find.patterns]
        self._needs: list[int] = []
        found: dict[str, list[int]] = {}
        held: dict[str, int] = {}
        places: dict[frozenset[str], int] = {}
        for i, (_, pattern) in enumerate(self._pairs):
            for key in pattern.keys:
                found.setdefault(key, []).append(i)
            needed = {places.setdefault(keys, len(places)) for keys in pattern.also}
            self._needs.append(sum(1 << place for place in needed))
        for keys, place in places.items():
            for key in keys:
                held[key] = held.get(key, 0) | 1 << place
        self._index = {key: (found.get(key, ()), held.get(key, 0)) for key in found.keys() | held.keys()}
        self._excuses = _Excuses(self.rules)
        self.by_record = frozenset(e.id for rule in self.rules for e in rule.exemptions if e.rests_on_record)
        """The ids of the exemptions that rest on the catalogue, the offer or the stock."""

    @classmethod
    def load(cls, names: Iterable[str]) -> Rulebook:
        """The book of the built-in files of these names in `guards/rules/`."""
        return cls(rule for name in names for rule in built_in_rules(name))

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
        seen.turn_to((start, end), keys, self._excuses)
        found: list[Match] = []
        for i in self._candidates(keys):
            rule, pattern = self._pairs[i]
            if language not in rule.languages:
                continue
            spans = [m.span() for m in pattern.compiled.finditer(seen.text, start, end) if seen.names(m)]
            if spans and seen.applies(rule):
                found += _judge(rule, spans, seen)
        return _without_overlap(found)

    def _candidates(self, keys: Set[str]) -> list[int]:
        """The patterns of which a text with these keys may hold one, in the order of the book."""
        hits: set[int] = set()
        held = 0
        for key in keys & self._index.keys():
            found, also = self._index[key]
            hits.update(found)
            held |= also
        needs = self._needs
        return sorted(i for i in hits if needs[i] & held == needs[i])


class _Excuses:
    """The exemptions of rules, found by one look-up a key of the text instead of a search for each of them."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._index: dict[str, list[tuple[Pattern, int]]] = {}
        self._of_rule: dict[int, list[tuple[Exemption, frozenset[int]]]] = {}
        indexed: dict[int, Phrases] = {}
        for rule in rules:
            around = [(e, frozenset(map(id, e.around))) for e in rule.exemptions]
            self._of_rule[id(rule)] = around
            indexed.update((id(p), p) for e in rule.exemptions for p in e.around)
        for place, phrases in indexed.items():
            for pattern in phrases.patterns:
                for key in pattern.keys:
                    self._index.setdefault(key, []).append((pattern, place))

    def held_in(self, keys: Set[str]) -> frozenset[int]:
        """The phrases of which a text with these keys may hold one."""
        return frozenset(
            place
            for key in keys & self._index.keys()
            for pattern, place in self._index[key]
            if pattern.may_stand_in(keys)
        )

    def of(self, rule: Rule, held: Set[int]) -> tuple[Exemption, ...]:
        """The exemptions of a rule all of whose phrases around the match are among these."""
        return tuple(e for e, around in self._of_rule[id(rule)] if around <= held)


def excuse_of(
    exemptions: Iterable[Exemption], text: str, start: int, end: int, *, context: Circumstances
) -> Exemption | None:
    """The first of the exemptions that holds for a stretch of a text, which may itself hold the excusing words.

    Args:
        exemptions: For example `speech_acts` of a rule.
        text: As it was written.
        start: Place in it.
        end: The same.
        context: What exemptions are judged by.
    """
    reading = read(text)
    if reading.places is not None:
        start, end = bisect_left(reading.places, start), bisect_left(reading.places, end)
    seen = _Seen(reading, text, context)
    inside = [mark.start() for mark in _CLAUSE_END.finditer(seen.text, start, end)]
    edges = ((start, end), (start, start), *((place, place) for place in (*inside, end)))
    return next((e for e in exemptions if any(seen.holds(e, *edge) for edge in edges)), None)


def _judge(rule: Rule, spans: Iterable[tuple[int, int]], seen: _Seen) -> Iterator[Match]:
    """The matches of a rule with their exemptions, until so many stand that more would not be shown."""
    n_standing = 0
    for span in spans:
        if seen.holds_at(rule, *span):
            exemption = seen.exemption(rule, *span)
            yield Match(rule, *span, "", exemption)
            n_standing += exemption is None
            if n_standing > MAX_MATCHES:
                return


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
        self.piece = 0, len(reading.text)
        self._keys: Set[str] = frozenset()
        self._excuses = _NO_EXCUSES
        self._held: frozenset[int] | None = None
        self._open: dict[int, tuple[Exemption, ...]] = {}
        self._clauses: dict[tuple[int, int], tuple[int, int]] = {}
        self._applies: dict[int, bool] = {}
        self._stands: dict[tuple[int, int, int], bool] = {}
        self._ends: list[tuple[int, int]] | None = None
        self._quotes: list[tuple[int, int]] | None = None

    def turn_to(self, piece: tuple[int, int], keys: Set[str], excuses: _Excuses) -> None:
        """Looks at this piece of the text from now on; these are its keys."""
        self.piece, self._keys, self._excuses = piece, keys, excuses
        self._held = None
        self._open.clear()
        self._clauses.clear()

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
            if all(self._is_mentioned(rule, *span) for span in rule.beside.found(self.text, *window)):
                return False
        return not self._overlaps(rule.skip, start, end)

    def _is_mentioned(self, rule: Rule, start: int, end: int) -> bool:
        """Whether a speech act covers the words, so that they do not count as said."""
        return any(e.is_speech_act and self.holds(e, start, end) for e in self._open_to(rule))

    def exemption(self, rule: Rule, start: int, end: int) -> Exemption | None:
        return next((e for e in self._open_to(rule) if self.holds(e, start, end)), None)

    def _open_to(self, rule: Rule) -> tuple[Exemption, ...]:
        """The exemptions of the rule whose words the piece may hold at all."""
        if self._held is None:
            self._held = self._excuses.held_in(self._keys)
        key = id(rule)
        if key not in self._open:
            self._open[key] = self._excuses.of(rule, self._held)
        return self._open[key]

    def holds(self, exemption: Exemption, start: int, end: int) -> bool:
        """Whether every condition of the exemption does."""
        e, facts = exemption, self._circumstances
        if not e.holds <= facts.holds:
            return False
        words = self.text[start:end]
        if e.in_catalogue and words not in facts.catalogue:
            return False
        if e.in_name and not any(self._lies_in(name, start, end) for name in facts.names):
            return False
        if e.quoted:
            around = next(((a, b) for a, b in self._quotations() if a < start and end < b), None)
            if around is None:
                return False
            start, end = around
        if e.answered_no and not _ANSWERED_NO.match(self.text, end, end + TO_ANSWER):
            return False
        if e.answer.patterns and not self._answers(e.answer, start, end):
            return False
        if e.catalogue.patterns and not e.catalogue.stand_in(facts.catalogue):
            return False
        return self._words_around(e, start, end)

    def _answers(self, answer: Phrases, start: int, end: int) -> bool:
        asked = self._sentence(start, end)[1]
        return self.text[asked - 1 : asked] in ("?", "？") and answer.stand_in(
            self.text, asked, asked + TO_ANSWER
        )

    def _words_around(self, e: Exemption, start: int, end: int) -> bool:
        low, high = self._clause(start, end) if e.clause else self._sentence(start, end)
        within = high - low if e.clause else e.within
        if e.covers.patterns and not self._overlaps(e.covers, start, end):
            return False
        if e.before.patterns and not e.before.stand_in(self.text, max(low, start - within), start):
            return False
        if e.after.patterns and not e.after.stand_in(self.text, end, min(high, end + within)):
            return False
        if e.near.patterns and not self._stand(e.near, low, high):
            return False
        return not (e.unless.patterns and self._stand(e.unless, low, high))

    def _stand(self, phrases: Phrases, low: int, high: int) -> bool:
        """Whether one of the phrases stands there; asked once, since many matches share a sentence."""
        key = id(phrases), low, high
        if key not in self._stands:
            self._stands[key] = phrases.stand_in(self.text, low, high)
        return self._stands[key]

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
        return max(low, min(self.piece[0], start)), min(high, max(self.piece[1], end))

    def _clause(self, start: int, end: int) -> tuple[int, int]:
        if (start, end) not in self._clauses:
            low, high = self._sentence(start, end)
            for mark in _CLAUSE_END.finditer(self.text, low, start):
                low = mark.end()
            next_mark = _CLAUSE_END.search(self.text, end, high)
            self._clauses[start, end] = low, high if next_mark is None else next_mark.start()
        return self._clauses[start, end]

    def _quotations(self) -> list[tuple[int, int]]:
        if self._quotes is None:
            self._quotes = [m.span() for m in _QUOTED.finditer(self.text)]
        return self._quotes


_ANSWERED_NO = re.compile(
    "[^.!?。！？\n]{0,60}[?？][\u201d\"']?\\s?"
    "(?:no\\b(?! (?:doubt|question|kidding|exaggeration|catch|problem|joke|lie|contest))|nope|nah"
    "|not (?:really|quite|even|at all|by|for|this|ours|yet|to our|that)"
    "|probably not|never\\b(?! (?:heard|seen|met|had|knew))|hardly|sorry"
    "|we (?:have no idea|don't|won't|can't|wouldn't|never)|who knows|don't(?! (?:take our word|doubt|worry))"
    "|it isn't|it won't|maybe not"
    "|不(?!仅|但|只|止|信|服|愧|用说|瞒|用怀疑|必怀疑|可思议|吹|骗|会骗|开玩笑|夸张|试不)|没有(?!比|之一)|没[，,]|并不|并非"
    "|当然不|未必|抱歉|谁知道|说不准|我们不|不好说|不知道)"
)
"""A question that is answered with no, or with a shrug."""

_NOTHING_KNOWN = Circumstances()
_NO_EXCUSES = _Excuses(())


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The text in pieces that end with a sentence where they can."""
    start = 0
    while len(text) - start > 2 * _PIECE:
        ends = [m.end() for m in _SENTENCE_END.finditer(text, start + _PIECE, start + 2 * _PIECE)]
        end = ends[-1] if ends else start + 2 * _PIECE
        yield start, end
        start = end
    yield start, len(text)
