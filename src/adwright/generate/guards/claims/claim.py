"""A claim in a text, and the text as the claim modules read it: folded, with its quantities."""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from adwright.generate.guards.claims.spoken import quantities_of
from adwright.generate.lexicon.cues import Hedge, cue, hedges
from adwright.generate.lexicon.negation import (
    any_denial_after,
    any_denial_before,
    denied_after,
    denied_before,
)
from adwright.schema import Language, Severity
from adwright.text.normalise import fold_in_place
from adwright.text.numbers import Quantity

_BEFORE = tuple(
    (hedge, re.compile(rf"(?:{words})\s?{cue('hedges.between').pattern}"))
    for hedge, words in hedges("before")
)
_AFTER = tuple((hedge, re.compile(rf"[ -]?(?:{words})")) for hedge, words in hedges("after"))


_LOOSE = re.compile(r"[多余来](?=[^\d]{1,3}$)")
"""六百多罐, 五十余件, 一百来个: the hedge stands before the unit."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text claims at a place, and how badly it lacks evidence.

    Args:
        rule_id: The rule that asks for the evidence.
        severity: None where the claim is borne out.
        start, end: Where it stands.
        reason: A key of `evidence.toml`.
        known: What the reason names, for example the prices that hold.
        exemption: The exemption that lets it through, if one does.
    """

    rule_id: str
    severity: Severity | None
    start: int
    end: int
    reason: str = ""
    known: str = ""
    exemption: str | None = None


@dataclass(slots=True)
class Reading:
    """A text, folded in place, with the quantities that stand in it."""

    text: str
    language: Language
    folded: str = field(init=False)
    quantities: Sequence[Quantity] = field(init=False)

    def __post_init__(self) -> None:
        self.folded = fold_in_place(self.text)
        self.quantities = quantities_of(self.text)

    def before(self, start: int, n: int) -> str:
        """Up to n folded characters before a place."""
        return self.folded[max(0, start - n) : start]

    def after(self, end: int, n: int) -> str:
        """Up to n folded characters from a place on."""
        return self.folded[end : end + n]

    def hedge(self, start: int, end: int) -> Hedge:
        """How a number between these places is bounded: "nearly", 不到, "or more"."""
        if loose := _LOOSE.search(self.folded, max(start, end - 4), end):
            return "about" if loose[0] == "来" else "above"
        before, after = self.before(start, 32), self.after(end, 14)
        for hedge, pattern in _BEFORE:
            if pattern.search(before):
                return hedge
        for hedge, pattern in _AFTER:
            if pattern.match(after):
                return hedge
        return "exact"

    def beside(self, quantity: Quantity) -> list[Quantity]:
        """The other quantities of the text; the few that stand nearest where it has many."""
        at = bisect.bisect_left(self.quantities, quantity.start, key=lambda q: q.start)
        near = self.quantities[max(0, at - _NEAREST) : at + _NEAREST + 1]
        return [other for other in near if other is not quantity]

    def denies(self, start: int, end: int) -> bool:
        """Whether the text says that it is not so, or asks and answers no."""
        return bool(denied_before(self.before(start, 40)) or denied_after(self.after(end, 40)))

    def denies_in_clause(self, start: int, end: int) -> bool:
        """Whether its clause says no anywhere, which is enough where the catalogue says no as well.

        >>> Reading("There is no active noise cancelling", "en").denies_in_clause(19, 35)
        True
        """
        return (
            self.denies(start, end)
            or any_denial_before(self.before(start, 60))
            or any_denial_after(self.after(end, 40))
        )

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Start and end of the clause around a place."""
        left = max((self.folded.rfind(c, 0, start) for c in _STOPS), default=-1) + 1
        ends = [i for i in (self.folded.find(c, end) for c in _STOPS) if i >= 0]
        return left, min(ends, default=len(self.folded))


_NEAREST = 8
_STOPS = "。！？!?；;\n，,"


def holds(claimed: float, hedge: Hedge, actual: float, *, tolerance: float = 0.005) -> bool:
    """Whether what is true bears out what is claimed under its hedge.

    >>> holds(1.0, "below", 1.3), holds(50.0, "below", 49.9), holds(2.0, "just_above", 2.12)
    (False, True, True)
    """
    same = math.isclose(claimed, actual, rel_tol=tolerance, abs_tol=1e-9)
    match hedge:
        case "exact":
            return same
        case "below":
            return 0.5 * claimed <= actual < claimed
        case "just_below":
            return 0.85 * claimed <= actual <= claimed * 1.02
        case "above":
            return claimed < actual <= 2 * claimed or same
        case "just_above":
            return claimed <= actual <= 1.15 * claimed
        case "about":
            return abs(actual - claimed) <= 0.1 * max(actual, claimed)
        case "up_to":
            return claimed <= actual * (1 + tolerance)
        case "at_most":
            return 0.5 * claimed <= actual <= claimed * (1 + tolerance)
        case "at_least":
            return actual >= claimed * (1 - tolerance)
