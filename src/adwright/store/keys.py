"""Which rows were never seen before: what makes ingest idempotent.

Every key that was ever accepted stays recorded, also when its row is later erased, so that reading the
same file again does not bring an erased row back.
"""

from __future__ import annotations

import hashlib
import json

import polars as pl
import sqlalchemy as sa

from adwright.errors import DataError

_BATCH = 50_000
_MAX_KEY_CHARS = 200  # PostgreSQL's index takes 2,704 bytes; a character takes at most 4

_CLAIM = {
    "sqlite": (
        "INSERT INTO seen_key (table_name, key) "
        "SELECT :table_name, value FROM json_each(:keys) WHERE true "
        "ON CONFLICT DO NOTHING RETURNING key"
    ),
    "postgresql": (
        "INSERT INTO seen_key (table_name, key) "
        "SELECT CAST(:table_name AS TEXT), unnest(CAST(:keys AS TEXT[])) "
        "ON CONFLICT DO NOTHING RETURNING key"
    ),
}


def claim_keys(connection: sa.Connection, table: str, keys: pl.Series) -> pl.Series:
    """Records the keys that `table` has never seen, and says which rows they are.

    Args:
        connection: An open transaction; the keys are seen only when it commits.
        table: The table's name.
        keys: (n,) of any type that has a text form, without nulls.

    Returns:
        (n,) Boolean: True at the first row of each key that was not seen before.

    Raises:
        DataError: a key is null.
    """
    if keys.null_count():
        row = int(keys.is_null().arg_max() or 0)
        raise DataError(
            "a row has no key",
            argument=keys.name,
            value=None,
            allowed="a value in every row",
            hint=f"Row {row}",
        )
    stored = _storable(keys)
    first = stored.is_first_distinct()
    distinct = stored.filter(first)
    fresh: list[str] = []
    for start in range(0, len(distinct), _BATCH):
        fresh += _claim_batch(connection, table, distinct.slice(start, _BATCH))
    return first & stored.is_in(pl.Series(fresh, dtype=pl.String).implode())


def _claim_batch(connection: sa.Connection, table: str, keys: pl.Series) -> list[str]:
    # Sorted, so that neighbours in the index are written together.
    batch = keys.sort().to_list()
    kind = connection.dialect.name
    values = {"table_name": table, "keys": json.dumps(batch) if kind == "sqlite" else batch}
    return list(connection.execute(sa.text(_CLAIM[kind]), values).scalars())


def _storable(keys: pl.Series) -> pl.Series:
    """The keys as text; those that an index cannot hold (too long, NUL characters) as their digest."""
    text = keys.cast(pl.String)
    awkward = (text.str.len_chars() > _MAX_KEY_CHARS) | text.str.contains("\x00", literal=True)
    if not awkward.any():
        return text
    digests = [
        "sha256:" + hashlib.sha256(key.encode()).hexdigest() if bad else key
        for key, bad in zip(text, awkward, strict=True)
    ]
    return pl.Series(text.name, digests, dtype=pl.String)
