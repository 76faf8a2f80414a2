"""Written contents, what the guards found in them, and who approved which exact words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa

from adwright.errors import NotFoundError, UsageError, unknown_name
from adwright.schema import Approval, Content, ContentStatus, Finding, Provenance
from adwright.store.database import Database
from adwright.store.state import APPROVAL, CONTENT, FINDING

_PUBLIC = ("approved", "live")
_IN_A_QUERY = 500


class ContentStore:
    """The contents of one shop. A content's id is a digest of its words, so its words never change.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        contents: Iterable[Content],
        findings: Mapping[str, Sequence[Finding]] | None = None,
        effects: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """Adds the contents that are not there yet; returns how many.

        A content that is there keeps its status and its approvals: writing the same words again must not
        undo a person's decision. Findings and effect are the newest, for the ids that are given.

        Args:
            contents: What was written.
            findings: Content id -> what the guards found; an empty sequence says that they found nothing.
            effects: Content id -> a summary of the predicted effect that JSON can hold.
        """
        rows = [_to_row(content) for content in contents]
        with self._database.begin() as connection:
            n_before = connection.scalar(sa.select(sa.func.count()).select_from(CONTENT)) or 0
            if rows:
                insert = self._database.insert(CONTENT).on_conflict_do_nothing(index_elements=["id"])
                connection.execute(insert, rows)
            for content_id, found in (findings or {}).items():
                _replace_findings(connection, content_id, found)
            for content_id, effect in (effects or {}).items():
                _update(connection, content_id, effect=dict(effect))
            return (connection.scalar(sa.select(sa.func.count()).select_from(CONTENT)) or 0) - n_before

    def get(self, content_id: str) -> Content:
        """The content; raises `NotFoundError` for an unknown id."""
        with self._database.read() as connection:
            return _get(connection, content_id)

    def by_status(self, *statuses: ContentStatus) -> list[Content]:
        """The contents in any of these statuses, in the order in which they were written."""
        query = sa.select(CONTENT).where(CONTENT.c.status.in_(_checked(statuses))).order_by(CONTENT.c.number)
        with self._database.read() as connection:
            return [_from_row(row) for row in connection.execute(query).mappings()]

    def findings(self, content_id: str) -> tuple[Finding, ...]:
        """What the guards found in this content, in the order in which they reported it."""
        query = sa.select(FINDING).where(FINDING.c.content_id == content_id).order_by(FINDING.c.number)
        names = [field.name for field in dataclasses.fields(Finding)]
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Finding(**{name: row[name] for name in names}) for row in rows)

    def effects(self, content_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The stored effect summaries of these contents; those without one are absent."""
        found: dict[str, dict[str, Any]] = {}
        with self._database.read() as connection:
            for start in range(0, len(content_ids), _IN_A_QUERY):
                ids = content_ids[start : start + _IN_A_QUERY]
                query = sa.select(CONTENT.c.id, CONTENT.c.effect).where(CONTENT.c.id.in_(ids))
                found |= {row.id: row.effect for row in connection.execute(query) if row.effect is not None}
        return found

    def set_status(self, content_id: str, status: ContentStatus) -> None:
        """Moves a content to another status.

        Raises:
            NotFoundError: an unknown content.
            UsageError: approved or live without an approval as the last word. `approve` records one, also
                when it is the gate of the recipe that approves.
        """
        _checked([status])
        with self._database.begin() as connection:
            _get(connection, content_id)
            if status in _PUBLIC and not _is_approved(connection, content_id):
                raise UsageError(
                    "a content needs an approval of its text before it goes public",
                    argument="content_id",
                    value=content_id,
                    hint="Record one first: ContentStore.approve(Approval(...))",
                )
            _update(connection, content_id, status=status)

    def approve(self, approval: Approval) -> None:
        """Records a decision, and makes the content approved (a live one stays live) or rejected.

        The same decision twice (content, time, person) is one.

        Raises:
            NotFoundError: an unknown content.
            UsageError: the text approved is not exactly the content's rendered text, or a guard blocks it.
        """
        with self._database.begin() as connection:
            content = _get(connection, approval.content_id)
            if approval.text != content.text:
                raise UsageError(
                    f"the text of this approval is not the text of {content.id}",
                    argument="text",
                    value=approval.text,
                    allowed=repr(content.text),
                    hint="Look at the present text again and decide on that one",
                )
            if approval.approved:
                _refuse_blocked(connection, content.id)
            insert = self._database.insert(APPROVAL).values(dataclasses.asdict(approval))
            connection.execute(insert.on_conflict_do_nothing(index_elements=["content_id", "at", "by"]))
            status = ("live" if content.status == "live" else "approved") if approval.approved else "rejected"
            _update(connection, content.id, status=status)

    def approvals(self, content_id: str) -> tuple[Approval, ...]:
        """All decisions about this content, the oldest first."""
        query = (
            sa.select(APPROVAL)
            .where(APPROVAL.c.content_id == content_id)
            .order_by(APPROVAL.c.at, APPROVAL.c.number)
        )
        names = [field.name for field in dataclasses.fields(Approval)]
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Approval(**{name: row[name] for name in names}) for row in rows)


def _get(connection: sa.Connection, content_id: str) -> Content:
    query = sa.select(CONTENT).where(CONTENT.c.id == content_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError("no such content", argument="content_id", value=content_id)
    return _from_row(row)


def _update(connection: sa.Connection, content_id: str, **values: Any) -> None:
    done = connection.execute(sa.update(CONTENT).where(CONTENT.c.id == content_id).values(**values))
    if not done.rowcount:
        raise NotFoundError("no such content", argument="content_id", value=content_id)


def _replace_findings(connection: sa.Connection, content_id: str, findings: Sequence[Finding]) -> None:
    _get(connection, content_id)
    connection.execute(sa.delete(FINDING).where(FINDING.c.content_id == content_id))
    if findings:
        rows = [dataclasses.asdict(finding) | {"content_id": content_id} for finding in findings]
        connection.execute(sa.insert(FINDING), rows)


def _refuse_blocked(connection: sa.Connection, content_id: str) -> None:
    query = sa.select(FINDING.c.rule_id).where(
        FINDING.c.content_id == content_id,
        FINDING.c.severity == "block",
        FINDING.c.exemption.is_(None),
    )
    rules = list(connection.execute(query).scalars())
    if rules:
        raise UsageError(
            f"a guard blocks this content: {', '.join(sorted(set(rules)))}",
            argument="content_id",
            value=content_id,
            hint="Edit the text; the edited one is checked again",
        )


def _is_approved(connection: sa.Connection, content_id: str) -> bool:
    query = (
        sa.select(APPROVAL.c.approved)
        .where(APPROVAL.c.content_id == content_id)
        .order_by(APPROVAL.c.at.desc(), APPROVAL.c.number.desc())
        .limit(1)
    )
    return bool(connection.scalar(query))


def _checked(statuses: Iterable[str]) -> list[str]:
    known = get_args(ContentStatus)
    for status in statuses:
        if status not in known:
            raise unknown_name("status", status, known)
    return list(statuses)


def _to_row(content: Content) -> dict[str, Any]:
    row = dataclasses.asdict(content)
    row["product_ids"] = list(content.product_ids)
    created_at = content.provenance.created_at
    row["provenance"]["created_at"] = None if created_at is None else created_at.isoformat()
    return row


def _from_row(row: sa.RowMapping) -> Content:
    values = {field.name: row[field.name] for field in dataclasses.fields(Content)}
    provenance = dict(row["provenance"])
    if provenance["created_at"] is not None:
        provenance["created_at"] = datetime.fromisoformat(provenance["created_at"])
    values["provenance"] = Provenance(**provenance)
    values["product_ids"] = tuple(values["product_ids"])
    return Content(**values)
