"""Columns of checked values as a polars frame of the store's types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adwright.store.columns import UTC


def columns_of_rows(
    rows: Sequence[tuple[Any, ...]], columns: Mapping[str, Any]
) -> dict[str, tuple[Any, ...]]:
    """The rows turned into columns, named in the order of `columns`."""
    if not rows:
        return dict.fromkeys(columns, ())
    return dict(zip(columns, zip(*rows, strict=True), strict=True))


def frame_of_columns(values: Mapping[str, Sequence[Any]], columns: Mapping[str, Any]) -> pl.DataFrame:
    """A frame with the types of `columns`; times are given as microseconds since 1970."""
    return pl.DataFrame(
        [
            pl.Series(name, values[name], dtype=pl.Int64).cast(UTC)
            if dtype == UTC
            else pl.Series(name, values[name], dtype=dtype)
            for name, dtype in columns.items()
        ]
    )


def frame_of_rows(rows: Sequence[tuple[Any, ...]], columns: Mapping[str, Any]) -> pl.DataFrame:
    """A frame of tuples whose values stand in the order of `columns`."""
    return frame_of_columns(columns_of_rows(rows, columns), columns)
