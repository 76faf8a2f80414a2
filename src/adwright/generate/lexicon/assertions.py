"""What texts assert of goods beside single attribute words: the patterns of `assertions.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.generate.lexicon.negation import denied_before


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion in a folded text: where, what it names, and the part that names it."""

    start: int
    end: int
    name: str
    part: str = ""


def paraphrases(folded: str) -> Iterator[Assertion]:
    """Features in other words: "sling it in the dishwasher", 不怕水.

    >>> [a.name for a in paraphrases("sling it in the dishwasher, done")]
    ['dishwasher']
    """
    en, zh = _paraphrases()
    for pattern in (en, zh):
        if pattern is zh and folded.isascii():
            continue
        for match in pattern.finditer(folded):
            yield Assertion(match.start(), match.end(), str(match.lastgroup))


_FEATURE_EN = Gated(cue("assertions.feature_en"))
_NOT_FEATURE_EN = frozenset(
    [
        "bullet",
        "future",
        "idiot",
        "fool",
        "child",
        "water",
        "weather",
        "monday",
        "sun",
        "party",
        "hangover",
        "trend",
        "self",
        "anti-social",
    ]
) - {"water", "weather", "child", "sun"}
_FEATURE_ZH = Gated(cue("assertions.feature_zh"))


def features(folded: str) -> Iterator[Assertion]:
    """Features by how such words are built: 防滑, 自动断电, "leakproof", "self-cleaning"; `part` is the core.

    >>> [a.part for a in features("a leakproof, self-cleaning bottle")], [a.part for a in features("防干烧")]
    (['leak', 'cleaning'], ['防干烧'])
    """
    if not folded.isascii():
        for match in _FEATURE_ZH.finditer(folded):
            yield Assertion(match.start(), match.end(), "feature", match[0])
    for match in _FEATURE_EN.finditer(folded):
        part = next(v for v in match.groupdict().values() if v)
        if part not in _NOT_FEATURE_EN:
            yield Assertion(match.start(), match.end(), "feature", part)


def supported_paraphrases(folded: str) -> frozenset[str]:
    """The features that a catalogue text names in such words and does not deny."""
    return frozenset(
        a.name for a in paraphrases(folded) if not denied_before(folded[max(0, a.start - 16) : a.start])
    )


def left_out(folded: str) -> Iterator[Assertion]:
    """Substances that a text says are not there: `name` is the substance, `part` the word for it.

    >>> [(a.name, a.part) for a in left_out("fragrance-free, 不含酒精")]
    [('fragrance', 'fragrance'), ('alcohol', '酒精')]
    """
    for pattern in _left_out():
        for match in pattern.finditer(folded):
            name, part = next((k, v) for k, v in match.groupdict().items() if v)
            yield Assertion(match.start(), match.end(), name.rstrip("_"), part)


def substance_words(name: str) -> re.Pattern[str]:
    """A pattern of the words for a substance."""
    return _substance_words()[name]


def origins(folded: str) -> Iterator[Assertion]:
    """Places that a text names as the origin.

    >>> [a.name for a in origins("espadrilles made in portugal")], list(origins("法式碎花裙"))
    (['portugal'], [])
    """
    found = [match for pattern in _origins() for match in pattern.finditer(folded)]
    if found:
        kinds = place_kinds(folded)
        for match in found:
            if any(s < match.end() and match.start() < e for s, e in kinds):
                continue
            name, part = next((k, v) for k, v in match.groupdict().items() if v)
            yield Assertion(match.start(), match.end(), name.rstrip("_"), part)


def place_kinds(folded: str) -> list[tuple[int, int]]:
    """Where a text names a kind of goods after a place, as "French press"."""
    return [m.span() for pattern in _place_kinds() for m in pattern.finditer(folded)]


@functools.cache
def place_adjectives() -> Gated:
    """The adjectives of the places, each a group of its place's name."""
    groups = "|".join(
        f"(?P<{name}>{'|'.join(place['adjectives'])})"
        for name, place in _data()["places"].items()
        if place["adjectives"]
    )
    return Gated(re.compile(rf"(?<![a-z])(?:{groups})(?![a-z])"))


@functools.cache
def places_after_from() -> Gated:
    """A `thing` from a place, which is the last group."""
    groups = "|".join(
        f"(?P<{name}>{'|'.join(w for w in place['names'] if w.isascii())})"
        for name, place in _data()["places"].items()
        if any(w.isascii() for w in place["names"])
    )
    return Gated(re.compile(rf"(?<![a-z])(?P<thing>[a-z]{{4,}}) from (?:the )?(?:{groups})(?![a-z])"))


def place_words(name: str) -> re.Pattern[str]:
    """A pattern of the names and adjectives of a place."""
    return _place_words()[name]


def certificates(folded: str) -> Iterator[Assertion]:
    """Certificates and standards that a text claims."""
    for pattern in _certificates():
        for match in pattern.finditer(folded):
            part = next((v for v in match.groupdict().values() if v), "")
            yield Assertion(match.start(), match.end(), "certificate", part.strip())


def certificate_spellings(part: str) -> tuple[str, ...]:
    """The spellings under which a catalogue may have a certificate."""
    for spellings in _data()["certificates"].values():
        if any(re.fullmatch(s, part) for s in spellings):
            return tuple(spellings)
    return ()


@functools.cache
def _paraphrases() -> tuple[Gated, ...]:
    entries: Mapping[str, list[str]] = _data()["paraphrases"]
    en = {name: [p for p in patterns if p.isascii()] for name, patterns in entries.items()}
    zh = {name: [p for p in patterns if not p.isascii()] for name, patterns in entries.items()}
    return Gated(_named(en, words=True)), Gated(_named(zh, words=False))


@functools.cache
def _left_out() -> tuple[Gated, ...]:
    entries: Mapping[str, list[str]] = _data()["substances"]
    en = {name: "|".join(p for p in words if p.isascii()) for name, words in entries.items()}
    zh = {name: "|".join(p for p in words if not p.isascii()) for name, words in entries.items()}
    before = "|".join(f"(?P<{n}>{w})" for n, w in en.items() if w)
    after = "|".join(f"(?P<{n}_>{w})" for n, w in en.items() if w)
    han = "|".join(f"(?P<{n}>{w})" for n, w in zh.items() if w)
    latin = "|".join(f"(?P<{n}_>{w})" for n, w in en.items() if w)
    return (
        Gated(cue("assertions.left_out_en", {"after": after, "before": before})),
        Gated(cue("assertions.left_out_zh", {"han": han, "latin": latin})),
    )


@functools.cache
def _substance_words() -> dict[str, re.Pattern[str]]:
    return {name: re.compile("|".join(words)) for name, words in _data()["substances"].items()}


@functools.cache
def _origins() -> tuple[Gated, ...]:
    places: Mapping[str, Mapping[str, list[str]]] = _data()["places"]
    en = "|".join(
        f"(?P<{n}>{'|'.join(w for w in p['names'] if w.isascii())})"
        for n, p in places.items()
        if any(w.isascii() for w in p["names"])
    )
    adjectives = "|".join(
        f"(?P<{n}_>{'|'.join(p['adjectives'])})" for n, p in places.items() if p["adjectives"]
    )
    zh = "|".join(
        f"(?P<{n}>{'|'.join(w for w in p['names'] if not w.isascii())})"
        for n, p in places.items()
        if any(not w.isascii() for w in p["names"])
    )
    made = cue("assertions.makers_verbs").pattern
    goods = cue("assertions.goods_of_a_place").pattern
    return (
        Gated(cue("assertions.made_in", {"en": en, "made": made})),
        Gated(re.compile(rf"(?<![a-z])(?:{adjectives})[ -](?:\w+[ -])?(?:{goods})(?![a-z])")),
        Gated(cue("assertions.made_in_zh", {"zh": zh, "zh_renamed": zh.replace("(?P<", "(?P<z_")})),
    )


@functools.cache
def _place_words() -> dict[str, re.Pattern[str]]:
    found = {}
    for name, place in _data()["places"].items():
        en = "|".join(w for w in [*place["names"], *place["adjectives"]] if w.isascii())
        zh = "|".join(w for w in place["names"] if not w.isascii())
        found[name] = re.compile(
            "|".join(p for p in (rf"(?<![a-z])(?:{en})(?![a-z])" if en else "", zh) if p)
        )
    return found


@functools.cache
def _place_kinds() -> tuple[Gated, ...]:
    kinds = _data()["place_kinds"]
    en = re.compile(rf"(?<![a-z])(?:{'|'.join(kinds['en'])})(?![a-z])")
    return Gated(en), Gated(re.compile("|".join(kinds["zh"])))


@functools.cache
def _certificates() -> tuple[Gated, ...]:
    known = "|".join(s for spellings in _data()["certificates"].values() for s in spellings if s.isascii())
    han = "|".join(s for spellings in _data()["certificates"].values() for s in spellings if not s.isascii())
    return (
        Gated(cue("assertions.certified_en", {"known": known})),
        Gated(cue("assertions.certified_zh", {"han": han, "known": known})),
    )


def _named(entries: Mapping[str, list[str]], *, words: bool) -> re.Pattern[str]:
    body = "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in entries.items() if patterns)
    return re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])" if words else body)


@functools.cache
def _data() -> dict[str, Any]:
    path = files("adwright.generate.lexicon") / "assertions.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
