"""How far a run has come, so that an interrupted one resumes where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from adwright.errors import UsageError
from adwright.store.database import Database
from adwright.store.state import RUN, RUN_STEP


class RunLog:
    """The runs of one shop and the steps they have finished.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, name: str, digest: str) -> int:
        """The id of an unfinished run of this name and digest, else of a new one.

        Args:
            name: What runs, for example `run`.
            digest: Of all that decides the result: recipe, data, seed, code version. Another digest is
                another run; what the old one had done does not count.
        """
        query = (
            sa.select(RUN.c.number)
            .where(RUN.c.name == name, RUN.c.digest == digest, ~RUN.c.finished)
            .order_by(RUN.c.number.desc())
            .limit(1)
        )
        with self._database.exclusive() as connection:
            number = connection.scalar(query)
            if number is None:
                insert = sa.insert(RUN).values(name=name, digest=digest, finished=False)
                number = connection.scalar(insert.returning(RUN.c.number))
        return int(number or 0)

    def done(self, run_id: int, step: str) -> dict[str, Any] | None:
        """What the step left behind, or None if it has not finished."""
        query = sa.select(RUN_STEP.c.payload).where(RUN_STEP.c.run_number == run_id, RUN_STEP.c.step == step)
        with self._database.read() as connection:
            payload: dict[str, Any] | None = connection.scalar(query)
        return payload

    def finish_step(self, run_id: int, step: str, payload: Mapping[str, Any]) -> None:
        """Records that the step is finished, with what the next steps need of it. Again replaces it.

        Raises:
            UsageError: JSON cannot hold the payload.
        """
        insert = self._database.insert(RUN_STEP).values(
            run_number=run_id, step=step, payload=_checked(payload)
        )
        statement = insert.on_conflict_do_update(
            index_elements=["run_number", "step"], set_={"payload": insert.excluded.payload}
        )
        with self._database.begin() as connection:
            connection.execute(statement)

    def finish(self, run_id: int) -> None:
        """Closes the run: the next `start` begins anew."""
        with self._database.begin() as connection:
            connection.execute(sa.update(RUN).where(RUN.c.number == run_id).values(finished=True))


def _checked(payload: Mapping[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(dict(payload), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"a step's payload must be what JSON can hold: {error}", argument="payload", value=payload
        ) from error
    return dict(payload)
