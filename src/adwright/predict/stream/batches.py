"""A Parquet file, or a folder of them, in batches of rows, always in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from adwright.errors import DataError, UsageError, unknown_name

BATCH_ROWS = 65_536
STREAM_FROM_ROWS = 2_000_000


def streams(path: Path, wanted: bool | None) -> bool:
    """Whether a table is read in batches: as wanted, else if it is a folder, or Parquet of many rows.

    Raises:
        UsageError: batches are wanted of what is no Parquet.
    """
    is_parquet = path.is_dir() or path.suffix.lower() == ".parquet"
    if wanted and not is_parquet:
        raise UsageError("only Parquet is read in batches", argument="--data", value=str(path))
    if wanted is not None:
        return wanted
    return path.is_dir() or (is_parquet and path.is_file() and _n_rows(path) >= STREAM_FROM_ROWS)


def _n_rows(path: Path) -> int:
    """0 where the file cannot be read, which its reader says better."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


@dataclass(frozen=True, slots=True)
class ParquetBatches:
    """Batches of rows.

    Args:
        files: In order.
        n_rows: Of all of them together.
        columns: That the first file has.
    """

    files: tuple[Path, ...]
    n_rows: int
    columns: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> ParquetBatches:
        """The file, or the folder's files by name; raises `DataError` where there is none that can be read."""
        files = tuple(sorted(path.rglob("*.parquet"))) if path.is_dir() else (path,)
        if not files or not all(file.is_file() for file in files):
            raise DataError("no such file", argument="data", value=str(path), allowed="Parquet")
        n_rows, columns = 0, ()
        for file in files:
            try:
                schema = pq.read_schema(file)
                n_rows += pq.read_metadata(file).num_rows
            except (pa.ArrowException, OSError) as error:
                raise DataError(
                    f"cannot read the table: {str(error).splitlines()[0]}", argument="data", value=str(file)
                ) from error
            columns = columns or tuple(schema.names)
        return cls(files, n_rows, columns)

    def frames(
        self, names: Sequence[str] | None = None, *, n_rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        """The rows, at most so many at a time.

        Args:
            names: Columns; all, if None.
            n_rows: Of a batch.

        Raises:
            DataError: an absent column, a damaged file.
        """
        for name in names or ():
            if name not in self.columns:
                lacking = unknown_name("column", name, self.columns)
                raise DataError(
                    f"the data has no column '{name}'", allowed=lacking.allowed, hint=lacking.hint
                )
        for file in self.files:
            try:
                with pq.ParquetFile(file, pre_buffer=False) as held:
                    for batch in held.iter_batches(n_rows, columns=None if names is None else list(names)):
                        frame = pl.from_arrow(batch)
                        assert isinstance(frame, pl.DataFrame)
                        yield frame
            except (pa.ArrowException, OSError) as error:
                raise DataError(
                    f"cannot read the table: {str(error).splitlines()[0]}", argument="data", value=str(file)
                ) from error
