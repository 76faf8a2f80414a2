"""The analytical tables: Parquet parts on disk, listed in the database.

A part is a file `tables/<table>/<number>.parquet` that is written once and never changed. It counts only
when the database lists it. A write goes: claim the new keys, write the part beside its place, force it to
disk, rename it, list it, commit. All of that is one exclusive transaction, so whatever stops it leaves the
table as it was, and the same call again completes. A file that no transaction listed is swept before
a process's first write, and before the one after a failure.

Parts follow the order of arrival and are not partitioned by customer bucket. A batch of 50,000 events
over 64 buckets would become 64 files of 800 rows, and the pipeline reads by time and event, never by
bucket. Erasing a customer needs no buckets either: the parts that name the customer are found by reading
one column, written anew without those rows, and swapped in one transaction, as `upsert` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from adwright.errors import DataError, StoreError, unknown_name
from adwright.store.columns import TABLES
from adwright.store.database import Database
from adwright.store.durable import write_whole
from adwright.store.faults import disk_faults
from adwright.store.keys import claim_keys
from adwright.store.state import PART


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    n_rows: int
    n_bytes: int
    digest: str


class TableStore:
    """The tables of `adwright.store.columns` in one folder.

    Args:
        root: The folder. Only this store writes to it, and nothing else may live in its table folders.
        database: Lists the parts and the keys seen. It belongs to this folder alone.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._swept = False

    def append(self, table: str, frame: pl.DataFrame, *, key: str | None) -> int:
        """Adds the rows whose key the table has never seen; returns how many. See `append_many`."""
        return self.append_many({table: frame}, key=key)[table]

    def append_many(self, frames: Mapping[str, pl.DataFrame], *, key: str | None) -> dict[str, int]:
        """Adds rows to several tables that share their fate: all of them or, on any failure, none.

        Args:
            frames: Table name -> rows. The first table decides: its rows with a key never seen before are
                added (of a key twice in the frame, the first row), and the other tables' rows go with them.
                A column that is absent is filled with nulls.
            key: The column that makes a row known, in every frame; None adds all rows unseen.

        Returns:
            Table name -> rows added.

        Raises:
            NotFoundError: an unknown table.
            DataError: an unknown column, a wrong type, a row without key, or other tables' rows that hang
                on a key which the first frame has twice (whose are they?).
            StoreError: the disk or the database failed; nothing was added.
        """
        ready = {table: _conform(table, frame) for table, frame in frames.items()}
        written: list[Path] = []
        with self._writing(written) as connection:
            if key is not None and ready:
                ready = _leave_out_seen(connection, ready, key)
            for table, frame in ready.items():
                if frame.height:
                    written.append(self._add_part(connection, table, frame.lazy(), n_rows=frame.height))
        return {table: frame.height for table, frame in ready.items()}

    def upsert(self, table: str, frame: pl.DataFrame, *, key: str) -> tuple[int, int]:
        """Adds or replaces rows by key; returns how many were added and how many were changed.

        A row equal to the one that is there counts as neither; of a key twice in the frame the last row
        wins. The table is written anew as one part, in streaming: meant for products, customers, contents.

        Raises:
            NotFoundError, DataError, StoreError: as `append_many`.
        """
        ready = _conform(table, frame)
        if ready[key].null_count():
            raise DataError("a row has no key", argument=key, allowed="a value in every row")
        ready = ready.unique(subset=key, keep="last", maintain_order=True)
        written: list[Path] = []
        with self._writing(written) as connection:
            old = self._parts(connection, table)
            existing = self._scan_parts(table, old)
            n_added, changed = _compare(existing, ready, key)
            if not changed.height:
                return 0, 0
            kept = existing.join(changed.lazy(), on=key, how="anti", maintain_order="left")
            rows = pl.concat([kept, changed.lazy()])
            n_rows = sum(part.n_rows for part in old) + n_added
            connection.execute(sa.delete(PART).where(PART.c.table_name == table))
            written.append(self._add_part(connection, table, rows, n_rows=n_rows))
        for part in old:
            part.path.unlink(missing_ok=True)
        return n_added, changed.height - n_added

    def scan(self, table: str) -> pl.LazyFrame:
        """The table's rows, lazily, in the order of arrival. Collect before the next `upsert` of this table.

        Raises:
            NotFoundError: an unknown table.
            StoreError: a listed part is missing or cut short.
        """
        _known(table)
        with self._database.read() as connection:
            parts = self._parts(connection, table)
        return self._scan_parts(table, parts)

    def read(self, table: str) -> pl.DataFrame:
        """The table's rows. Raises as `scan`."""
        try:
            return self.scan(table).collect()
        except (StoreError, OSError):
            # An `upsert` may have replaced the parts since they were listed: the new list names the new one.
            with disk_faults(self._root / table):
                return self.scan(table).collect()

    def count(self, table: str) -> int:
        """The number of rows, without reading them. Raises `NotFoundError` for an unknown table."""
        return sum(part.n_rows for part in self._listed(table))

    def digest(self, *tables: str) -> str:
        """A digest of all that the tables hold, for a run's or a model's record: equal parts, equal digest."""
        hashed = hashlib.sha256()
        for table in tables:
            hashed.update(f"{table}\n".encode())
            for part in self._listed(table):
                hashed.update(f"{part.digest}\n".encode())
        return hashed.hexdigest()[:32]

    def _listed(self, table: str) -> list[_Part]:
        _known(table)
        with self._database.read() as connection:
            return self._parts(connection, table)

    def _parts(self, connection: sa.Connection, table: str) -> list[_Part]:
        rows = connection.execute(sa.select(PART).where(PART.c.table_name == table).order_by(PART.c.number))
        return [
            _Part(self._path(row.table_name, row.number), row.n_rows, row.n_bytes, row.digest) for row in rows
        ]

    def _path(self, table: str, number: int) -> Path:
        return self._root / table / f"{number:08d}.parquet"

    def _scan_parts(self, table: str, parts: Sequence[_Part]) -> pl.LazyFrame:
        schema = pl.Schema(TABLES[table])
        if not parts:
            return pl.LazyFrame(schema=schema)
        for part in parts:
            _check_whole(part)
        # A column that the code has gained since a part was written is null there.
        return pl.scan_parquet(
            [part.path for part in parts], schema=schema, missing_columns="insert", glob=False
        )

    @contextmanager
    def _writing(self, written: list[Path]) -> Iterator[sa.Connection]:
        """An exclusive transaction; an error inside it takes the `written` parts away again.

        A commit that fails leaves them: it may have reached the database. The next write sweeps and can tell.
        """
        swept, self._swept = self._swept, False
        with self._database.exclusive() as connection:
            try:
                if not swept:
                    self._sweep(connection)
                yield connection
            except BaseException:
                for path in written:
                    path.unlink(missing_ok=True)
                raise
        self._swept = True

    def _sweep(self, connection: sa.Connection) -> None:
        """Removes files that no transaction listed. Whoever wrote them is dead, since we are exclusive."""
        listed = {
            self._path(row.table_name, row.number)
            for row in connection.execute(sa.select(PART.c.table_name, PART.c.number))
        }
        with disk_faults(self._root):
            for table in TABLES:
                for path in (self._root / table).glob("*.parquet*"):
                    if path not in listed:
                        path.unlink(missing_ok=True)

    def _add_part(self, connection: sa.Connection, table: str, rows: pl.LazyFrame, *, n_rows: int) -> Path:
        """Writes the rows as one part and lists it in the open transaction."""
        insert = sa.insert(PART).values(table_name=table, n_rows=n_rows, n_bytes=0, digest="")
        number = connection.execute(insert.returning(PART.c.number)).scalar_one()
        path = self._path(table, number)
        with disk_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, rows.sink_parquet)
        with disk_faults(path), path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = file.tell()
        connection.execute(
            sa.update(PART).where(PART.c.number == number).values(n_bytes=n_bytes, digest=digest)
        )
        return path


def _known(table: str) -> Mapping[str, pl.DataType | type[pl.DataType]]:
    if table not in TABLES:
        raise unknown_name("table", table, TABLES)
    return TABLES[table]


def _conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the table's columns, in order, of the table's types."""
    columns = _known(table)
    for name in frame.columns:
        if name not in columns:
            raise unknown_name(f"column of {table}", name, columns)
    try:
        return frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in columns.items()
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"a column of {table} has the wrong type: {str(error).splitlines()[0]}",
            argument="frame",
            value={n: str(t) for n, t in frame.schema.items() if t != columns[n]},
            allowed=", ".join(f"{n}: {columns[n]}" for n in frame.columns if frame.schema[n] != columns[n]),
        ) from error


def _leave_out_seen(
    connection: sa.Connection, frames: dict[str, pl.DataFrame], key: str
) -> dict[str, pl.DataFrame]:
    decider, *others = frames
    keys = frames[decider][key]
    unseen = claim_keys(connection, decider, keys)
    fresh = {decider: frames[decider].filter(unseen)}
    twice = keys.filter(keys.is_duplicated())
    for table in others:
        unclear = frames[table].filter(pl.col(key).is_in(twice.implode()))
        if unclear.height:
            raise DataError(
                f"rows of {table} hang on a key that {decider} has twice in one frame",
                argument=key,
                value=unclear[key][0],
                hint=f"Leave repeated rows of {decider}, and their {table}, out first",
            )
        fresh[table] = frames[table].join(
            fresh[decider].select(key), on=key, how="semi", maintain_order="left"
        )
    return fresh


def _compare(existing: pl.LazyFrame, frame: pl.DataFrame, key: str) -> tuple[int, pl.DataFrame]:
    """How many rows of `frame` are new, and those that are new or differ from the row of the same key."""
    others = [name for name in frame.columns if name != key]
    present = pl.lit(True).alias("_present")
    joined = frame.join(
        existing.join(frame.lazy().select(key), on=key, how="semi").with_columns(present).collect(),
        on=key,
        how="left",
        suffix="_old",
        maintain_order="left",
    )
    is_new = pl.col("_present").is_null()
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in others)
    changed = joined.filter(is_new | differs)
    return changed["_present"].null_count(), changed.select(frame.columns)


def _check_whole(part: _Part) -> None:
    try:
        size = part.path.stat().st_size
    except OSError:
        size = None
    if size != part.n_bytes:
        raise StoreError(
            f"{part.path} is {'missing' if size is None else 'damaged'}; it should have {part.n_bytes} bytes",
            retryable=False,
            hint="Put it back from a backup; nothing else can tell what was in it",
        )
