"""The patterns in which a rule is written: phrases with alternatives and bounded gaps, no regular expressions.

    heal(s|ed|) {3} <illness>     alternatives in round brackets, also empty; a named list in angle brackets
    {3}                           up to three words of English, or three characters of Chinese, in the clause
    {3+}                          the same, past commas but not past the end of the sentence
    <n>                           a number, in digits or words
    <Name>                        a name with a capital that the catalogue does not hold
    cur*                          any ending of an English word; at least three letters before it
    ^hurry                        at the start of a sentence

Text and pattern are compared folded (half-width, lower case, hyphen as space). English matches whole words.
Every gap is bounded, so the time a pattern takes is linear in the text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from operator import add

from adwright.errors import ConfigError
from adwright.schema import Language
from adwright.text.normalise import fold_in_place

_TOKEN = re.compile(r"\{(\d+)(\+?)\}|<([A-Za-z_]+)>|[()|^*]|[^{}<>()|^*]+")
_WORD = re.compile(r"[a-z0-9]+")
_KEY_LETTERS = 4
_WILD = ("n", "Name")
_MARKS = ":%$"  # looked up where a pattern has no word
_COMMON = frozenset(
    {
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "to",
        "and",
        "or",
        "for",
        "is",
        "it",
        "its",
        "are",
        "be",
        "we",
        "you",
        "your",
        "our",
        "this",
        "that",
        "with",
        "will",
        "at",
        "by",
    }
    | {
        "as",
        "from",
        "no",
        "not",
        "one",
        "all",
        "any",
        "so",
        "can",
        "has",
        "have",
        "do",
        "don",
        "t",
        "s",
        "re",
        "ll",
        "the",
        "if",
        "when",
        "what",
        "who",
        "up",
        "out",
        "than",
        "more",
    }
)
_NUMBER: dict[Language, str] = {
    "zh": r"(?:[$£€¥]?\d[\d.,]*\s?[万亿千百]?|[零〇一二两三四五六七八九十百千万亿几数半]+)",
    "en": r"(?:[$£€¥]?\d[\d.,]*[kmx]?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty"
    r"|(?:a |one )?(?:hundred|thousand|million|dozen)s?)",
}
_GAP: dict[tuple[Language, bool], str] = {
    ("zh", False): "[^。！？!?；;\n，,]{{0,{n}}}?",
    ("zh", True): "[^。！？!?；;\n]{{0,{n}}}?",
    ("en", False): r"(?:\s{{1,3}}(?:[^\s.!?,;。！？，]|[.,](?=\w)){{1,40}}){{0,{n}}}?[\s\"'“(]{{1,4}}",
    (
        "en",
        True,
    ): r"[,:)\"”]{{0,2}}(?:\s{{1,3}}(?:[^\s.!?。！？]|\.(?=\w)){{1,40}}){{0,{n}}}?[\s\"'“(]{{1,4}}",
}
_NAME = r"(?<![a-z0-9])(?P<name>[a-z][a-z0-9&']{2,30})(?![a-z0-9])"
SENTENCE_START = r"(?:(?<![^\n])|(?<=[.!?。！？…:：】\]]\s)|(?<=[!?。！？…:：】\]\n]))[\s\"'“‘「（(*]{0,3}"
"""The start of a text or a sentence, with what may stand before its first word."""


@dataclass(frozen=True)
class Pattern:
    """One pattern of a rule.

    Args:
        source: As it is written.
        language: Decides how gaps count.
        regex: What it stands for, over folded text.
        keys: Of these at least one is among `text_keys` of every text in which the pattern is found.
        also: Of each of these too.
    """

    source: str
    language: Language
    regex: str
    keys: frozenset[str]
    also: tuple[frozenset[str], ...] = ()

    def may_stand_in(self, keys: Set[str]) -> bool:
        """Whether a text with these `text_keys` may hold the pattern."""
        if self.keys.isdisjoint(keys):
            return False
        for also in self.also:  # noqa: SIM110 -- a loop is faster, and this is asked ten times a text
            if also.isdisjoint(keys):
                return False
        return True

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """The regular expression, compiled when it is first needed."""
        return re.compile(self.regex)


@functools.lru_cache(maxsize=64)  # several books look at the same piece
def text_keys(folded: str) -> frozenset[str]:
    """What is looked up to know which patterns may be found: beginnings of words, characters, pairs of them.

    >>> {"guar", "最", "最好"} <= text_keys("guaranteed 最好")
    True
    """
    keys = {word[:_KEY_LETTERS] for word in _WORD.findall(folded)}
    keys.update(mark for mark in _MARKS if mark in folded)
    if not folded.isascii():
        keys.update(folded)
        keys.update(map(add, folded, folded[1:]))
    return frozenset(keys)


def compile_pattern(source: str, language: Language, lists: Mapping[str, Sequence[str]]) -> Pattern:
    """The pattern that the words stand for.

    Args:
        source: As the module says.
        language: Of the pattern.
        lists: What `<name>` stands for; the entries may hold alternatives but no gaps.

    Raises:
        ConfigError: a bracket is open, a list is unknown, or there is nothing to look the pattern up by.
    """
    parts = list(_parts(_Tokens(_folded(source), source), language, lists))
    keyed = [keys for part in parts if isinstance(part, list) and (keys := _keys(part))]
    if not keyed:
        raise ConfigError("no word to find the pattern by", argument="pattern", value=source)
    first, *also = sorted(keyed, key=_cost)
    return Pattern(source, language, "".join(_regexes(parts)), first, tuple(also))


def spell_out(source: str) -> Iterator[str]:
    """The pattern without gaps inside brackets: one pattern for each alternative that holds one.

    >>> list(spell_out("no (better|{2} softer) mug"))
    ['no (better) mug', 'no {2} softer mug']
    """
    for start, end in _groups(source):
        branches = list(_branches(source[start + 1 : end - 1]))
        plain = [b for b in branches if not _GAP_INSIDE.search(b)]
        if len(plain) < len(branches):
            apart = [f"({'|'.join(plain)})"] if plain else []
            for branch in (*apart, *(b for b in branches if b not in plain)):
                yield from spell_out(source[:start] + branch + source[end:])
            return
    yield source


_GAP_INSIDE = re.compile(r"\{|<n>|<Name>|\^")


def _groups(source: str) -> Iterator[tuple[int, int]]:
    """Start and end of the outermost groups."""
    depth, start = 0, 0
    for i, char in enumerate(source):
        if char == "(":
            start, depth = (i, 1) if depth == 0 else (start, depth + 1)
        elif char == ")" and depth > 0:
            depth -= 1
            if depth == 0:
                yield start, i + 1


def _branches(inside: str) -> Iterator[str]:
    """What the bars outside inner brackets part."""
    depth, start = 0, 0
    for i, char in enumerate(inside):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            yield inside[start:i]
            start = i + 1
    yield inside[start:]


def _folded(source: str) -> str:
    return fold_in_place(source).replace("-", " ").replace("<name>", "<Name>")


class _Tokens:
    """The tokens of a pattern, with one to look ahead."""

    def __init__(self, folded: str, source: str) -> None:
        self.source = source
        self._tokens = list(_TOKEN.finditer(folded))
        if sum(len(t[0]) for t in self._tokens) != len(folded):
            raise ConfigError("a bracket that is not closed", argument="pattern", value=source)
        self._at = 0

    def peek(self) -> re.Match[str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def next(self) -> re.Match[str]:
        self._at += 1
        return self._tokens[self._at - 1]


_Part = str | list[str]
"""A regular expression as it is, or alternatives: literals, in which * is any ending."""


def _parts(tokens: _Tokens, language: Language, lists: Mapping[str, Sequence[str]]) -> Iterator[_Part]:
    """Gaps and numbers as expressions, everything else as alternatives; a word is never cut in two."""
    literals, strip = [""], True
    while (token := tokens.peek()) is not None:
        tokens.next()
        number, wide, name = token.groups()
        if number is not None or name in _WILD or token[0] == "^":
            if literals != [""]:
                yield [literal.strip() for literal in literals] if number else literals
            literals, strip = [""], number is not None
            if number is not None:
                yield _GAP[language, bool(wide)].format(n=int(number))
            else:
                yield SENTENCE_START if name is None else _NAME if name == "Name" else _NUMBER[language]
            continue
        more = _alternatives(tokens, token, lists)
        if literals == [""] and strip:
            more = [literal.lstrip() for literal in more]
        strip = False
        if len(literals) > 1 and len(more) > 1 and not _glued(literals, more):
            yield literals
            literals = more
        else:
            literals = [a + b for a in literals for b in more]
        if len(literals) > 4000:
            raise ConfigError("too many alternatives", argument="pattern", value=tokens.source)
    if literals != [""]:
        yield [literal.rstrip() for literal in literals]


def _glued(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether the two may make one English word."""
    return any(a[-1:].isalnum() and a[-1:].isascii() for a in left) and any(
        b[:1].isalnum() and b[:1].isascii() for b in right
    )


def _alternatives(tokens: _Tokens, token: re.Match[str], lists: Mapping[str, Sequence[str]]) -> list[str]:
    if token[3] is not None:
        if token[3] not in lists:
            allowed = ", ".join(sorted(lists))
            raise ConfigError("unknown list", argument="pattern", value=tokens.source, allowed=allowed)
        entries = (_Tokens(_folded(entry), entry) for entry in lists[token[3]])
        return list(dict.fromkeys(x for entry in entries for x in _expand(entry, lists)))
    if token[0] == "(":
        return _group(tokens, lists)
    if token[0] in ")|":
        raise ConfigError("a bracket that is not open", argument="pattern", value=tokens.source)
    return [token[0]]


def _group(tokens: _Tokens, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """The alternatives up to the closing bracket."""
    done: list[str] = []
    branch = [""]
    while (token := tokens.peek()) is not None:
        tokens.next()
        if token[0] in ("|", ")"):
            done += branch
            branch = [""]
            if token[0] == ")":
                return list(dict.fromkeys(done))
            continue
        if token[1] is not None or token[3] in _WILD or token[0] == "^":
            break
        more = _alternatives(tokens, token, lists)
        branch = [a + b for a in branch for b in more]
    raise ConfigError(
        "a bracket that is not closed, or a gap inside one", argument="pattern", value=tokens.source
    )


def _expand(tokens: _Tokens, lists: Mapping[str, Sequence[str]]) -> list[str]:
    done = [""]
    while (token := tokens.peek()) is not None:
        tokens.next()
        if token[1] is not None or token[3] in _WILD or token[0] == "^":
            raise ConfigError("a gap or a number in a list", argument="pattern", value=tokens.source)
        more = _alternatives(tokens, token, lists)
        done = [a + b for a in done for b in more]
    return done


def _regexes(parts: Sequence[_Part]) -> Iterator[str]:
    for i, part in enumerate(parts):
        if isinstance(part, str):
            yield part
            continue
        bounded = i == 0 or parts[i - 1] != _NUMBER["en"]  # 3x
        yield _union(sorted(set(part), key=lambda p: (-len(p), p)), bounded=bounded)


def _union(literals: Sequence[str], *, bounded: bool) -> str:
    """One of the literals, the longest first; grouped by first character, so that few are tried at a place."""
    heads: dict[str, list[str]] = {}
    for literal in (re.sub(r"\s+", " ", text) for text in literals):
        heads.setdefault(literal[:1], []).append(literal)
    branches = []
    for head in sorted(heads, reverse=True):  # the empty one last
        left = r"(?<![a-z0-9])" if bounded and _is_latin(head) else ""
        rest = [_body(p[1:], end=p) for p in heads[head]]
        tail = rest[0] if len(rest) == 1 else f"(?:{'|'.join(rest)})"
        branches.append((left, _body(head, end="") + tail))
    if branches[0][0] and all(left == branches[0][0] for left, _ in branches):
        return f"{branches[0][0]}(?:{'|'.join(tail for _, tail in branches)})"
    return f"(?:{'|'.join(left + tail for left, tail in branches)})"


def _body(text: str, *, end: str) -> str:
    """A literal, with a boundary where what it ends is a Latin letter, a digit or any ending."""
    body = "".join(r"\s{1,3}" if c.isspace() else "[a-z]{0,12}" if c == "*" else re.escape(c) for c in text)
    return body + (r"(?![a-z0-9])" if _is_latin(end[-1:]) or end.endswith("*") else "")


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _keys(alternatives: Sequence[str]) -> frozenset[str]:
    """One key an alternative, or nothing where one of them has none."""
    keys = [_key(alternative) for alternative in alternatives]
    return frozenset() if None in keys else frozenset(k for k in keys if k is not None)


def _key(literal: str) -> str | None:
    words = [
        match[0]
        for match in _WORD.finditer(literal)
        if len(match[0]) >= _KEY_LETTERS or literal[match.end() : match.end() + 1] != "*"
    ]
    han = [c for c in literal if c > "\u2fff"]
    if han:
        pairs = [a + b for a, b in pairwise(literal) if a > "\u2fff" and b > "\u2fff"]
        return pairs[-1] if pairs else han[0]
    if not words:
        return next((c for c in literal if c in _MARKS), None)
    return max(words, key=lambda w: (w not in _COMMON, min(len(w), _KEY_LETTERS)))[:_KEY_LETTERS]


def _cost(keys: Iterable[str]) -> float:
    """How often a key is likely to be met."""
    return sum(_weight(key) for key in keys)


def _weight(key: str) -> float:
    if key in _COMMON:
        return 1000.0
    if key > "\u2fff":
        return 100.0 if len(key) == 1 else 3.0
    return {1: 100.0, 2: 30.0, 3: 10.0}.get(len(key), 3.0)
