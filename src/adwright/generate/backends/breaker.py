"""A circuit breaker: an endpoint and model that keep failing are left alone for a while.

closed: calls go through. After `failures_to_open` failures in a row, or one that no second try can mend, it is
open: nothing is sent. After `cool_down_s` one call may try (half-open); its success closes the breaker, its
failure opens it again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from adwright.errors import BackendError, ConfigError


@dataclass(frozen=True)
class BreakerConfig:
    """When it opens and how long it stays so.

    Args:
        failures_to_open: So many failures in a row, whichever text they were for.
        cool_down_s: How long nothing is sent then, seconds.
    """

    failures_to_open: int = 5
    cool_down_s: float = 30.0

    def __post_init__(self) -> None:
        if self.failures_to_open < 1 or self.cool_down_s < 0:
            raise ConfigError(
                "cannot break so",
                argument="breaker",
                value=(self.failures_to_open, self.cool_down_s),
                allowed="failures_to_open from 1, cool_down_s from 0",
            )


@dataclass(slots=True)
class Breaker:
    """The state of one endpoint and model; safe to use from several threads.

    Args:
        name: The endpoint and model, for messages.
        config: When it opens.
        clock: Seconds that only ever grow.
    """

    name: str
    config: BreakerConfig = BreakerConfig()
    clock: Callable[[], float] = time.monotonic
    _failures: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _is_trying: bool = field(default=False, init=False)
    _why: str = field(default="", init=False)
    _is_final: bool = field(default=False, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def admit(self) -> None:
        """Lets a call through, or raises `BackendError` with why not."""
        with self._lock:
            if self._opened_at is None:
                return
            left = self._opened_at + self.config.cool_down_s - self.clock()
            if left <= 0 and not self._is_trying:
                self._is_trying = True  # one may try; the others wait for what becomes of it
                return
            raise BackendError(
                f"the circuit breaker of {self.name} is open ({self._why})",
                retryable=not self._is_final,
                hint=f"It lets one call try again in {max(left, 0):.0f} s",
            )

    @property
    def is_open(self) -> bool:
        """Whether calls are held back now."""
        with self._lock:
            return self._opened_at is not None

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._failures, self._opened_at, self._is_trying = 0, None, False

    def failed(self, why: str, *, is_final: bool = False) -> None:
        """A call failed; a final fault (a wrong key, an unknown model) opens at once."""
        with self._lock:
            self._failures += 1
            if self._is_trying or is_final or self._failures >= self.config.failures_to_open:
                self._opened_at, self._is_trying = self.clock(), False
                self._why, self._is_final = why, is_final

    def let_go(self) -> None:
        """A call that was let through was never made."""
        with self._lock:
            self._is_trying = False
