"""What the database remembers about its workspace: a few names and values."""

from __future__ import annotations

import sqlalchemy as sa

from adwright.store.database import Database
from adwright.store.state import SETTING


class Settings:
    """Names and values that are set once and then hold.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """The value, or None where it was never set."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == name))

    def set_once(self, name: str, value: str) -> str:
        """Sets the value unless there is one; returns the one that holds."""
        with self._database.begin() as connection:
            statement = self._database.insert(SETTING).values(name=name, value=value)
            connection.execute(statement.on_conflict_do_nothing())
            held = connection.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == name))
        return held if held is not None else value
