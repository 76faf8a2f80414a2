"""Frames in: polars or pandas, read from a file, their columns checked against the recipe, times read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from adwright.errors import DataError, UsageError, unknown_name
from adwright.predict.recipe import PredictRecipe

_DIGEST_ROWS = 50_000


def read_frame(path: Path) -> pl.DataFrame:
    """The table in a .parquet, .csv, .tsv, .jsonl or .ndjson file; one-line `DataError` where it cannot be read."""
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": lambda p: pl.read_csv(p, infer_schema_length=10_000),
        ".tsv": lambda p: pl.read_csv(p, separator="\t", infer_schema_length=10_000),
        ".jsonl": pl.read_ndjson,
        ".ndjson": pl.read_ndjson,
    }
    if path.suffix.lower() not in readers:
        raise DataError(
            "cannot tell the file's format", argument="data", value=str(path), allowed=", ".join(readers)
        )
    if not path.is_file():
        raise DataError("no such file", argument="data", value=str(path))
    try:
        return readers[path.suffix.lower()](path)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"cannot read the table: {reason}", argument="data", value=str(path)) from error


def as_polars(frame: Any) -> pl.DataFrame:
    """The frame as a polars frame; a pandas frame loses its index, and its NaN in texts become nulls."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if type(frame).__module__.partition(".")[0] == "pandas":
        return _from_pandas(frame)
    raise UsageError(
        "not a frame", argument="frame", value=type(frame).__name__, allowed="polars or pandas DataFrame"
    )


def check_columns(frame: pl.DataFrame, names: Iterable[str | None]) -> None:
    """Raises `DataError` with the nearest column for the first name that the frame lacks."""
    for name in names:
        if name is not None and name not in frame.columns:
            lacking = unknown_name("column", name, frame.columns)
            raise DataError(f"the data has no column '{name}'", allowed=lacking.allowed, hint=lacking.hint)


def digest(frame: pl.DataFrame, recipe: PredictRecipe) -> str:
    """A digest of the recipe's columns, in row order: the same table gives the same digest."""
    columns = recipe.columns
    named = [*recipe.needed, columns.time, columns.content, columns.group, *columns.within]
    for target in recipe.rates.values():
        named += [target.label, target.trials, target.successes]
        if target.delay is not None:
            named += [target.delay.began, target.delay.succeeded, target.delay.until]
    if recipe.position is not None:
        named.append(recipe.position.column)
    if (order := recipe.targets.order_value) is not None:
        named += [order.label, order.sum_minor, order.count]
    present = [name for name in dict.fromkeys(named) if name is not None and name in frame.columns]
    state = hashlib.blake2b("\x1f".join(present).encode(), digest_size=16)
    for start in range(0, frame.height, _DIGEST_ROWS):
        part = frame.select(present).slice(start, _DIGEST_ROWS)
        flat = not any(dtype.is_nested() or dtype == pl.Binary for dtype in part.dtypes)
        state.update(part.write_csv().encode() if flat else repr(part.rows()).encode())
    return state.hexdigest()


def sortable_time(frame: pl.DataFrame, recipe: PredictRecipe) -> pl.Series | None:
    """The time column as something that sorts: aware datetimes, or numbers (`ordinal`); None without one.

    Raises:
        DataError: a value that cannot be read as a time.
    """
    name, how = recipe.columns.time, recipe.columns.time_format
    if name is None:
        return None
    check_columns(frame, [name])
    column = frame[name]
    if how == "auto":
        how = "iso" if column.dtype == pl.String or column.dtype.is_temporal() else "ordinal"
    try:
        return _converted(column, how)
    except (pl.exceptions.PolarsError, ValueError, OverflowError) as error:
        bad = next((v for v in column.to_list() if v is not None), None)
        raise DataError(
            f"cannot read column '{name}' as time", argument="time_format", value=bad, allowed=how
        ) from error


def last_time(times: pl.Series | None) -> datetime | None:
    """The latest time as an aware datetime; None where there is none or it is only an order."""
    if times is None or times.dtype.is_numeric():
        return None
    latest = times.max()
    return latest if isinstance(latest, datetime) else None


def _converted(column: pl.Series, how: str) -> pl.Series:
    if how == "ordinal":
        return column if column.dtype.is_numeric() else column.cast(pl.Float64)
    if how == "epoch_s":
        micros = (column.cast(pl.Float64) * 1e6).cast(pl.Int64)
        return micros.cast(pl.Datetime("us", "UTC"))
    if how == "yearweek":
        weeks = column.cast(pl.Int64)
        ends = {w: _week_end(w) for w in weeks.unique().to_list() if w is not None}
        return weeks.replace_strict(ends, return_dtype=pl.Datetime("us", "UTC"))
    if column.dtype == pl.String:
        column = column.str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
    if not column.dtype.is_temporal():
        raise ValueError("not text")
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        return column.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
    return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _week_end(week: int) -> datetime:
    """The last microsecond of a week given as yyyyww; weeks 0 and 53 (as %W and %U count) run over the year's end."""
    monday = datetime.fromisocalendar(week // 100, 1, 1).replace(tzinfo=UTC)
    if not 0 <= week % 100 <= 53:
        raise ValueError(f"{week} is no week")
    return monday + timedelta(weeks=week % 100) - timedelta(microseconds=1)


def _from_pandas(frame: Any) -> pl.DataFrame:
    """Column by column, so an object column with mixed or missing values becomes text instead of failing."""
    columns = []
    for name in frame.columns:
        values = frame[name]
        if str(values.dtype) == "category" or str(values.dtype) in ("object", "str", "string"):
            pairs = zip(values.tolist(), values.isna().tolist(), strict=True)
            items = [None if missing else value for value, missing in pairs]
            columns.append(_object_series(str(name), items))
        elif getattr(values.dtype, "tz", None) is not None:
            naive = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
            columns.append(pl.Series(str(name), naive).dt.replace_time_zone("UTC"))
        else:
            columns.append(pl.Series(str(name), values.to_numpy(), nan_to_null=True))
    return pl.DataFrame(columns)


def _object_series(name: str, items: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, items, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series(name, [None if v is None else str(v) for v in items], dtype=pl.String)
