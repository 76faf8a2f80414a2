"""What calls cost, written down one by one, and the caps that no call may break."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Self, runtime_checkable

from adwright.errors import BackendError, ConfigError
from adwright.store.call_records import CallBook, CallEnd, CallStart, CapReached, CapRule, MemoryBook

MICRO = 1_000_000
"""Millionths of a minor unit in a minor unit."""

_MOST_TOKENS = 10**9
"""A count of tokens above this is no count."""


@dataclass(frozen=True)
class SpendingConfig:
    """`[generate.spending]`: the most that may be spent, minor units of the currency of the prices.

    Args:
        per_run_minor: By one run, killed and resumed or not; None for no cap.
        per_day_minor: By all runs of the shop in one UTC day; None for no cap.
    """

    per_run_minor: float | None = None
    per_day_minor: float | None = None

    def __post_init__(self) -> None:
        for name in ("per_run_minor", "per_day_minor"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ConfigError("below zero", argument=f"generate.spending.{name}", value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Per million tokens, minor units of a currency: one minor unit a million is one millionth a token."""

    prompt_minor: float = 0.0
    completion_minor: float = 0.0
    currency: str = "USD"

    def micro(self, n_prompt: int, n_completion: int) -> int:
        """What so many tokens cost, millionths of a minor unit, rounded up."""
        return -int(-(n_prompt * self.prompt_minor + n_completion * self.completion_minor) // 1)


@dataclass(slots=True)
class Meter:
    """Begins and ends calls in a book under caps, for one run.

    Args:
        book: Where calls are written down; gone with the process where None.
        run: Names the run; a resumed run has the name of the one that was killed.
        spending: The caps.
        clock: The present.
    """

    book: CallBook = field(default_factory=MemoryBook)
    run: str = ""
    spending: SpendingConfig = SpendingConfig()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(
        self, key: str, *, backend: str, endpoint: str, model: str, most_micro: int = 0, currency: str = "USD"
    ) -> int:
        """Writes a call down before it is made; its number.

        Raises:
            BackendError: it could break a cap; nothing was written down and nothing may be sent.
        """
        now = self.clock()
        start = CallStart(
            key=key,
            run=self.run,
            at=now,
            backend=backend,
            endpoint=endpoint,
            model=model,
            reserved_micro=most_micro,
            currency=currency,
        )
        begun = self.book.begin(start, self._caps(now))
        if isinstance(begun, CapReached):
            raise _cap_error(begun, currency)
        return begun

    def end(self, number: int, end: CallEnd) -> None:
        """Writes down what became of a call."""
        self.book.end(number, end)

    def recall(self, key: str) -> CallEnd | None:
        """What was answered, and paid for, under this key before; None where nothing was."""
        return self.book.recall(key)

    def _caps(self, now: datetime) -> tuple[CapRule, ...]:
        rules: list[CapRule] = []
        if self.spending.per_run_minor is not None:
            rules.append(CapRule(scope="run", limit_micro=int(self.spending.per_run_minor * MICRO)))
        if self.spending.per_day_minor is not None:
            midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            limit = int(self.spending.per_day_minor * MICRO)
            rules.append(CapRule(scope="day", limit_micro=limit, since=midnight))
        return tuple(rules)


@runtime_checkable
class Metered(Protocol):
    """A backend whose calls can be metered."""

    def with_meter(self, meter: Meter) -> Self:
        """The same backend, its calls written down there."""
        ...


def call_key(*parts: Any) -> str:
    """A key of what is asked: equal parts, equal key.

    >>> call_key("m", 1) == call_key("m", 1), call_key("m", 1) == call_key("m1")
    (True, False)
    """
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def token_count(value: object) -> int | None:
    """A count of tokens that an endpoint told; None where it told none that can be true."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def _cap_error(reached: CapReached, currency: str) -> BackendError:
    rule = reached.rule
    scope = {"run": "this run", "day": "this day (UTC)"}[rule.scope]
    return BackendError(
        f"the spending cap of {scope} has no room for another call: {reached.spent_micro / MICRO:g} of "
        f"{rule.limit_micro / MICRO:g} minor units of {currency} are spent or reserved",
        retryable=False,
        hint=f"Raise generate.spending.per_{rule.scope}_minor, or wait",
    )
