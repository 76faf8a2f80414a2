"""A language model that says what it is told, and counts how often it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adwright.errors import BackendError
from adwright.generate import Draft, WriteRequest
from adwright.schema import Provenance

Script = Callable[[WriteRequest, int], Mapping[str, str]]
"""(request, number of the variant) -> its slots."""

_PLAIN = {
    "en": ("A look at {title}", "Here is {title}", "{title}, as it is", "Meet {title}", "About {title}"),
    "zh": ("看看{title}", "这是{title}", "{title}，就是这样", "认识{title}", "关于{title}"),
}


@dataclass(frozen=True)
class ScriptedConfig:
    """A scripted backend has no options in a recipe."""


class ScriptedBackend:
    """A backend without a model: it writes what a script says and keeps count of what it was asked.

    Args:
        script: What to write; plain words about the product, if None.
        fails_at: The call of `write` (from 1) at which it raises `BackendError`, as an endpoint does that
            is gone; None for never.

    Attributes:
        asked: Every request, in order: one brief of one call each.
        n_calls: How often `write` was called, failed calls included.
    """

    name = "scripted"
    config_type = ScriptedConfig
    learns_from_findings = False

    def __init__(self, script: Script | None = None, *, fails_at: int | None = None) -> None:
        self._script = script or plain_words
        self._fails_at = fails_at
        self.asked: list[WriteRequest] = []
        self.n_calls = 0

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request its n scripted drafts."""
        self.n_calls += 1
        if self.n_calls == self._fails_at:
            raise BackendError("the scripted backend fails, as it was told to", retryable=True)
        self.asked += requests
        return [[self._draft(request, i) for i in range(request.n)] for request in requests]

    def _draft(self, request: WriteRequest, number: int) -> Draft:
        provenance = Provenance(
            backend=self.name,
            model="script",
            prompt_digest="script",
            seed=request.seed,
            created_at=request.now,
        )
        slots = dict(self._script(request, number))
        return Draft(slots=slots, provenance=provenance, angle=request.brief.angle, tone=request.brief.tone)


def plain_words(request: WriteRequest, number: int) -> dict[str, str]:
    """Slots of ad copy that claim nothing: the product's name in other words for each number."""
    patterns = _PLAIN[request.brief.language]
    title = request.brief.product.title
    headline = patterns[number % len(patterns)].format(title=title)
    description = patterns[(number + 1 + number // len(patterns)) % len(patterns)].format(title=title)
    return {"headline": headline, "description": description}
