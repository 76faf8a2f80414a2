"""The stage of evidence: after the rules on facts, a learnt reading of whether the record bears a text out.

Holds when: the text is copy on the goods that it is held against, some sentences long; a longer one is read in
overlapping runs of sentences.

Does not cover: what no word, number or rule finding tells, such as two true halves that are false together.

It asks a person where no rule has spoken of the matter and the text reads as claims that are not borne out. What a
rule found, to block or to ask, is told as a warning where texts of this sort are mostly borne out; only a claim that
was read whole is. It never blocks.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from adwright.generate.guards.borne_out.evidence import Evidence
from adwright.generate.guards.borne_out.features import OTHER_LANGUAGE, Features, clauses, features_of, stops
from adwright.generate.guards.borne_out.model import EvidenceModel, evidence_model
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.meaning.features import pieces
from adwright.generate.guards.meaning.model import windows

__all__ = [
    "READS_BORNE_OUT",
    "Evidence",
    "EvidenceModel",
    "Features",
    "Window",
    "evidence_model",
    "families",
    "stops",
    "weigh",
    "windows_of",
]

READS_BORNE_OUT = "facts.reads_borne_out"
"""The exemption of a finding that is told as a warning only."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of facts.

    Args:
        rule: What a finding of the stage is called.
        reason: Its key of `evidence.toml`.
        rules: Rule ids begin so that speak for the family.
        stands: Whether what its rules find is never let through.
    """

    rule: str
    reason: str
    rules: tuple[str, ...]
    stands: bool = False


@functools.cache
def families() -> Mapping[str, Family]:
    """The families by name."""
    text = (files("adwright.generate.guards.borne_out") / "families.toml").read_text(encoding="utf-8")
    return {
        name: Family(told["rule"], told["reason"], tuple(told["rules"]), told.get("stands", False))
        for name, told in tomllib.loads(text)["family"].items()
    }


_ABSENCE = "facts.feature_absent"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that is read as a whole, with its features and the places of the claims that stand in it."""

    start: int
    end: int
    features: Features
    inside: Sequence[int]


def weigh(reading: Reading, claims: Sequence[Claim], evidence: Evidence) -> Iterator[Claim]:
    """The claims of a text, some told as warnings only, and those that the stage adds."""
    read = list(windows_of(reading, claims, evidence))
    scores = [evidence_model().scores(window.features) for window in read]
    doubted = _doubted(claims, read, scores)
    for i, claim in enumerate(claims):
        yield replace(claim, severity="warn", exemption=READS_BORNE_OUT) if i in doubted else claim
    yield from _asked(reading, claims, read, scores)


def windows_of(reading: Reading, claims: Sequence[Claim], evidence: Evidence) -> Iterator[Window]:
    """The parts of a text that are read as a whole."""
    for start, end in windows(reading.folded):
        inside = [i for i, c in enumerate(claims) if start <= c.start and c.end <= end]
        quantities = [
            replace(q, start=q.start - start, end=q.end - start)
            for q in reading.quantities
            if start <= q.start and q.end <= end
        ]
        moved = [replace(c, start=c.start - start, end=c.end - start) for c in (claims[i] for i in inside)]
        yield Window(start, end, features_of(reading.folded[start:end], quantities, moved, evidence), inside)


def _doubted(
    claims: Sequence[Claim], read: Sequence[Window], scores: Sequence[NDArray[np.float32]]
) -> frozenset[int]:
    """The places of the claims that stop the text and that every window around them reads as borne out.

    Where rules of two families stop a window, which true copy seldom makes them do, what they found stands; so does
    that something is left out, which only the record can say.
    """
    model = evidence_model()
    highest = np.full((len(claims), len(model.families)), -np.inf)
    for window, found in zip(read, scores, strict=True):
        touching = [i for i, c in enumerate(claims) if _touches(c, window)]
        highest[touching] = np.maximum(highest[touching], found)
    own = [_families_of(claim) for claim in claims]
    doubted = set[int]()
    for i in {i for window in read for i in window.inside if stops(claims[i]) and own[i]}:
        around = [window for window in read if _touches(claims[i], window)]
        near = {k for window in around for k in window.inside if stops(claims[k])}
        translated = all(OTHER_LANGUAGE in window.features["relation"] for window in around)
        stands = (
            claims[i].rule_id == _ABSENCE
            or any(families()[name].stands and not translated for name in own[i])
            or any(own[i].isdisjoint(own[k]) for k in near)
        )
        places = [model.families.index(name) for name in own[i]]
        if not stands and (highest[i, places] < model.lets).all():
            doubted.add(i)
    return frozenset(doubted)


def _families_of(claim: Claim) -> frozenset[str]:
    """The families that the claim's rule speaks for."""
    return frozenset(name for name, family in families().items() if claim.rule_id.startswith(family.rules))


def _asked(
    reading: Reading,
    claims: Sequence[Claim],
    read: Sequence[Window],
    scores: Sequence[NDArray[np.float32]],
) -> Iterator[Claim]:
    """A question for each family that a window speaks of, once, where no rule of the family stops the window."""
    model = evidence_model()
    asked = set[str]()
    for window, found in zip(read, scores, strict=True):
        stopping = [c.rule_id for c in claims if stops(c) and _touches(c, window)]
        for name in np.array(model.families)[found >= model.asks]:
            family = families()[name]
            if name not in asked and not any(rule.startswith(family.rules) for rule in stopping):
                asked.add(name)
                span = _strongest(reading.folded, window, model.families.index(name))
                yield Claim(family.rule, "review", *span, family.reason)


def _touches(claim: Claim, window: Window) -> bool:
    return claim.start < window.end and window.start < claim.end


def _strongest(folded: str, window: Window, family: int) -> tuple[int, int]:
    """The clause whose words speak most for the family."""
    best, span = -np.inf, (window.start, window.end)
    for clause in clauses(folded, window.start, window.end):
        words = pieces(folded[slice(*clause)])
        weight = evidence_model().weight_of_words(words, words & window.features["new"], family)
        if weight > best:
            best, span = weight, clause
    return span
