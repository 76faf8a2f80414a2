"""Rows that could not be taken in: never lost, never silently mended.

The raw text may hold what ingest would have pseudonymised, so it stays in the database, is cut at
`MAX_RAW_CHARS`, and is shown only where a person asks for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import sqlalchemy as sa

from adwright.store.database import Database
from adwright.store.state import QUARANTINE

MAX_RAW_CHARS = 2_000
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row that was refused.

    Args:
        line: Where it stands in the file, from 1.
        reason_code: A short permanent name, for counting.
        reason: What is wrong, in words.
        raw: The row as it was read.
    """

    line: int
    reason_code: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason for refusing rows: how often, and the first row as an example."""

    reason_code: str
    n_rows: int
    file: str
    line: int
    reason: str
    raw: str


class Quarantine:
    """The refused rows of one shop.

    Args:
        database: A migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: str | PurePath, rows: Sequence[QuarantinedRow]) -> int:
        """Keeps the rows of `file`; returns how many were new.

        A row is known by file, line, reason and text, so the same file read again adds nothing, and
        another file under the same name loses nothing.
        """
        prepared = [_to_row(str(file), row) for row in rows]
        insert = self._database.insert(QUARANTINE).on_conflict_do_nothing(
            index_elements=["file", "line", "digest"]
        )
        with self._database.exclusive() as connection:
            n_before = _count(connection)
            for start in range(0, len(prepared), _BATCH):
                connection.execute(insert, prepared[start : start + _BATCH])
            return _count(connection) - n_before

    def commonest(self, n: int = 10) -> list[Rejection]:
        """The n commonest reasons, the commonest first, each with its first row as an example."""
        table = QUARANTINE
        n_rows = sa.func.count().label("n_rows")
        query = (
            sa.select(table.c.reason_code, n_rows, sa.func.min(table.c.number).label("first"))
            .group_by(table.c.reason_code)
            .order_by(n_rows.desc(), table.c.reason_code)
            .limit(n)
        )
        found = []
        with self._database.read() as connection:
            for reason_code, count, first in connection.execute(query).all():
                row = connection.execute(sa.select(table).where(table.c.number == first)).one()
                found.append(Rejection(reason_code, count, row.file, row.line, row.reason, row.raw))
        return found

    def rows(self, file: str | PurePath, *, n: int = 100) -> list[QuarantinedRow]:
        """The first n refused rows of a file, by line; a long raw text is cut and says so."""
        table = QUARANTINE
        query = (
            sa.select(table.c.line, table.c.reason_code, table.c.reason, table.c.raw)
            .where(table.c.file == _storable(str(file)))
            .order_by(table.c.line, table.c.number)
            .limit(n)
        )
        with self._database.read() as connection:
            return [QuarantinedRow(*row) for row in connection.execute(query)]

    def count(self, file: str | PurePath | None = None) -> int:
        """How many rows are kept, in all or of one file."""
        with self._database.read() as connection:
            return _count(connection, None if file is None else _storable(str(file)))


def _count(connection: sa.Connection, file: str | None = None) -> int:
    query = sa.select(sa.func.count()).select_from(QUARANTINE)
    if file is not None:
        query = query.where(QUARANTINE.c.file == file)
    return connection.scalar(query) or 0


def _to_row(file: str, row: QuarantinedRow) -> dict[str, str | int]:
    raw = _storable(row.raw)
    shown = raw if len(raw) <= MAX_RAW_CHARS else f"{raw[:MAX_RAW_CHARS]} [truncated: {len(raw)} characters]"
    digest = hashlib.sha256(f"{row.reason_code}\n{raw}".encode()).hexdigest()
    return {
        "file": _storable(file),
        "line": row.line,
        "reason_code": row.reason_code,
        "reason": _storable(row.reason)[:MAX_RAW_CHARS],
        "raw": shown,
        "n_raw_chars": len(raw),
        "digest": digest[:32],
    }


def _storable(text: str) -> str:
    """The text with what a database cannot hold (lone surrogates, NUL) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
