"""Decisions waiting for what comes of them: late, lost, repeated and impossible outcomes have their place.

Every outcome that is handed in ends in exactly one place, and none is dropped:

    counted    it belongs to a decision, is not earlier than it and within the window
    repeated   the same outcome (by its id) was there before; it counts once
    parked     its decision is not known (yet); it counts as soon as the decision comes
    refused    earlier than its decision, later than the window, or no number; kept with the reason

Holds when: an outcome's id is its own (the platform's message id).
Does not cover: finding the decision of an outcome that names none; that is attribution's work.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from adwright.errors import DataError, UsageError
from adwright.schema import Decision

Kind = Literal["click", "conversion", "revenue"]
Place = Literal["counted", "repeated", "parked", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Something that came of a decision.

    Args:
        id: The outcome's own, so that a repeated delivery is recognised.
        decision_id: Of the decision it came of.
        at: When it happened, UTC.
        value: 1 for a click or a conversion, money in minor units for revenue; negative for a refund.
        kind: What it is.
    """

    id: str
    decision_id: str
    at: datetime
    value: float = 1.0
    kind: Kind = "click"


@dataclass(frozen=True, slots=True)
class Counted:
    """An outcome beside its decision."""

    decision: Decision
    outcome: Outcome

    @property
    def delay_h(self) -> float:
        """Hours from decision to outcome."""
        return (self.outcome.at - self.decision.at).total_seconds() / 3600


@dataclass(slots=True)
class Feedback:
    """What was decided, and what came of it so far.

    Args:
        window_h: Outcomes later than this after their decision are refused, hours.
        skew_s: Outcomes at most this much before their decision are taken as simultaneous: clocks differ.

    >>> from datetime import UTC
    >>> log = Feedback(window_h=24)
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> early = Outcome(id="o1", decision_id="d1", at=at)
    >>> log.take([early])
    ['parked']
    >>> d = Decision(id="d1", customer_id="c", content_id="a", propensities={"a": 1.0}, policy="p",
    ...              model_version="", at=at, channel="ads")
    >>> [c.outcome.id for c in log.record([d])]
    ['o1']
    >>> log.take([early])
    ['repeated']
    """

    window_h: float = 24.0 * 14
    skew_s: float = 5.0
    decisions: dict[str, Decision] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    parked: dict[str, Outcome] = field(default_factory=dict)
    refused: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    n_repeated: int = 0

    def __post_init__(self) -> None:
        if not self.window_h > 0 or self.skew_s < 0:
            raise UsageError("not a window", argument="window_h", value=(self.window_h, self.skew_s))

    def record(self, decisions: Iterable[Decision]) -> list[Counted]:
        """Takes in decisions; returns the outcomes that had been parked for them and now count.

        The same decision again changes nothing.

        Raises:
            DataError: another decision under an id that is taken; nothing of the batch is recorded.
        """
        fresh: dict[str, Decision] = {}
        for decision in decisions:
            known = self.decisions.get(decision.id, fresh.get(decision.id))
            if known is not None and known != decision:
                raise DataError("two decisions of one id", argument="decisions", value=decision.id)
            fresh[decision.id] = decision
        self.decisions |= fresh
        waiting = [o for o in self.parked.values() if o.decision_id in fresh]
        for outcome in waiting:
            del self.parked[outcome.id]
        self.take(waiting)
        return [self.counted[o.id] for o in waiting if o.id in self.counted]

    def take(self, outcomes: Sequence[Outcome]) -> list[Place]:
        """Where each outcome went, in their order."""
        return [self._place(outcome) for outcome in outcomes]

    @property
    def n_taken(self) -> int:
        """All outcomes handed in: the sum of the four places."""
        return len(self.counted) + len(self.parked) + len(self.refused) + self.n_repeated

    def _place(self, outcome: Outcome) -> Place:
        if outcome.id in self.counted or outcome.id in self.parked or outcome.id in self.refused:
            self.n_repeated += 1
            return "repeated"
        reason = self._fault(outcome)
        if reason:
            self.refused[outcome.id] = (outcome, reason)
            return "refused"
        decision = self.decisions.get(outcome.decision_id)
        if decision is None:
            self.parked[outcome.id] = outcome
            return "parked"
        self.counted[outcome.id] = Counted(decision, outcome)
        return "counted"

    def _fault(self, outcome: Outcome) -> str:
        if not math.isfinite(outcome.value):
            return "not a number"
        if outcome.at.tzinfo is None:
            return "a time without time zone"
        decision = self.decisions.get(outcome.decision_id)
        if decision is None:
            return ""
        if outcome.at < decision.at - timedelta(seconds=self.skew_s):
            return "earlier than its decision"
        if outcome.at > decision.at + timedelta(hours=self.window_h):
            return "later than the window"
        return ""
