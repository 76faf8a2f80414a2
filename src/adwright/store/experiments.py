"""Experiments as they were planned. A plan that is stored never changes: its arms and shares are the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from adwright.errors import UsageError, unknown_name
from adwright.schema import Arm, Experiment
from adwright.store.database import Database
from adwright.store.state import EXPERIMENT


class ExperimentStore:
    """The experiments of one shop.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, experiment: Experiment) -> None:
        """Records a plan; the same plan again changes nothing.

        Raises:
            UsageError: another plan is stored under this id. Changing arms or shares of a running test
                would spoil its analysis.
        """
        payload = _to_payload(experiment)
        insert = self._database.insert(EXPERIMENT).values(id=experiment.id, payload=payload)
        with self._database.begin() as connection:
            connection.execute(insert.on_conflict_do_nothing(index_elements=["id"]))
            query = sa.select(EXPERIMENT.c.payload).where(EXPERIMENT.c.id == experiment.id)
            if connection.scalar(query) != payload:
                raise UsageError(
                    "this experiment is planned already, and differently",
                    argument="id",
                    value=experiment.id,
                    hint="Plan the changed test under another id",
                )

    def get(self, experiment_id: str) -> Experiment:
        """The experiment; raises `NotFoundError` for an unknown id."""
        query = sa.select(EXPERIMENT.c.payload).where(EXPERIMENT.c.id == experiment_id)
        with self._database.read() as connection:
            payload = connection.scalar(query)
        if payload is None:
            raise unknown_name("experiment", experiment_id, (e.id for e in self.list()))
        return _from_payload(payload)

    def list(self) -> list[Experiment]:
        """All experiments, in the order in which they were planned."""
        query = sa.select(EXPERIMENT.c.payload).order_by(EXPERIMENT.c.number)
        with self._database.read() as connection:
            return [_from_payload(payload) for payload in connection.execute(query).scalars()]


def _to_payload(experiment: Experiment) -> dict[str, Any]:
    payload = {name: value for name, value in dataclasses.asdict(experiment).items() if value is not None}
    return payload | {
        "arms": list(payload["arms"]),
        "starts_at": experiment.starts_at.astimezone(UTC).isoformat(),
    }


def _from_payload(payload: Mapping[str, Any]) -> Experiment:
    values = dict(payload)
    values["arms"] = tuple(Arm(**arm) for arm in values["arms"])
    values["starts_at"] = datetime.fromisoformat(values["starts_at"])
    return Experiment(**values)
