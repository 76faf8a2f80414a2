"""From briefs to contents: a backend writes, the guards judge, what is refused is kept with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adwright.errors import BackendError, UsageError
from adwright.generate.backends import create_backend
from adwright.generate.evidence import evidence_for
from adwright.generate.facts import facts_of
from adwright.generate.guards import Guard, check, compare_with, create_guards, is_blocked
from adwright.generate.kinds import get_kind
from adwright.generate.live import NEAR_IDENTICAL, LiveTexts
from adwright.generate.plainness import Plainness, plainness
from adwright.generate.relevance import Relevance, relevance
from adwright.generate.requests import Backend, Draft, WriteRequest
from adwright.generate.why import explain
from adwright.schema import EVERYONE, Brief, Content, Finding, content_id
from adwright.text.similarity import ngrams

BRIEFS_A_BATCH = 16
_MAX_FINDINGS_IN_PROMPT = 12


@dataclass(frozen=True, slots=True)
class Written:
    """A content with what the guards found; a blocking finding makes its status `rejected`.

    Args:
        content: The content.
        findings: What is wrong with it.
        relevance, plainness: How well it fits its readers and brief, and how plain it is; None where nobody
            has looked. Neither is a finding: they never block.
    """

    content: Content
    findings: tuple[Finding, ...]
    relevance: Relevance | None = None
    plainness: Plainness | None = None


def write_contents(
    briefs: Sequence[Brief],
    *,
    backend: Backend | str,
    n: int,
    seed: int,
    now: datetime,
    guards: Sequence[Guard] | None = None,
    live: LiveTexts | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Written]:
    """Up to n variants for each brief, guarded, in the order of the briefs.

    Variants that nearly repeat an earlier one of their brief are dropped. Where a backend can learn from
    findings, a brief with blocked variants gets one more try with them in the prompt; the blocked ones
    stay, rejected, with their findings.

    Args:
        briefs: What to write.
        backend: An object with the `Backend` protocol, or the name of one that needs no options.
        n: Variants a brief, 1 or more.
        seed: Of all randomness; each brief gets its own from it.
        now: Aware; facts and guards hold at this time.
        guards: Which guards; all that are registered where None.
        live: Contents that the new ones should not repeat. What is written and not rejected joins them, so
            that one object may serve several calls.
        progress: Called with one line now and then.

    Raises:
        UsageError: n below 1, a time without zone, an unknown kind, channel, angle or tone.
        BackendError: the backend failed.
    """
    batches = stream_contents(
        briefs, backend=backend, n=n, seed=seed, now=now, guards=guards, live=live, progress=progress
    )
    return [written for batch in batches for written in batch]


def stream_contents(
    briefs: Sequence[Brief],
    *,
    backend: Backend | str,
    n: int,
    seed: int,
    now: datetime,
    guards: Sequence[Guard] | None = None,
    live: LiveTexts | None = None,
    progress: Callable[[str], None] | None = None,
    batch_size: int = BRIEFS_A_BATCH,
) -> Iterator[list[Written]]:
    """As `write_contents`, some briefs at a time, each batch as soon as it is written and guarded.

    What is written does not depend on the size of the batches, but for contents that repeat each other.

    Args:
        briefs, backend, n, seed, now, guards, live, progress: As for `write_contents`.
        batch_size: Briefs at a time; a backend may work on all their variants at once.
    """
    _check_arguments(briefs, n=n, now=now)
    if batch_size < 1:
        raise UsageError("no batches", argument="batch_size", value=batch_size, allowed="1 or more")
    writer = create_backend(backend) if isinstance(backend, str) else backend
    others = LiveTexts() if live is None else live
    chosen = compare_with(others, create_guards() if guards is None else guards)
    requests = [
        WriteRequest(brief=b, n=n, seed=seed + i, facts=facts_of(b, now=now), now=now)
        for i, b in enumerate(briefs)
    ]
    return _batches(requests, writer, batch_size=batch_size, guards=chosen, live=others, progress=progress)


def _batches(
    requests: Sequence[WriteRequest],
    writer: Backend,
    *,
    batch_size: int,
    guards: Sequence[Guard],
    live: LiveTexts,
    progress: Callable[[str], None] | None,
) -> Iterator[list[Written]]:
    say = progress or _nothing
    n_written = 0
    for start in range(0, len(requests), batch_size):
        batch = requests[start : start + batch_size]
        results = [
            _judge(request, drafts, guards=guards, live=live)
            for request, drafts in zip(batch, writer.write(batch), strict=True)
        ]
        n_written += sum(map(len, results))
        done = start + len(batch)
        of = f" of {len(requests)}" if done < len(requests) else ""
        say(f"{n_written} variants for {done}{of} briefs by {writer.name}")
        if writer.learns_from_findings:
            n_before = sum(map(len, results))
            _try_again(writer, batch, results, guards=guards, live=live, say=say, n_all=len(requests))
            n_written += sum(map(len, results)) - n_before
        yield [written for result in results for written in result]


def _nothing(_: str) -> None:
    """Says nothing."""


def _check_arguments(briefs: Sequence[Brief], *, n: int, now: datetime) -> None:
    if n < 1:
        raise UsageError("nothing to write", argument="n", value=n, allowed="1 or more")
    if now.tzinfo is None:
        raise UsageError("a time without zone", argument="now", value=now, allowed="an aware datetime")
    for brief in briefs:
        kind = get_kind(brief.kind)
        for slot in kind.slots:
            kind.limits_of(brief.channel, slot.name)


def _judge(
    request: WriteRequest, drafts: Sequence[Draft], *, guards: Sequence[Guard], live: LiveTexts
) -> list[Written]:
    """The drafts as contents with findings, without those that nearly repeat an earlier one of the brief."""
    seen = [ngrams(text) for text in request.avoid]
    kept: list[Written] = []
    for draft in drafts:
        grams = ngrams(draft.text)
        if any(len(grams & other) >= NEAR_IDENTICAL * max(len(grams | other), 1) for other in seen):
            continue
        seen.append(grams)
        content = _content(request, draft)
        findings = check(
            content,
            products=evidence_for(content.kind, request.brief.products, request.brief.policies),
            offer=request.brief.offer,
            now=request.now,
            guards=guards,
        )
        if is_blocked(findings):
            content = replace(content, status="rejected")
        else:
            live.add(content)
        kept.append(Written(content, findings, _relevance(content, request.brief), plainness(content.text)))
    return kept


def _relevance(content: Content, brief: Brief) -> Relevance:
    return relevance(
        content,
        products=brief.products,
        cohort=brief.cohort,
        offer=brief.offer,
        brand_voice=brief.brand_voice,
    )


def _content(request: WriteRequest, draft: Draft) -> Content:
    brief = request.brief
    content = Content(
        id="",
        kind=brief.kind,
        product_ids=tuple(p.id for p in brief.products),
        cohort_id=brief.cohort.id if brief.cohort else EVERYONE,
        channel=brief.channel,
        language=brief.language,
        slots=draft.slots,
        provenance=draft.provenance,
        angle=draft.angle,
        tone=draft.tone,
        offer_id=brief.offer.id if brief.offer else None,
        why=explain(brief, angle=draft.angle, tone=draft.tone),
    )
    return replace(content, id=content_id(content))


def _try_again(
    writer: Backend,
    requests: Sequence[WriteRequest],
    results: list[list[Written]],
    *,
    guards: Sequence[Guard],
    live: LiveTexts,
    say: Callable[[str], None],
    n_all: int,
) -> None:
    """Asks once more for what was blocked, with the findings, and adds the answers to `results`."""
    again: list[tuple[int, WriteRequest]] = []
    for i, (request, result) in enumerate(zip(requests, results, strict=True)):
        blocked = [w for w in result if w.content.status == "rejected"]
        if blocked:
            findings = [f for w in blocked for f in w.findings if f.severity == "block"]
            again.append(
                (
                    i,
                    replace(
                        request,
                        n=len(blocked),
                        seed=request.seed + n_all,
                        avoid=tuple(w.content.text for w in result),
                        findings=tuple(findings[:_MAX_FINDINGS_IN_PROMPT]),
                    ),
                )
            )
    if not again:
        return
    say(f"{sum(r.n for _, r in again)} variants were blocked; one more try with the findings")
    try:
        drafts = writer.write([request for _, request in again])
    except BackendError as error:
        if error.retryable:
            raise  # a later run may do better; one that cannot be read would fail again
        say(f"the second try failed: {error}")
        return
    for (i, request), fresh in zip(again, drafts, strict=True):
        results[i].extend(_judge(request, fresh, guards=guards, live=live))
