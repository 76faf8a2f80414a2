"""What a backend is asked and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from adwright.generate.facts import Facts
from adwright.schema import Brief, Finding, Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """One brief to write.

    Args:
        brief: What to write.
        n: How many variants, 1 or more.
        seed: Of all randomness.
        facts: What may be said.
        now: Written into the provenance.
        avoid: Texts that are there already; a variant equals none of them.
        findings: What the guards found in an earlier try, for a model to do better.
    """

    brief: Brief
    n: int
    seed: int
    facts: Facts
    now: datetime
    avoid: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One variant as a backend wrote it, before any guard."""

    slots: dict[str, str]
    provenance: Provenance
    angle: str | None = None
    tone: str | None = None

    @property
    def text(self) -> str:
        """The slots, one a line."""
        return "\n".join(self.slots.values())


@runtime_checkable
class Backend(Protocol):
    """What writes. `learns_from_findings` says whether a second try with the findings can help."""

    name: str
    learns_from_findings: bool

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts, in order; a failure from outside raises `BackendError`."""
        ...
