"""Any endpoint that speaks OpenAI's /chat/completions, with bounded time, tries and cost."""

from __future__ import annotations

import copy
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from adwright.config import secret
from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.attempts import Attempt, Writing, plan_attempts
from adwright.generate.backends.breaker import Breaker, BreakerConfig
from adwright.generate.backends.chat_client import ChatClient, ClientConfig, Reply, SendFailed
from adwright.generate.backends.meter import Meter, Price, call_key
from adwright.generate.kinds import get_kind
from adwright.generate.requests import Draft, WriteRequest
from adwright.store.call_records import CallEnd

OFFICIAL_URL = "https://api.openai.com/v1"
_RATE_LIMITED = 429
_FORMAT_OVERHEAD = 256
"""Tokens that a chat format can add to its messages; part of the most that a prompt can cost."""


@dataclass(frozen=True)
class OpenAIConfig:
    """Which endpoint and model, and what may be spent on it.

    The base URL comes from here or from OPENAI_BASE_URL, the key from OPENAI_API_KEY alone; an endpoint of
    one's own may do without a key.

    Args:
        model: As the endpoint names it.
        base_url: Up to and without /chat/completions.
        temperature: Of the sampling.
        max_tokens: Longest answer.
        response_format: What the endpoint understands: json_schema, json_object, or none.
        max_reads: How often one variant is asked for until its answer can be read.
        concurrency: Requests under way at once.
        prompt_price_minor, completion_price_minor: Per million tokens, minor units; for the cost and its caps.
        currency: Of these prices.
        client: Timeouts and retries.
        breaker: When the endpoint is left alone.
    """

    model: str
    base_url: str | None = None
    temperature: float = 0.8
    max_tokens: int = 600
    response_format: Literal["json_schema", "json_object", "none"] = "json_schema"
    max_reads: int = 3
    concurrency: int = 4
    prompt_price_minor: float = 0.0
    completion_price_minor: float = 0.0
    currency: str = "USD"
    client: ClientConfig = field(default_factory=ClientConfig)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_reads", "concurrency"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )


class OpenAIBackend:
    """Writes through a /chat/completions endpoint. This is the one layer that tries again.

    Args:
        config: Endpoint, model, limits.
        env: Where OPENAI_API_KEY and OPENAI_BASE_URL are read; the process's own where None.
        sleep: Waits that many seconds between tries; for tests.
        meter: Where calls are written down, and what they may cost.

    Attributes:
        last_fault: Why the last `write` gave fewer drafts than it was asked for; empty where it did not.
    """

    name = "openai"
    config_type = OpenAIConfig
    learns_from_findings = True

    def __init__(
        self,
        config: OpenAIConfig,
        *,
        env: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.config = config
        self.meter = meter or Meter()
        self.last_fault = ""
        environment = os.environ if env is None else env
        self._base_url = (config.base_url or environment.get("OPENAI_BASE_URL") or OFFICIAL_URL).rstrip("/")
        self._key = environment.get("OPENAI_API_KEY", "")
        if not self._key and self._base_url == OFFICIAL_URL:
            self._key = secret(
                "OPENAI_API_KEY", environment, hint="Set it, or set base_url to an endpoint of your own"
            )
        self._sleep = sleep or time.sleep
        self.breaker = Breaker(f"{self._base_url} {config.model}", config.breaker)
        self._price = Price(
            prompt_minor=config.prompt_price_minor,
            completion_minor=config.completion_price_minor,
            currency=config.currency,
        )

    def with_meter(self, meter: Meter) -> Self:
        """The same backend with the same breaker, its calls written down there."""
        other = copy.copy(self)
        other.meter = meter
        return other

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts, several under way at once, in order.

        An answer that an earlier run paid for is read back. What was written before the endpoint failed, or
        before the cap was reached, is kept.

        Raises:
            BackendError: nothing at all was written: the endpoint is unreachable, refuses, or never
                answers readably, or the cap has no room.
        """
        attempts = plan_attempts(requests)
        failures: list[BackendError] = []
        self.last_fault = ""
        with (
            ChatClient(self._base_url, self._key, config=self.config.client) as client,
            ThreadPoolExecutor(self.config.concurrency) as pool,
        ):
            list(pool.map(lambda attempt: self._finish(client, attempt, failures), attempts))
        if failures and all(a.slots is None for a in attempts):
            raise failures[0]
        lost = [a for a in attempts if a.slots is None]
        if lost:
            self.last_fault = str(failures[0]) if failures else lost[0].fault
        return Writing(self.name, self.config.model).drafts(attempts, len(requests))

    def _finish(self, client: ChatClient, attempt: Attempt, failures: list[BackendError]) -> None:
        """Asks until an answer can be read: at most `max_sends` failed sendings, at most `max_reads` answers."""
        jitter = random.Random(attempt.seed)
        n_failed = 0
        while attempt.slots is None and attempt.n_answers < self.config.max_reads:
            if any(not f.retryable for f in failures):
                return
            try:
                self._ask(client, attempt)
            except BackendError as error:  # the breaker or the cap holds the call back
                failures.append(error)
                attempt.fault = str(error)
                return
            except SendFailed as failure:
                n_failed += 1
                if not failure.retryable or n_failed >= self.config.client.max_sends:
                    if failure.status == _RATE_LIMITED:
                        self.breaker.failed(str(failure)[:200])  # it asked for patience once too often
                    failures.append(client.error(failure, n_failed))
                    attempt.fault = str(failures[-1])
                    return
                self._sleep(client.wait_s(failure, n_failed, jitter))
        if attempt.slots is None:
            self.breaker.failed(f"no answer could be read: {attempt.fault[:120]}")

    def _ask(self, client: ChatClient, attempt: Attempt) -> None:
        """One answer, from the ledger or from the endpoint, written down before and after."""
        body = self._body(attempt)
        key = call_key(self._base_url, json.dumps(body, sort_keys=True), attempt.n_answers)
        known = self.meter.recall(key)
        if known is not None and known.answer is not None:
            attempt.count(known)
            attempt.take(known.answer, complete=known.is_whole)
            return
        self.breaker.admit()
        try:
            number = self.meter.begin(
                key,
                backend=self.name,
                endpoint=self._base_url,
                model=self.config.model,
                most_micro=self._most_micro(body),
                currency=self.config.currency,
            )
        except BaseException:
            self.breaker.let_go()
            raise
        started = time.monotonic()
        try:
            reply = client.send(body, key=key)
        except SendFailed as failure:
            self._failed(attempt, number, failure, time.monotonic() - started)
            raise
        self.breaker.succeeded()
        attempt.take(reply.text, complete=reply.complete)
        end = self._end(reply, attempt.fault, time.monotonic() - started)
        self.meter.end(number, end)
        attempt.count(end)

    def _failed(self, attempt: Attempt, number: int, failure: SendFailed, seconds: float) -> None:
        refused = failure.status not in (
            0,
            200,
        )  # a status of its own: nothing was generated, nothing is paid
        end = CallEnd(
            status="failed",
            http_status=failure.status,
            seconds=seconds,
            cost_micro=0 if refused else None,
            fault=str(failure),
        )
        self.meter.end(number, end)
        attempt.count(end)
        if failure.status != _RATE_LIMITED:
            self.breaker.failed(str(failure)[:200], is_final=refused and not failure.retryable)
        else:
            self.breaker.let_go()

    def _end(self, reply: Reply, fault: str, seconds: float) -> CallEnd:
        told = reply.n_prompt_tokens is not None and reply.n_completion_tokens is not None
        n_prompt, n_completion = reply.n_prompt_tokens or 0, reply.n_completion_tokens or 0
        return CallEnd(
            status="unreadable" if fault else "answered",
            http_status=200,
            n_prompt_tokens=n_prompt,
            n_completion_tokens=n_completion,
            seconds=seconds,
            cost_micro=self._price.micro(n_prompt, n_completion) if told else None,
            fault=fault,
            answer=reply.text,
            is_whole=reply.complete,
        )

    def _most_micro(self, body: Mapping[str, Any]) -> int:
        """The most that a call can cost: a token holds at least a byte, and max_tokens come back."""
        n_bytes = len(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")) + _FORMAT_OVERHEAD
        return self._price.micro(n_bytes, self.config.max_tokens)

    def _body(self, attempt: Attempt) -> dict[str, Any]:
        prompt = attempt.asked
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "temperature": self.config.temperature,
            "max_tokens": self.config.max_tokens,
            "seed": attempt.seed,
        }
        if self.config.response_format == "json_schema":
            kind = get_kind(attempt.request.brief.kind)
            schema = {"name": kind.name, "strict": True, "schema": kind.schema()}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self.config.response_format == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body
