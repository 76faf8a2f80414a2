"""Backends in a row: what one cannot write, the next one is asked for, and the provenance says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends import create_backend
from adwright.generate.backends.meter import Meter, Metered
from adwright.generate.requests import Backend, Draft, WriteRequest

_MAX_REASON = 200


class FallbackBackend:
    """Asks the first backend, then each next one for the variants that are still missing.

    A backend falls short where it raises `BackendError` (its breaker is open, the cap is reached, the endpoint
    is gone) or where answers could not be read after its own tries. Nothing is tried again here.

    Args:
        backends: In the order in which they are asked, at least one.

    Attributes:
        last_fault: Why the last `write` gave fewer drafts than it was asked for; empty where it did not.
    """

    def __init__(self, backends: Sequence[Backend]) -> None:
        if not backends:
            raise ConfigError("no backend at all", argument="backends", value=())
        self.backends = tuple(backends)
        self.name = self.backends[0].name
        self.learns_from_findings = self.backends[0].learns_from_findings
        self.last_fault = ""

    def with_meter(self, meter: Meter) -> Self:
        """The same backends, their calls written down there."""
        return type(self)([b.with_meter(meter) if isinstance(b, Metered) else b for b in self.backends])

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts.

        Raises:
            BackendError: not one draft, and a backend failed; the first failure.
        """
        drafts: list[list[Draft]] = [[] for _ in requests]
        errors: list[BackendError] = []
        reasons: list[str] = []
        for backend in self.backends:
            open_ = [i for i, request in enumerate(requests) if len(drafts[i]) < request.n]
            if not open_:
                break
            asked = [_rest(requests[i], drafts[i]) for i in open_]
            try:
                written = backend.write(asked)
                fault = str(getattr(backend, "last_fault", ""))
            except BackendError as error:
                errors.append(error)
                reasons.append(f"{backend.name}: {error}"[:_MAX_REASON])
                continue
            for i, fresh in zip(open_, written, strict=True):
                drafts[i] += [_with_reasons(draft, reasons) for draft in fresh]
            reasons.append(f"{backend.name}: {fault or 'fewer than asked for'}"[:_MAX_REASON])
        if errors and not any(drafts):
            raise errors[0]
        short = any(len(d) < r.n for d, r in zip(drafts, requests, strict=True))
        self.last_fault = "; ".join(reasons) if short else ""
        return drafts


def create_writer(
    name: str,
    tables: Mapping[str, Mapping[str, Any]],
    *,
    fallback: Sequence[str] = (),
    meter: Meter | None = None,
) -> Backend:
    """The backend of that name with those that stand in for it.

    Args:
        name: Who writes.
        tables: Backend -> its options, as the tables `[generate.NAME]` of a recipe.
        fallback: Who is asked next, in order.
        meter: Where calls are written down, and what they may cost.

    Raises:
        NotFoundError: an unknown name.
        ConfigError: an option that a backend does not have, or one named twice.
    """
    names = [name, *fallback]
    if len(set(names)) < len(names):
        raise ConfigError(
            "a backend cannot stand in for itself", argument="generate.fallback", value=fallback
        )
    backends = [create_backend(each, tables.get(each, {})) for each in names]
    writer: Backend = backends[0] if len(backends) == 1 else FallbackBackend(backends)
    return writer.with_meter(meter) if meter is not None and isinstance(writer, Metered) else writer


def _rest(request: WriteRequest, drafts: Sequence[Draft]) -> WriteRequest:
    """The request for what is still missing; untouched where that is all of it."""
    if not drafts:
        return request
    avoid = (*request.avoid, *(draft.text for draft in drafts))
    return replace(request, n=request.n - len(drafts), avoid=avoid)


def _with_reasons(draft: Draft, reasons: Sequence[str]) -> Draft:
    if not reasons:
        return draft
    note = "; ".join(filter(None, [draft.provenance.note, f"instead of {'; '.join(reasons)}"]))
    return replace(draft, provenance=replace(draft.provenance, note=note))
