"""The cost ledger: every call of a language model, written down before it is made and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from adwright.store.call_records import CallEnd, CallStart, CapReached, CapRule
from adwright.store.columns import UTC
from adwright.store.database import Database
from adwright.store.state import MODEL_CALL

CALLS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "number": pl.Int64,
    "key": pl.String,
    "run": pl.String,
    "at": UTC,
    "backend": pl.String,
    "endpoint": pl.String,
    "model": pl.String,
    "status": pl.String,
    "http_status": pl.Int64,
    "n_prompt_tokens": pl.Int64,
    "n_completion_tokens": pl.Int64,
    "seconds": pl.Float64,
    "reserved_micro": pl.Int64,
    "cost_micro": pl.Int64,
    "currency": pl.String,
    "fault": pl.String,
}
"""The columns of `CallLedger.calls`."""

_SPENT = sa.func.coalesce(MODEL_CALL.c.cost_micro, MODEL_CALL.c.reserved_micro)
_ENDED = (
    "status",
    "http_status",
    "n_prompt_tokens",
    "n_completion_tokens",
    "seconds",
    "cost_micro",
    "fault",
    "answer",
    "is_whole",
)


class CallLedger:
    """The calls of one shop; keeps the promise of `CallBook`, across processes too.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, start: CallStart, caps: Sequence[CapRule] = ()) -> int | CapReached:
        """Writes the call down before it is made, unless it could break a cap; its number, or which cap.

        Looking and writing are one transaction: two processes cannot spend the same money.
        """
        with self._database.exclusive() as connection:
            for rule in caps:
                spent = _spent(connection, start, rule)
                if spent + start.reserved_micro > rule.limit_micro:
                    return CapReached(rule=rule, spent_micro=spent)
            insert = sa.insert(MODEL_CALL).values(
                key=start.key,
                run=start.run,
                at=start.at,
                backend=start.backend,
                endpoint=start.endpoint,
                model=start.model,
                reserved_micro=start.reserved_micro,
                currency=start.currency,
                status="sent",
                http_status=0,
                n_prompt_tokens=0,
                n_completion_tokens=0,
                seconds=0.0,
                fault="",
                is_whole=True,
            )
            return int(connection.scalar(insert.returning(MODEL_CALL.c.number)) or 0)

    def end(self, number: int, end: CallEnd) -> None:
        """Writes down what became of it."""
        values = {name: getattr(end, name) for name in _ENDED}
        with self._database.begin() as connection:
            connection.execute(sa.update(MODEL_CALL).where(MODEL_CALL.c.number == number).values(**values))

    def recall(self, key: str) -> CallEnd | None:
        """The last answer under this key, readable or not; None where there is none."""
        query = (
            sa.select(*(MODEL_CALL.c[name] for name in _ENDED))
            .where(MODEL_CALL.c.key == key, MODEL_CALL.c.answer.is_not(None))
            .order_by(MODEL_CALL.c.number.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else CallEnd(**{name: row[name] for name in _ENDED})

    def calls(self, *, run: str | None = None, since: datetime | None = None) -> pl.DataFrame:
        """The calls of a run, or from a time on, in the order in which they were made; without the answers."""
        query = sa.select(*(MODEL_CALL.c[name] for name in CALLS)).order_by(MODEL_CALL.c.number)
        if run is not None:
            query = query.where(MODEL_CALL.c.run == run)
        if since is not None:
            query = query.where(MODEL_CALL.c.at >= since)
        with self._database.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=dict(CALLS), orient="row")

    def costs(self, *, run: str | None = None) -> list[dict[str, Any]]:
        """What was spent, by backend, endpoint, model and currency: calls by status, tokens, seconds, money.

        `cost_micro` is what was told; `unknown_micro` is reserved for calls of which nobody said the cost.
        """
        c = MODEL_CALL.c
        by = (c.backend, c.endpoint, c.model, c.currency)
        counts = [
            sa.func.sum(sa.case((c.status == status, 1), else_=0)).label(f"n_{status}")
            for status in ("sent", "answered", "unreadable", "failed")
        ]
        unknown = sa.func.sum(sa.case((c.cost_micro.is_(None), c.reserved_micro), else_=0))
        query = sa.select(
            *by,
            *counts,
            sa.func.sum(c.n_prompt_tokens).label("n_prompt_tokens"),
            sa.func.sum(c.n_completion_tokens).label("n_completion_tokens"),
            sa.func.sum(c.seconds).label("seconds"),
            sa.func.coalesce(sa.func.sum(c.cost_micro), 0).label("cost_micro"),
            unknown.label("unknown_micro"),
        ).group_by(*by)
        if run is not None:
            query = query.where(c.run == run)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*by)).mappings().all()
        whole = ("n_sent", "n_answered", "n_unreadable", "n_failed", "n_prompt_tokens", "n_completion_tokens")
        return [
            dict(row) | {name: int(row[name]) for name in (*whole, "cost_micro", "unknown_micro")}
            for row in rows
        ]


def _spent(connection: sa.Connection, start: CallStart, rule: CapRule) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(_SPENT), 0)).where(MODEL_CALL.c.currency == start.currency)
    if rule.scope == "run":
        query = query.where(MODEL_CALL.c.run == start.run)
    elif rule.since is not None:
        query = query.where(MODEL_CALL.c.at >= rule.since)
    return int(connection.scalar(query) or 0)
