"""Tables that `experiment ope` and `experiment uplift` read: CSV or Parquet, with the columns that were named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from adwright.errors import DataError, unknown_name
from adwright.schema import F64

_SUFFIXES = (".csv", ".parquet")


def is_table(file: str) -> bool:
    """Whether the name is that of a table."""
    return Path(file).suffix.lower() in _SUFFIXES


def read_table(file: str, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns of the file.

    Raises:
        DataError: not readable, or no rows.
        NotFoundError: a column that it does not have.
    """
    path = Path(file)
    try:
        if path.suffix.lower() == ".parquet":
            table = pl.read_parquet(path)
        else:
            table = pl.read_csv(path, infer_schema_length=10_000)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"cannot read the table: {error}", argument="file", value=file) from error
    for name in columns:
        if name not in table.columns:
            raise unknown_name("column", name, table.columns)
    if table.is_empty():
        raise DataError("no rows", argument="file", value=file)
    return table.select(list(dict.fromkeys(columns)))


def as_float(table: pl.DataFrame, name: str) -> F64:
    """(n,) the column as numbers, NaN where empty; `DataError` where it holds text."""
    if not (table[name].dtype.is_numeric() or table[name].dtype == pl.Boolean):
        raise DataError("not numbers", argument=name, value=table[name].drop_nulls().head(1).to_list())
    return np.asarray(table[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)
