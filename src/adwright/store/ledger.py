"""The ledger: what was decided with which probabilities, and what came of it. Beliefs are rebuilt from it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from adwright.schema import Decision, OutcomeTotal
from adwright.store.columns import UTC
from adwright.store.database import Database
from adwright.store.state import DECISION, OUTCOME_TOTAL

DECISIONS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "customer_id": pl.String,
    "content_id": pl.String,
    "propensity": pl.Float64,
    "propensities": pl.String,  # JSON object: content id -> probability
    "policy": pl.String,
    "model_version": pl.String,
    "at": UTC,
    "channel": pl.String,
    "slice": pl.String,
    "experiment_id": pl.String,
    "degraded": pl.Boolean,
    "reason": pl.String,
}
"""The columns of `Ledger.decisions`."""

TOTALS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "content_id": pl.String,
    "at": UTC,
    "channel": pl.String,
    "cohort_id": pl.String,
    "n_exposures": pl.Int64,
    "n_clicks": pl.Int64,
    "n_conversions": pl.Int64,
    "value_minor": pl.Int64,
    "cost_minor": pl.Int64,
    "currency": pl.String,
    "expected_clicks": pl.Float64,
    "expected_conversions": pl.Float64,
}
"""The columns of `Ledger.totals`."""

_KEY = ("source", "content_id", "at", "channel", "cohort_id")
_BATCH = 10_000


class Ledger:
    """Decisions and outcome totals of one shop.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_decisions(self, decisions: Iterable[Decision]) -> int:
        """Records decisions with their whole probability vectors; returns how many were new by id."""
        rows = [{**_fields(decision), "propensity": decision.propensity} for decision in decisions]
        insert = self._database.insert(DECISION).on_conflict_do_nothing(index_elements=["id"])
        with self._database.exclusive() as connection:
            n_before = _count(connection, DECISION)
            for start in range(0, len(rows), _BATCH):
                connection.execute(insert, rows[start : start + _BATCH])
            return _count(connection, DECISION) - n_before

    def record_totals(self, totals: Iterable[OutcomeTotal], source: str) -> tuple[int, int]:
        """Records outcome totals; returns how many were added and how many were changed.

        A total is known by source, content, time, channel and cohort. Recorded again it replaces the
        earlier figures, as platforms correct theirs for days, so that nothing counts twice. Of a total
        twice in one call the last wins.

        Args:
            totals: What each content did.
            source: Who reports it: a platform, or the experiment that counted.
        """
        rows = {
            tuple(row[name] for name in _KEY): row
            for row in ({**_fields(total), "source": source} for total in totals)
        }
        statement = self._upsert()
        n_touched = 0
        with self._database.exclusive() as connection:
            n_before = _count(connection, OUTCOME_TOTAL)
            batch = list(rows.values())
            for start in range(0, len(batch), _BATCH):
                n_touched += len(connection.execute(statement, batch[start : start + _BATCH]).all())
            n_added = _count(connection, OUTCOME_TOTAL) - n_before
        return n_added, n_touched - n_added

    def totals(self, after: datetime | None = None) -> pl.DataFrame:
        """The outcome totals with a time later than `after` (all, if None), in order of time.

        `after` is the model's `trained_through`: what it has seen is in the prior and must not count again.
        """
        return self._frame(OUTCOME_TOTAL, TOTALS, after=after)

    def decisions(self, after: datetime | None = None) -> pl.DataFrame:
        """The decisions later than `after` (all, if None), in order of time."""
        frame = self._frame(DECISION, {**DECISIONS, "propensities": pl.Object}, after=after)
        vectors = [json.dumps(vector) for vector in frame["propensities"]]
        return frame.with_columns(pl.Series("propensities", vectors, dtype=pl.String))

    def _upsert(self) -> sa.Executable:
        columns = OUTCOME_TOTAL.c
        insert = self._database.insert(OUTCOME_TOTAL)
        fresh = {c.name: insert.excluded[c.name] for c in columns if c.name not in _KEY}
        differs = sa.or_(*(columns[name].is_distinct_from(value) for name, value in fresh.items()))
        return insert.on_conflict_do_update(index_elements=list(_KEY), set_=fresh, where=differs).returning(
            columns.source
        )

    def _frame(
        self,
        table: sa.Table,
        schema: Mapping[str, pl.DataType | type[pl.DataType]],
        *,
        after: datetime | None,
    ) -> pl.DataFrame:
        query = sa.select(*(table.c[name] for name in schema)).order_by(table.c.at, *table.primary_key)
        if after is not None:
            query = query.where(table.c.at > after)
        with self._database.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _fields(record: Decision | OutcomeTotal) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    if isinstance(record, Decision):
        values["propensities"] = dict(record.propensities)
    return values


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
