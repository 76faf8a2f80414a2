"""Behaviour sequences: what a customer did before, as a column of lists, beside the candidate of the row.

A list's values (items, categories) are of the same kind as a categorical column, the candidate's; a second column
of lists may hold their times. Here they become one column of (value, age in days), newest last, and a few numbers
that any model can use: how many events, how many were the candidate itself, and how long ago.

Holds when: the list holds what was known before the row happened. An event that is not earlier than the row is
left out, and how many is said. Does not cover: sessions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.predict.frames import check_columns
from adwright.predict.hashing import as_text
from adwright.predict.typed_columns import SequenceColumn, sequence_numbers

EVENTS = pl.List(pl.Struct({"value": pl.String, "age": pl.Float64}))
"""The type of a sequence column that has been read."""


def read_sequences(
    frame: pl.DataFrame, sequences: Mapping[str, SequenceColumn], now: pl.Series | None
) -> tuple[pl.DataFrame, list[str]]:
    """(the frame with each sequence read and its numbers added, notes); one that is read already stays as it is.

    Args:
        frame: With the columns of lists, their times and the candidates.
        sequences: By column.
        now: (n,) times of the rows, datetimes or numbers (then taken for days); None without a time column.

    Raises:
        DataError: an absent column, a list that cannot be read, times of another length.
    """
    notes: list[str] = []
    for name, column in sequences.items():
        check_columns(frame, [name, column.of])
        if frame[name].dtype == EVENTS:
            continue
        values = _lists(frame[name])
        ages, n_later = _ages(frame, name, column, values, now)
        events = [_newest(value, age, column.max_events) for value, age in zip(values, ages, strict=True)]
        if n_later:
            notes.append(
                f"{n_later} events of '{name}' are not earlier than their row and are left out: "
                "a feature must not know the future"
            )
        frame = frame.with_columns(pl.Series(name, events, dtype=EVENTS))
        frame = frame.with_columns(_numbers(frame, name, column.of))
    return frame, notes


def _lists(column: pl.Series) -> list[list[str]]:
    """(n,) lists of texts; null is an empty one."""
    if column.dtype == pl.String:
        return [_parsed(text, column.name) for text in column.to_list()]
    if not isinstance(column.dtype, pl.List | pl.Array) or column.dtype.inner.is_nested():
        raise DataError(
            f"column '{column.name}' is no sequence",
            argument=f"columns.sequence.{column.name}",
            value=str(column.dtype),
            allowed="lists of values, JSON lists, or values with | between them",
        )
    return [[] if held is None else [_printed(v) for v in held if v is not None] for held in column.to_list()]


def _parsed(text: str | None, name: str) -> list[str]:
    if not text:
        return []
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split("|") if part.strip()]
    try:
        held = json.loads(text)
    except ValueError as error:
        raise DataError(
            f"column '{name}' holds a broken JSON list", argument=name, value=text[:80]
        ) from error
    return [_printed(v) for v in held if v is not None]


def _printed(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _ages(
    frame: pl.DataFrame,
    name: str,
    column: SequenceColumn,
    values: Sequence[list[str]],
    now: pl.Series | None,
) -> tuple[list[list[float]], int]:
    """(ages in days by event, NaN where not known; how many events are not earlier than their row)."""
    if column.times is None:
        return [[float("nan")] * len(held) for held in values], 0
    check_columns(frame, [column.times])
    if now is None:
        raise DataError(
            "times of events need the time of the row",
            argument=f"columns.sequence.{name}.times",
            value=column.times,
            hint="Name the row's time under [columns], or leave the events' times out",
        )
    days_now = _days(now).tolist()
    found: list[list[float]] = []
    n_later = 0
    for row, (held, at) in enumerate(zip(values, _time_lists(frame[column.times]), strict=True)):
        if len(held) != len(at):
            raise DataError(
                f"row {row}: '{name}' has {len(held)} events and '{column.times}' {len(at)} times",
                argument=column.times,
            )
        ages = [days_now[row] - day for day in at]
        n_later += sum(age <= 0 for age in ages)
        found.append(ages)
    return found, n_later


def _time_lists(column: pl.Series) -> list[list[float]]:
    """(n,) lists of days."""
    if column.dtype == pl.String:
        held = [[] if not text else _parsed(text, column.name) for text in column.to_list()]
        column = pl.Series(column.name, held, dtype=pl.List(pl.String))
    if not isinstance(column.dtype, pl.List):
        raise DataError(f"column '{column.name}' holds no lists of times", argument=column.name)
    flat = column.explode(empty_as_null=False) if column.len() else column.explode()
    size = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = _read_times(flat.filter(flat.is_not_null()) if flat.null_count() else flat, column.name)
    days = _days(flat)
    if len(days) != size.sum():
        raise DataError(f"column '{column.name}' holds a list with a missing time", argument=column.name)
    return [part.tolist() for part in np.split(days, np.cumsum(size)[:-1])]


def _read_times(flat: pl.Series, name: str) -> pl.Series:
    if flat.dtype != pl.String:
        return flat
    number = flat.cast(pl.Float64, strict=False)
    if number.null_count() == 0:
        return number
    try:
        return flat.str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"cannot read column '{name}' as times", argument=name, value=flat[0] if len(flat) else None
        ) from error


def _days(times: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    if times.dtype.is_temporal():
        if times.dtype == pl.Date:
            times = times.cast(pl.Datetime("us"))
        times = times.dt.epoch("us") / 86_400_000_000
    return times.cast(pl.Float64).to_numpy()


def _newest(values: list[str], ages: list[float], limit: int) -> list[dict[str, Any]]:
    """The newest events, oldest first; without ages the list's own order is taken, its end the newest."""
    pairs = [(value, age) for value, age in zip(values, ages, strict=True) if not age <= 0]
    if not all(math.isnan(age) for _, age in pairs):
        pairs.sort(key=lambda pair: -np.inf if math.isnan(pair[1]) else -pair[1])
    return [{"value": value, "age": age} for value, age in pairs[-limit:]]


def _numbers(frame: pl.DataFrame, name: str, of: str) -> list[pl.Series]:
    """The sequence's number columns."""
    row = pl.int_range(pl.len()).alias("row")
    candidate = as_text(frame[of]).alias("candidate")
    events = (
        pl.DataFrame([frame[name].alias("event"), candidate])
        .with_columns(row)
        .explode("event")
        .drop_nulls("event")
        .unnest("event")
    )
    match = pl.col("value") == pl.col("candidate")
    age = pl.col("age").fill_nan(None)
    summed = events.group_by("row").agg(
        pl.len().log1p().alias(f"{name}:events"),
        match.sum().log1p().alias(f"{name}:matches"),
        age.min().log1p().alias(f"{name}:last"),
        age.filter(match).min().log1p().alias(f"{name}:last_match"),
    )
    whole = pl.DataFrame({"row": np.arange(frame.height)}).join(
        summed, on="row", how="left", maintain_order="left"
    )
    counts = [f"{name}:events", f"{name}:matches"]
    return whole.with_columns(pl.col(counts).fill_null(0.0)).select(sequence_numbers(name)).get_columns()
