"""Reading a sheet back: approvals, rejections and edits applied to the store, each row by itself.

A row that cannot be applied is reported with its line and leaves its content as it was; the others are
applied. Reading the same sheet twice, or after a run was killed half-way, ends in the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adwright.errors import NotFoundError, UsageError
from adwright.review.problems import RowProblem
from adwright.review.sheet import SheetRow
from adwright.review.verdict import Verdict, understand
from adwright.schema import Approval, Content, Finding
from adwright.store.contents import ContentStore

Guard = Callable[[Content], Sequence[Finding]]
"""Checks a content as it would be published now."""

_PUBLIC = ("approved", "live")


@dataclass(slots=True, kw_only=True)
class ReviewResult:
    """What a sheet did: content ids by what happened to them, and the rows that were not applied.

    `edited` maps the retired content to the one that took its place; `unchanged` were as asked already;
    `undecided` rows ask for nothing.
    """

    approved: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    edited: dict[str, str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def apply_review(
    rows: Sequence[SheetRow], *, contents: ContentStore, guard: Guard, by: str, now: datetime
) -> ReviewResult:
    """Applies a sheet that came back and says what it did.

    Args:
        rows: As `read_table` gives them.
        contents: The store.
        guard: Run on every text before it is approved, edited or not; a finding that blocks refuses it.
        by: Who decided; recorded with each decision.
        now: When; aware.

    Raises:
        UsageError: nobody is named, or `now` has no time zone.
    """
    if not by.strip():
        raise UsageError("a review needs a name", argument="by", value=by, hint="Say who decided: --by NAME")
    if now.tzinfo is None:
        raise UsageError("a time without a time zone", argument="now", value=now)
    result = ReviewResult()
    reviewer = _Reviewer(contents=contents, guard=guard, by=by.strip(), now=now, result=result)
    for verdict in _without_conflicts(_understood(rows, contents, result), result):
        reviewer.apply(verdict)
    result.problems.sort(key=lambda problem: problem.line)
    return result


def _understood(rows: Sequence[SheetRow], contents: ContentStore, result: ReviewResult) -> list[Verdict]:
    found: list[Verdict] = []
    for row in rows:
        content_id = row.cells.get("content_id", "").strip()
        try:
            verdict = understand(row, contents.get(content_id))
        except NotFoundError:
            code = "unknown_content" if content_id else "no_content_id"
            verdict = RowProblem(line=row.line, content_id=content_id, code=code)
        if isinstance(verdict, RowProblem):
            result.problems.append(verdict)
        elif verdict.asks_nothing:
            result.undecided.append(content_id)
        else:
            found.append(verdict)
    return found


def _without_conflicts(verdicts: Sequence[Verdict], result: ReviewResult) -> list[Verdict]:
    """One verdict a content; rows of one content that ask for different things are all refused."""
    by_content: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_content.setdefault(verdict.content.id, []).append(verdict)
    for content_id, own in by_content.items():
        if not all(own[0].same_as(other) for other in own):
            lines = ", ".join(str(v.line) for v in own)
            result.problems += [
                RowProblem(line=v.line, content_id=content_id, code="doubly_decided", values={"lines": lines})
                for v in own
            ]
            own.clear()
    return [own[0] for own in by_content.values() if own]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reviewer:
    contents: ContentStore
    guard: Guard
    by: str
    now: datetime
    result: ReviewResult

    def apply(self, verdict: Verdict) -> None:
        if verdict.is_edit:
            self._edit(verdict)
        elif verdict.choice == "reject":
            self._reject(verdict)
        else:
            self._approve(verdict)

    def _approve(self, verdict: Verdict) -> None:
        content = verdict.content
        if content.status in _PUBLIC:
            self.result.unchanged.append(content.id)
        elif content.status != "draft":
            self._already(verdict, content)
        elif self._passes(verdict, content):
            self._decide(content, approved=True, reason=verdict.reason)
            self.result.approved.append(content.id)

    def _reject(self, verdict: Verdict) -> None:
        content = verdict.content
        if content.status == "rejected":
            self.result.unchanged.append(content.id)
        elif content.status != "draft":
            self._already(verdict, content)
        else:
            self._decide(content, approved=False, reason=verdict.reason)
            self.result.rejected.append(content.id)

    def _edit(self, verdict: Verdict) -> None:
        """The edited content takes the place of the old one, which is retired with a pointer to it."""
        old = verdict.content
        note = f"edited by {self.by} from {old.id}"
        provenance = replace(old.provenance, created_at=self.now, note=note)
        fresh = replace(old.with_slots(verdict.slots), status="draft", provenance=provenance)
        present = self._stored(fresh.id)
        status = "draft" if present is None else present.status
        is_replaced = old.status in ("retired", "rejected") and self._last_word(old) == _pointer(fresh)
        if old.status != "draft" and not is_replaced:
            self._already(verdict, old)
        elif status in ("rejected", "retired"):
            self._already(verdict, fresh if present is None else present)
        elif old.status == "retired" and (verdict.choice == "later" or status in _PUBLIC):
            self.result.unchanged.append(old.id)
        elif status in _PUBLIC or self._passes(verdict, fresh):
            if verdict.choice == "approve" and status == "draft":
                self._decide(fresh, approved=True, reason=verdict.reason)
                self.result.approved.append(fresh.id)
            self._retire(old, fresh, is_noted=is_replaced)

    def _retire(self, old: Content, fresh: Content, *, is_noted: bool) -> None:
        if not is_noted:
            self._decide(old, approved=False, reason=_pointer(fresh))
        if old.status != "retired":
            self.contents.set_status(old.id, "retired")
            self.result.edited[old.id] = fresh.id

    def _passes(self, verdict: Verdict, content: Content) -> bool:
        """Guards the content as it stands now; keeps the findings where they let it pass, or reports them."""
        findings = tuple(self.guard(content))
        blocking = [f for f in findings if f.severity == "block" and f.exemption is None]
        if blocking:
            why = "; ".join(f"{f.slot}: {f.text[:80]!r} ({f.rule_id}: {f.evidence})" for f in blocking)
            self._report(verdict, "blocked", {"findings": why})
            return False
        self.contents.save((content,), {content.id: findings})
        return True

    def _decide(self, content: Content, *, approved: bool, reason: str) -> None:
        self.contents.approve(
            Approval(
                content_id=content.id,
                approved=approved,
                by=self.by,
                at=self.now,
                text=content.text,
                reason=reason,
            )
        )

    def _last_word(self, content: Content) -> str:
        last = next(reversed(self.contents.approvals(content.id)), None)
        return "" if last is None else last.reason

    def _stored(self, content_id: str) -> Content | None:
        try:
            return self.contents.get(content_id)
        except NotFoundError:
            return None

    def _already(self, verdict: Verdict, content: Content) -> None:
        last = next(reversed(self.contents.approvals(content.id)), None)
        who = (
            ""
            if last is None
            else f" ({last.by}, {last.at:%Y-%m-%d}{': ' if last.reason else ''}{last.reason})"
        )
        self._report(verdict, "already_decided", {"status": content.status, "who": who})

    def _report(self, verdict: Verdict, code: str, values: Mapping[str, str]) -> None:
        self.result.problems.append(
            RowProblem(line=verdict.line, content_id=verdict.content.id, code=code, values=values)
        )


def _pointer(content: Content) -> str:
    """The reason under which a content is retired when an edited one takes its place."""
    return f"replaced by {content.id}"
