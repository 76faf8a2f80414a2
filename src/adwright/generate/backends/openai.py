"""Any endpoint that speaks OpenAI's /chat/completions, with bounded time, tries and cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from adwright.config import secret
from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.attempts import Attempt, Writing, plan_attempts, with_fault
from adwright.generate.backends.chat_client import ChatClient, ClientConfig, SendRecord
from adwright.generate.kinds import get_kind
from adwright.generate.requests import Draft, WriteRequest

OFFICIAL_URL = "https://api.openai.com/v1"
_FAILURES_THAT_STOP = 3


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
        prompt_price_minor, completion_price_minor: Per million tokens, minor units; for the cost.
        client: Timeouts and retries.
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
    client: ClientConfig = field(default_factory=ClientConfig)

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_reads", "concurrency"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )


class OpenAIBackend:
    """Writes through a /chat/completions endpoint. `calls` keeps a record of every sending.

    Args:
        config: Endpoint, model, limits.
        env: Where OPENAI_API_KEY and OPENAI_BASE_URL are read; the process's own where None.
        sleep: Waits that many seconds between tries; for tests.
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
    ) -> None:
        self.config = config
        self.calls: list[SendRecord] = []
        environment = os.environ if env is None else env
        self._base_url = (config.base_url or environment.get("OPENAI_BASE_URL") or OFFICIAL_URL).rstrip("/")
        self._key = environment.get("OPENAI_API_KEY", "")
        if not self._key and self._base_url == OFFICIAL_URL:
            self._key = secret(
                "OPENAI_API_KEY", environment, hint="Set it, or set base_url to an endpoint of your own"
            )
        self._sleep = sleep

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts, several under way at once, in order.

        What was written before the endpoint failed is kept; after three failures nothing more is sent.

        Raises:
            BackendError: nothing at all was written: the endpoint is unreachable, refuses, or never
                answers readably.
        """
        attempts = plan_attempts(requests)
        failures: list[BackendError] = []
        with (
            ChatClient(
                self._base_url,
                self._key,
                config=self.config.client,
                on_failure=self.calls.append,
                sleep=self._sleep,
            ) as client,
            ThreadPoolExecutor(self.config.concurrency) as pool,
        ):
            list(pool.map(lambda attempt: self._finish(client, attempt, failures), attempts))
        if failures and all(a.slots is None for a in attempts):
            raise failures[0]
        writing = Writing(self.name, self.config.model, cost=self._cost)
        return writing.drafts(attempts, len(requests))

    def _finish(self, client: ChatClient, attempt: Attempt, failures: list[BackendError]) -> None:
        """Asks until the answer can be read, at most `max_reads` times."""
        for _ in range(self.config.max_reads):
            if len(failures) >= _FAILURES_THAT_STOP or any(not f.retryable for f in failures):
                return
            try:
                reply = client.complete(self._body(attempt), seed=attempt.seed + attempt.n_tries)
            except BackendError as error:
                failures.append(error)
                attempt.fault = str(error)
                return
            attempt.n_tries += reply.n_sends
            attempt.n_prompt_tokens += reply.n_prompt_tokens
            attempt.n_completion_tokens += reply.n_completion_tokens
            attempt.take(reply.text, complete=reply.complete)
            self.calls.append(
                SendRecord(
                    status=200,
                    seconds=reply.seconds,
                    n_prompt_tokens=reply.n_prompt_tokens,
                    n_completion_tokens=reply.n_completion_tokens,
                    fault=attempt.fault,
                )
            )
            if attempt.slots is not None:
                return

    def _body(self, attempt: Attempt) -> dict[str, Any]:
        prompt = with_fault(attempt.prompt, attempt.fault)
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

    def _cost(self, n_prompt: int, n_completion: int) -> int:
        config = self.config
        spent = n_prompt * config.prompt_price_minor + n_completion * config.completion_price_minor
        return -int(-spent // 1_000_000)  # rounded up, so that a cap on the sum holds
