"""What the stage of meaning sees of a text: its words or characters, and the word groups that they belong to.

A word group (`lexicon/concepts.toml`) is a set of words of both languages that mean much the same, so that what
was learnt of one word holds for the others, and in the other language too.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from operator import add

from adwright.text.stems import stem

_LONGEST_GRAM = 3  # Han characters of a feature
_LONGEST_ENTRY = 5  # Han characters of an entry of a word group
_MOST_WORDS = 4  # of a Latin entry
_WORD = re.compile(r"[a-z0-9$£€¥#%]+(?:[.'][a-z0-9]+)*")
_HAN_RUN = re.compile("[\u3400-\u9fff]+")
_MARK = re.compile("[<>{}\\[\\]|《》「」?!~:]|###|```|//")
_DIGITS = re.compile(r"\d+")
_MOST_DIGITS = 8  # longer runs are one feature


@dataclass(frozen=True, slots=True)
class WordGroups:
    """The entries of all groups.

    Args:
        han: Han entries and marks with the features of the groups that hold them.
        latin: Latin entries by their stems, the same.
        n_words: Of the longest Latin entry.
        starts: The first three characters of longer Han entries and the first two stems of longer Latin ones.
    """

    han: Mapping[str, tuple[str, ...]]
    latin: Mapping[str, tuple[str, ...]]
    n_words: int
    starts: frozenset[str]


@functools.cache
def word_groups() -> WordGroups:
    """The groups of `concepts.toml`, read once; the feature of the group `child` is `@child`."""
    text = (files("adwright.generate.lexicon") / "concepts.toml").read_text(encoding="utf-8")
    han: dict[str, tuple[str, ...]] = {}
    latin: dict[str, tuple[str, ...]] = {}
    n_words = 1
    for name, entries in tomllib.loads(text)["concept"].items():
        for entry in entries:
            words = _WORD.findall(entry)[:_MOST_WORDS] if entry.isascii() else ()
            key = " ".join(map(stem, words)) if words else entry
            table = latin if words else han
            table[key] = tuple(dict.fromkeys((*table.get(key, ()), "@" + name)))
            n_words = max(n_words, len(words))
    starts = {key[:_LONGEST_GRAM] for key in han if len(key) > _LONGEST_GRAM}
    starts |= {" ".join(key.split(" ")[:2]) for key in latin if key.count(" ") > 1}
    return WordGroups(han, latin, n_words, frozenset(starts))


def pieces(folded: str) -> set[str]:
    """What may be a feature or an entry of a group: Han characters, one to three in a row, marks, lengths of
    numbers (`#4`), stems and pairs of them, and longer rows where an entry begins as they do.
    """
    groups = word_groups()
    found = set(_MARK.findall(folded))
    if not folded.isascii():
        for run in _HAN_RUN.findall(folded):
            grams = list(run)
            found.update(grams)
            for n in range(1, min(_LONGEST_ENTRY, len(run))):
                if n == _LONGEST_GRAM and groups.starts.isdisjoint(grams):
                    break
                grams = list(map(add, grams, run[n:]))
                found.update(grams)
    found.update([f"#{min(len(run), _MOST_DIGITS)}" for run in _DIGITS.findall(folded)])
    words = [stem(word) for word in _WORD.findall(folded)]
    found.update(words)
    row = words
    for n in range(1, min(groups.n_words, len(words))):
        if n == 2 and groups.starts.isdisjoint(row):
            break
        row = [f"{left} {right}" for left, right in zip(row, words[n:], strict=False)]
        found.update(row)
    return found


def is_gram(piece: str) -> bool:
    """Whether a piece is a feature by itself: at most three Han characters or two words."""
    if " " in piece or piece.isascii():
        return piece.count(" ") <= 1
    return len(piece) <= _LONGEST_GRAM


def feature_names(folded: str) -> set[str]:
    """The features of a folded text: stems, pairs of them, one to three Han characters, marks, lengths of numbers,
    groups.

    >>> sorted(feature_names("doctors 医生"))
    ['@medicine', 'doctor', '医', '医生', '生']
    """
    held = pieces(folded)
    return {piece for piece in held if is_gram(piece)} | groups_of(held)


def groups_of(held: Set[str]) -> set[str]:
    """The features of the groups that hold one of the pieces."""
    groups = word_groups()
    found: set[str] = set()
    for table in (groups.han, groups.latin):
        for piece in table.keys() & held:
            found.update(table[piece])
    return found


def located_features(folded: str) -> Iterator[tuple[str, int, int]]:
    """The same features, each wherever it stands, with start and end."""
    groups = word_groups()
    for mark in _MARK.finditer(folded):
        for name in (mark[0], *groups.han.get(mark[0], ())):
            yield name, *mark.span()
    for run in _HAN_RUN.finditer(folded):
        for start in range(run.start(), run.end()):
            for end in range(start + 1, min(start + _LONGEST_ENTRY, run.end()) + 1):
                piece = folded[start:end]
                if end - start <= _LONGEST_GRAM:
                    yield piece, start, end
                for name in groups.han.get(piece, ()):
                    yield name, start, end
    for run in _DIGITS.finditer(folded):
        yield f"#{min(len(run[0]), _MOST_DIGITS)}", *run.span()
    words = [(stem(m[0]), *m.span()) for m in _WORD.finditer(folded)]
    for first in range(len(words)):
        for last in range(first, min(first + groups.n_words, len(words))):
            piece = " ".join(word for word, *_ in words[first : last + 1])
            span = words[first][1], words[last][2]
            if last - first <= 1:
                yield piece, *span
            for name in groups.latin.get(piece, ()):
                yield name, *span
