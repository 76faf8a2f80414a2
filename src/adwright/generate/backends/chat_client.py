"""One chat completion over HTTP: bounded in time and size, never tried again here, silent about secrets."""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.meter import token_count

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_MAX_BYTES = 4_000_000
_MAX_CHARACTERS = 100_000
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
        max_sends: How often one request is sent where sending fails.
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
    """One answer: its text, whether it is whole, and what it took; token counts are None where not told."""

    text: str
    complete: bool
    n_prompt_tokens: int | None
    n_completion_tokens: int | None


class SendFailed(Exception):  # noqa: N818 — an outcome that the caller counts on, not one of our errors
    """One sending failed.

    Args:
        message: Why, without secrets.
        retryable: Whether the same sending may succeed later.
        status: Of HTTP; 0 where there was none.
        wait_s: How long the endpoint asks to wait.
    """

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
        config: Timeouts, and how long to wait between tries.
    """

    def __init__(self, base_url: str, key: str, *, config: ClientConfig) -> None:
        self.url = f"{base_url}/chat/completions"
        self._key = key
        self._config = config
        timeout = httpx.Timeout(config.read_timeout_s, connect=config.connect_timeout_s)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._http = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False)
            httpx.URL(self.url)
        except (httpx.InvalidURL, ValueError, UnicodeError) as error:
            raise ConfigError("not a URL, or not a key", argument="base_url", value=base_url) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send(self, body: dict[str, Any], *, key: str) -> Reply:
        """The endpoint's answer to one sending.

        Args:
            body: The request as JSON.
            key: Sent as Idempotency-Key: an endpoint that knows the header charges a repeated call once.

        Raises:
            SendFailed: it refused, failed, or took too long.
        """
        try:
            return _reply(_parsed(self._post(body, key)))
        except SendFailed as failure:
            failure.args = (self._silent(str(failure)),)
            raise

    def wait_s(self, failure: SendFailed, n_sends: int, jitter: random.Random) -> float:
        """How long to wait before the next sending, seconds: what was asked for, or a growing pause."""
        backoff = self._config.backoff_s * 2 ** (n_sends - 1) * (1 + jitter.random())
        return float(min(max(backoff, failure.wait_s or 0.0), self._config.max_wait_s))

    def error(self, failure: SendFailed, n_sends: int) -> BackendError:
        """The error of an endpoint that was given up after so many sendings."""
        tries = f" ({n_sends} tries)" if n_sends > 1 else ""
        hint = _HINTS.get(failure.status, "Look whether the endpoint runs, and at base_url")
        return BackendError(f"{self.url}: {failure}{tries}", retryable=failure.retryable, hint=hint)

    def _post(self, body: dict[str, Any], key: str) -> bytes:
        """The body of a 200."""
        deadline = time.monotonic() + self._config.total_timeout_s
        try:
            with self._http.stream("POST", self.url, json=body, headers={"Idempotency-Key": key}) as response:
                raw = self._read(response, deadline)
        except httpx.TimeoutException as error:
            raise SendFailed(f"no answer in time ({type(error).__name__})", retryable=True) from error
        except httpx.DecodingError as error:
            raise SendFailed(f"the answer is not encoded as it says ({error})", retryable=True) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise SendFailed(f"no connection ({type(error).__name__}: {error})", retryable=True) from error
        if response.status_code != httpx.codes.OK:
            raise SendFailed(
                f"status {response.status_code}: {raw[:300].decode('utf-8', 'replace')}",
                retryable=response.status_code in _RETRIED,
                status=response.status_code,
                wait_s=_retry_after(response.headers.get("retry-after")),
            )
        return raw

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            parts.append(part)
            if time.monotonic() > deadline:
                raise SendFailed("the answer took too long", retryable=True)
            if size > _MAX_BYTES:
                raise SendFailed("the answer is too large", retryable=False)
        return b"".join(parts)

    def _silent(self, message: str) -> str:
        """The message on one line and without the key, which some endpoints repeat."""
        return _storable(" ".join((message.replace(self._key, "(key)") if self._key else message).split()))


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
        answer["choices"][0]["message"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise SendFailed("the answer is no chat completion", retryable=True, status=200) from error
    return dict(answer)


def _reply(answer: dict[str, Any]) -> Reply:
    choice = answer["choices"][0]
    usage = answer.get("usage")
    told = usage if isinstance(usage, dict) else {}
    content = choice["message"].get("content") if isinstance(choice["message"], dict) else None
    return Reply(
        text=_storable(content) if isinstance(content, str) else "",
        complete=choice.get("finish_reason") != "length",
        n_prompt_tokens=token_count(told.get("prompt_tokens")),
        n_completion_tokens=token_count(told.get("completion_tokens")),
    )


def _storable(text: str) -> str:
    """As much of the text as any answer needs, without what a database cannot hold."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode().replace("\x00", "")


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None where it says nothing."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError):
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment.tzinfo else None
