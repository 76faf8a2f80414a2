"""The errors that Adwright raises.

AdwrightError                 anything we raise on purpose; prints as one line
+-- UsageError                the caller's fault: says which argument, what it was, what is allowed
|   +-- ConfigError           a recipe or an environment variable
|   +-- DataError             a table, a file or a row
|   +-- NotFoundError         a name that does not exist (component, model, product, content)
|   +-- InfeasibleError       what was asked for cannot be had (no eligible content, clashing constraints)
+-- ExternalError             a failure from outside; carries `retryable` and `hint`
    +-- BackendError          a language-model backend
    +-- StoreError            the disk or the database
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AdwrightError(Exception):
    """Any error that Adwright raises on purpose. `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}. {hint}")
        self.hint = hint


class UsageError(AdwrightError, ValueError):
    """The caller's fault.

    Args:
        message: What is wrong, without a full stop.
        argument: The name of the argument, key or column at fault.
        value: What was seen there.
        allowed: What would have been accepted, in words.
        hint: What to do.
    """

    def __init__(
        self,
        message: str,
        *,
        argument: str | None = None,
        value: object = None,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        parts = [message]
        if argument is not None:
            parts.append(f"{argument} = {_short(value)}")
        if allowed is not None:
            parts.append(f"allowed: {allowed}")
        super().__init__("; ".join(parts), hint=hint)
        self.argument = argument
        self.value = value
        self.allowed = allowed


class ConfigError(UsageError):
    """A recipe or an environment variable is wrong."""


class DataError(UsageError):
    """A table, a file or a row is not what it has to be."""


class NotFoundError(UsageError):
    """A name does not exist; the message proposes the nearest one that does."""


class InfeasibleError(UsageError):
    """What was asked for cannot be had."""


class ExternalError(AdwrightError):
    """A failure from outside. `retryable` says whether the same call may succeed later."""

    def __init__(self, message: str, *, retryable: bool, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retryable = retryable


class BackendError(ExternalError):
    """A language-model backend failed."""


class StoreError(ExternalError):
    """The disk or the database failed."""


def unknown_name(what: str, name: str, known: Iterable[str]) -> NotFoundError:
    """The error for a name that does not exist, with the nearest known one as the hint.

    >>> str(unknown_name("backend", "compse", ["compose", "hf"]))
    "unknown backend; backend = 'compse'; allowed: compose, hf. Did you mean 'compose'?"
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else None
    return NotFoundError(
        f"unknown {what}", argument=what, value=name, allowed=", ".join(names) or "none", hint=hint
    )


def _short(value: object, limit: int = 80) -> str:
    """The value as code, cut in the middle: the end of a path says more than its beginning."""
    text = repr(value)
    half = (limit - 3) // 2
    return text if len(text) <= limit else f"{text[:half]}...{text[-half:]}"
