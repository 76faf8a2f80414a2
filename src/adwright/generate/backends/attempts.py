"""The tries of a model backend: each variant is asked for until its answer can be read, a bounded number of times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adwright.errors import BackendError, DataError
from adwright.generate.angles import order_angles, order_tones
from adwright.generate.backends.meter import MICRO
from adwright.generate.kinds import get_kind
from adwright.generate.prompt import Prompt, render_prompt
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Provenance
from adwright.store.call_records import CallEnd


@dataclass(slots=True)
class Attempt:
    """One variant under way: its prompt, what it cost so far, and its slots once an answer could be read.

    Args:
        request_index: Of which request it is a variant.
        request: That request.
        angle, tone, prompt, seed: What is asked.
        n_tries, n_prompt_tokens, n_completion_tokens, cost_micro: Over all tries, failed ones included; those
            of earlier runs, too, whose answers were read back.
        n_answers: How many answers came, readable or not.
        slots: The answer, or None.
        fault: What was wrong with the last answer.
    """

    request_index: int
    request: WriteRequest
    angle: str
    tone: str
    prompt: Prompt
    seed: int
    n_tries: int = 0
    n_prompt_tokens: int = 0
    n_completion_tokens: int = 0
    cost_micro: int = 0
    n_answers: int = 0
    slots: dict[str, str] | None = None
    fault: str = ""

    @property
    def asked(self) -> Prompt:
        """The prompt of the next try: it says what was wrong with the last answer."""
        return with_fault(self.prompt, self.fault)

    def count(self, end: CallEnd) -> None:
        """Adds what a call took."""
        self.n_tries += 1
        self.n_prompt_tokens += end.n_prompt_tokens
        self.n_completion_tokens += end.n_completion_tokens
        self.cost_micro += end.cost_micro or 0

    def take(self, answer: str, *, complete: bool = True) -> None:
        """Reads an answer; one that broke off or cannot be read leaves `fault` set and `slots` None."""
        self.n_answers += 1
        if not complete:
            self.fault = "the answer broke off at the token limit"
            return
        try:
            brief = self.request.brief
            self.slots = get_kind(brief.kind).read(answer, brief)
            self.fault = ""
        except DataError as error:
            self.fault = str(error)


@dataclass(frozen=True, slots=True)
class Writing:
    """What all drafts of a backend share.

    Args:
        backend, model, adapter: For the provenance.
    """

    backend: str
    model: str
    adapter: str | None = None

    def drafts(self, attempts: Sequence[Attempt], n_requests: int) -> list[list[Draft]]:
        """The drafts by request; variants whose answers never could be read are left out.

        Raises:
            BackendError: where not one answer could be read.
        """
        if attempts and all(a.slots is None for a in attempts):
            raise BackendError(
                f"{self.model}: no answer could be read ({attempts[0].fault})",
                retryable=False,
                hint="Take a model that follows instructions, or raise max_tokens",
            )
        drafts: list[list[Draft]] = [[] for _ in range(n_requests)]
        lost = [a for a in attempts if a.slots is None]
        for attempt in attempts:
            if attempt.slots is not None:
                drafts[attempt.request_index].append(self._draft(attempt, attempt.slots, lost))
        return drafts

    def _draft(self, attempt: Attempt, slots: dict[str, str], lost: Sequence[Attempt]) -> Draft:
        siblings = sum(a.request_index == attempt.request_index for a in lost)
        provenance = Provenance(
            backend=self.backend,
            model=self.model,
            adapter=self.adapter,
            prompt_digest=attempt.prompt.digest,
            seed=attempt.seed,
            n_tries=attempt.n_tries,
            n_prompt_tokens=attempt.n_prompt_tokens,
            n_completion_tokens=attempt.n_completion_tokens,
            cost_minor=-(-attempt.cost_micro // MICRO),  # rounded up; the ledger has it exactly
            created_at=attempt.request.now,
            note=f"{siblings} further variants could not be read" if siblings else "",
        )
        return Draft(slots=slots, provenance=provenance, angle=attempt.angle, tone=attempt.tone)


def plan_attempts(requests: Sequence[WriteRequest]) -> list[Attempt]:
    """One attempt for each variant of each request, spread over angles and tones."""
    return [attempt for i, request in enumerate(requests) for attempt in _variants(i, request)]


def _variants(index: int, request: WriteRequest) -> Iterator[Attempt]:
    rng = np.random.default_rng(request.seed)
    angles = order_angles(request.brief, request.facts, skip=(), rng=rng)
    tones = order_tones(request.brief, rng=rng)
    for i in range(request.n):
        angle, tone = angles[i % len(angles)], tones[(i + i // len(angles)) % len(tones)]
        prompt = render_prompt(request, angle=angle, tone=tone, variant=i + 1)
        yield Attempt(index, request, angle, tone, prompt, seed=int(rng.integers(2**31)))


def with_fault(prompt: Prompt, fault: str) -> Prompt:
    """The prompt of a further try: it says what was wrong with the last answer."""
    if not fault:
        return prompt
    return replace(prompt, user=f"{prompt.user}\n\nYour last answer could not be used: {fault[:300]}")
