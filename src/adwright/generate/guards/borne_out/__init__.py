"""The stage of evidence: after the rules on facts, a learnt reading of whether catalogue, offer and reviews bear a text out.

Holds when: the text is copy on the goods that it is held against, some sentences long; a longer one is read in
overlapping runs of sentences.

Does not cover: what no word, number or rule finding tells, such as two true halves that are false together.

It asks a person where no rule has spoken and the text reads as claims that are not borne out. A finding of a rule
that has often been wrong in such a text is told as a warning. It never blocks.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np

from adwright.generate.guards.borne_out.features import Evidence, Features, clauses, features_of
from adwright.generate.guards.borne_out.model import EvidenceModel, evidence_model
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.meaning.model import windows
from adwright.generate.guards.support import Support

__all__ = ["Evidence", "EvidenceModel", "evidence_model", "families", "features_in", "weigh"]

READS_BORNE_OUT = "reads_borne_out"
"""The exemption of a finding that is told as a warning only."""

_STOPS = ("block", "review")


@dataclass(frozen=True, slots=True)
class Family:
    """A family of facts.

    Args:
        rule: What a finding of the stage is called.
        reason: Its key of `evidence.toml`.
        rules: Rule ids begin so that speak for the family.
    """

    rule: str
    reason: str
    rules: tuple[str, ...]


@functools.cache
def families() -> Mapping[str, Family]:
    """The families by name."""
    text = (files("adwright.generate.guards.borne_out") / "families.toml").read_text(encoding="utf-8")
    return {
        name: Family(told["rule"], told["reason"], tuple(told["rules"]))
        for name, told in tomllib.loads(text)["family"].items()
    }


def weigh(
    reading: Reading, claims: Sequence[Claim], support: Support, evidence: Evidence
) -> Iterator[Claim]:
    """The claims of a text, some told as warnings only, and those that the stage adds."""
    model = evidence_model()
    highest = np.full((len(claims), len(model.families)), -np.inf)
    added: dict[str, Claim] = {}
    for start, end in windows(reading.folded):
        inside = [i for i, c in enumerate(claims) if start <= c.start and c.end <= end]
        scores = model.scores(
            features_in(reading, start, end, [claims[i] for i in inside], support, evidence)
        )
        highest[inside] = np.maximum(highest[inside], scores)
        stopping = [claims[i].rule_id for i in inside if claims[i].severity in _STOPS]
        for name in np.array(model.families)[scores >= model.asks]:
            family = families()[name]
            if name not in added and not any(rule.startswith(family.rules) for rule in stopping):
                span = _strongest(reading.folded, start, end, model, model.families.index(name), evidence)
                added[name] = Claim(family.rule, "review", *span, family.reason)
    for claim, scores in zip(claims, highest, strict=True):
        of = [i for i, name in enumerate(model.families) if claim.rule_id.startswith(families()[name].rules)]
        lets = claim.severity in _STOPS and len(of) > 0 and bool((scores[of] < model.lets).all())
        yield replace(claim, severity="warn", exemption=READS_BORNE_OUT) if lets else claim
    yield from added.values()


def features_in(
    reading: Reading,
    start: int,
    end: int,
    claims: Sequence[Claim],
    support: Support,
    evidence: Evidence,
) -> Features:
    """The features of a part of a text with the claims that stand in it."""
    inside = [
        replace(q, start=q.start - start, end=q.end - start)
        for q in reading.quantities
        if start <= q.start and q.end <= end
    ]
    moved = [replace(c, start=c.start - start, end=c.end - start) for c in claims]
    return features_of(reading.folded[start:end], inside, moved, evidence, support)


def _strongest(
    folded: str, start: int, end: int, model: EvidenceModel, family: int, evidence: Evidence
) -> tuple[int, int]:
    """The clause whose words speak most for the family."""
    best, span = -np.inf, (start, end)
    for clause in clauses(folded, start, end):
        weight = model.weight_of_words(folded[slice(*clause)], evidence.pieces, family)
        if weight > best:
            best, span = weight, clause
    return span
