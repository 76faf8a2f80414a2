"""What is kept of each call of a language model, and the promise of whoever keeps it.

Money is an integer of millionths of a minor unit: a price per million tokens times tokens, without rounding.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

CallStatus = Literal["sent", "answered", "unreadable", "failed"]
"""sent: no word of it yet; answered: used; unreadable: paid for and of no use; failed: no answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStart:
    """A call that is about to be made.

    Args:
        key: Of what is asked, of whom, and the how-manieth time; the same key has the same answer.
        run: The run that pays for it.
        at: When; aware.
        backend, endpoint, model: Who is asked; the endpoint is empty on this machine.
        reserved_micro: The most that it can cost, millionths of a minor unit.
        currency: Of the cost.
    """

    key: str
    run: str
    at: datetime
    backend: str
    endpoint: str
    model: str
    reserved_micro: int = 0
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """What became of a call.

    Args:
        status: See `CallStatus`.
        http_status: 0 where there was none.
        n_prompt_tokens, n_completion_tokens: As counted by who answered; 0 where it did not say.
        seconds: How long it took.
        cost_micro: None where nobody said what it cost: the reservation then stands for it under a cap.
        fault: What was wrong, without secrets.
        answer: The text; None where none came.
        is_whole: False where the answer broke off.
    """

    status: CallStatus
    http_status: int = 0
    n_prompt_tokens: int = 0
    n_completion_tokens: int = 0
    seconds: float = 0.0
    cost_micro: int | None = None
    fault: str = ""
    answer: str | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRule:
    """At most `limit_micro` may be spent in this scope: one run, or all that was sent from a time on."""

    scope: Literal["run", "day"]
    limit_micro: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReached:
    """Which cap has no room left for a call."""

    rule: CapRule
    spent_micro: int


class CallBook(Protocol):
    """Keeps calls. Safe to use from several threads."""

    def begin(self, start: CallStart, caps: Sequence[CapRule] = ()) -> int | CapReached:
        """Writes the call down before it is made, unless it could break a cap; its number, or which cap."""
        ...

    def end(self, number: int, end: CallEnd) -> None:
        """Writes down what became of it."""
        ...

    def recall(self, key: str) -> CallEnd | None:
        """The last answer under this key, readable or not; None where there is none."""
        ...


@dataclass(slots=True)
class MemoryBook:
    """Calls of one process, gone with it.

    Attributes:
        calls: Start and end of each, by number; the end is None while no word has come.
    """

    calls: dict[int, tuple[CallStart, CallEnd | None]] = field(default_factory=dict)
    _answers: dict[str, CallEnd] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, start: CallStart, caps: Sequence[CapRule] = ()) -> int | CapReached:
        """As the protocol says."""
        with self._lock:
            for rule in caps:
                spent = sum(spent_micro(s, e) for s, e in self.calls.values() if _counts(s, start, rule))
                if spent + start.reserved_micro > rule.limit_micro:
                    return CapReached(rule=rule, spent_micro=spent)
            number = len(self.calls) + 1
            self.calls[number] = (start, None)
            return number

    def end(self, number: int, end: CallEnd) -> None:
        """As the protocol says."""
        with self._lock:
            start, _ = self.calls[number]
            self.calls[number] = (start, end)
            if end.answer is not None:
                self._answers[start.key] = end

    def recall(self, key: str) -> CallEnd | None:
        """As the protocol says."""
        with self._lock:
            return self._answers.get(key)


def spent_micro(start: CallStart, end: CallEnd | None) -> int:
    """What a call counts for under a cap: its cost, or what was reserved while that is unknown."""
    return start.reserved_micro if end is None or end.cost_micro is None else end.cost_micro


def _counts(past: CallStart, start: CallStart, rule: CapRule) -> bool:
    if past.currency != start.currency:
        return False
    if rule.scope == "run":
        return past.run == start.run
    return rule.since is None or past.at >= rule.since
