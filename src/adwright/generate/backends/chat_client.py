"""One chat completion over HTTP: bounded in time, size and tries, and silent about secrets."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx

from adwright.errors import BackendError, ConfigError

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_MAX_BYTES = 4_000_000
_HINTS = {
    401: "Look at OPENAI_API_KEY",
    403: "This key may not use this model",
    404: "Look at base_url and the model's name",
    400: "The endpoint may not know this response_format; try json_object or none",
    422: "The endpoint may not know this response_format; try json_object or none",
    429: "The rate limit or the quota is reached; lower concurrency, or wait",
}


@dataclass(frozen=True)
class ClientConfig:
    """How long and how often one waits.

    Args:
        connect_timeout_s: For the connection.
        read_timeout_s: For the next piece of the answer.
        total_timeout_s: For one whole answer, however slowly it drips.
        max_sends: How often one request is sent.
        backoff_s: First wait; doubles with each try, plus jitter.
        max_wait_s: Longest single wait, whatever Retry-After asks.
    """

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    total_timeout_s: float = 120.0
    max_sends: int = 4
    backoff_s: float = 0.5
    max_wait_s: float = 20.0

    def __post_init__(self) -> None:
        for name in ("connect_timeout_s", "read_timeout_s", "total_timeout_s", "max_sends"):
            if getattr(self, name) <= 0:
                raise ConfigError("must be positive", argument=f"client.{name}", value=getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: its text, whether it is whole, and what it took."""

    text: str
    complete: bool
    n_prompt_tokens: int
    n_completion_tokens: int
    n_sends: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """One sending: what came back, what it cost, and why it did not serve (empty where it did)."""

    status: int
    seconds: float
    n_prompt_tokens: int = 0
    n_completion_tokens: int = 0
    fault: str = ""


class _Failed(Exception):  # noqa: N818 — never leaves this module
    """One sending failed."""

    def __init__(
        self, message: str, *, retryable: bool, status: int = 0, wait_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.status = status
        self.wait_s = wait_s


class ChatClient:
    """A client of one endpoint; use it in `with`.

    Args:
        base_url: Up to and without /chat/completions.
        key: Sent as bearer token where not empty; never part of a message.
        config: Timeouts and retries.
        on_failure: Called with the record of each sending that failed.
        sleep: Waits that many seconds; for tests.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        config: ClientConfig,
        on_failure: Callable[[SendRecord], None],
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._url = f"{base_url}/chat/completions"
        self._key = key
        self._config = config
        self._sleep = sleep or time.sleep
        self._on_failure = on_failure
        timeout = httpx.Timeout(config.read_timeout_s, connect=config.connect_timeout_s)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._http = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False)
            httpx.URL(self._url)
        except (httpx.InvalidURL, ValueError, UnicodeError) as error:
            raise ConfigError("not a URL, or not a key", argument="base_url", value=base_url) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def complete(self, body: dict[str, Any], *, seed: int) -> Reply:
        """The endpoint's answer, after at most `max_sends` sendings.

        Args:
            body: The request as JSON.
            seed: Of the jitter.

        Raises:
            BackendError: it refused, or failed every time; `retryable` says whether later may be better.
        """
        jitter = random.Random(seed)
        n_sends = 0
        while True:
            n_sends += 1
            started = time.monotonic()
            try:
                answer = self._send(body)
            except _Failed as failure:
                seconds = time.monotonic() - started
                self._on_failure(
                    SendRecord(status=failure.status, seconds=seconds, fault=self._silent(str(failure)))
                )
                if not failure.retryable or n_sends >= self._config.max_sends:
                    raise self._error(failure, n_sends) from None
                self._sleep(self._wait(failure, n_sends, jitter))
            else:
                return _reply(answer, n_sends, time.monotonic() - started)

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        """One sending: the parsed body of a 200, or `_Failed`."""
        deadline = time.monotonic() + self._config.total_timeout_s
        try:
            with self._http.stream("POST", self._url, json=body) as response:
                raw = self._read(response, deadline)
        except httpx.TimeoutException as error:
            raise _Failed(f"no answer in time ({type(error).__name__})", retryable=True) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _Failed(f"no connection ({type(error).__name__}: {error})", retryable=True) from error
        if response.status_code != httpx.codes.OK:
            raise _Failed(
                f"status {response.status_code}: {raw[:300].decode('utf-8', 'replace')}",
                retryable=response.status_code in _RETRIED,
                status=response.status_code,
                wait_s=_retry_after(response.headers.get("retry-after")),
            )
        return _parsed(raw)

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            parts.append(part)
            if time.monotonic() > deadline:
                raise _Failed("the answer took too long", retryable=True)
            if size > _MAX_BYTES:
                raise _Failed("the answer is too large", retryable=False)
        return b"".join(parts)

    def _wait(self, failure: _Failed, n_sends: int, jitter: random.Random) -> float:
        backoff = self._config.backoff_s * 2 ** (n_sends - 1) * (1 + jitter.random())
        return float(min(max(backoff, failure.wait_s or 0.0), self._config.max_wait_s))

    def _error(self, failure: _Failed, n_sends: int) -> BackendError:
        tries = f" ({n_sends} tries)" if n_sends > 1 else ""
        hint = _HINTS.get(failure.status, "Look whether the endpoint runs, and at base_url")
        message = self._silent(f"{self._url}: {failure}{tries}")
        return BackendError(message, retryable=failure.retryable, hint=hint)

    def _silent(self, message: str) -> str:
        """The message on one line and without the key, which some endpoints repeat."""
        return " ".join((message.replace(self._key, "(key)") if self._key else message).split())


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
        answer["choices"][0]["message"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _Failed("the answer is no chat completion", retryable=True, status=200) from error
    return dict(answer)


def _reply(answer: dict[str, Any], n_sends: int, seconds: float) -> Reply:
    choice = answer["choices"][0]
    usage = answer.get("usage") or {}
    content = choice["message"].get("content") if isinstance(choice["message"], dict) else None
    return Reply(
        text=content if isinstance(content, str) else "",
        complete=choice.get("finish_reason") != "length",
        n_prompt_tokens=_count(usage, "prompt_tokens"),
        n_completion_tokens=_count(usage, "completion_tokens"),
        n_sends=n_sends,
        seconds=seconds,
    )


def _count(usage: object, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None where it says nothing."""
    if not value:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment.tzinfo else None
