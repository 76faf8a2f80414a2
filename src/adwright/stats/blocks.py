"""Blocks train, tune, calibrate and test, with groups that share noise never on two sides.

Holds when: rows of one group share noise and rows of two groups do not; and, for the split by time, what
is learned will be used later than what it was learned from.
Does not cover: leaks between groups, such as one text tested twice under two group names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError, UsageError, unknown_name

BLOCKS = ("train", "tune", "calibrate", "test")
_TOLERANCE = 1e-9


def split_blocks(
    frame: pl.DataFrame,
    *,
    time: str | None,
    group: str | None,
    shares: Sequence[float] = (0.6, 0.1, 0.15, 0.15),
    order: Literal["time", "rows"] = "time",
    seed: int = 0,
) -> pl.Series:
    """The block of every row.

    By time, a group stands where its latest row stands, so nothing in an earlier block is younger than
    what comes after. Groups of the same latest time stay together; a cut falls between two times, where
    the number of rows before it is nearest to the share asked for. By rows, whole groups are shuffled.

    Args:
        frame: (n, ...) the rows.
        time: The column of times (or of any ordered type); not needed with order "rows".
        group: The column of the unit that shares noise; None makes every row its own group. A null is a
            group of its own.
        shares: Of train, tune, calibrate and test, by rows; at least 0, summing to 1. A share of 0
            leaves its block empty.
        order: "time" or "rows".
        seed: Of the shuffle with order "rows".

    Returns:
        (n,) strings out of `BLOCKS`, named "block".

    Raises:
        UsageError: shares that are no shares.
        NotFoundError: an absent column.
        DataError: a row without time, or too few times or groups to fill every block.

    >>> days = pl.DataFrame({"day": range(20), "test": [i // 2 for i in range(20)]})
    >>> split_blocks(days, time="day", group="test").value_counts(sort=True)["count"].to_list()
    [12, 4, 2, 2]
    """
    wanted = _check_shares(shares)
    if frame.height == 0:
        raise DataError("there are no rows to split", argument="frame", value=frame.shape)
    units = _group_index(frame, group)
    n_units = int(units.max()) + 1
    if order == "rows":
        rank = np.random.default_rng(seed).permutation(n_units)
        what = "groups" if group else "rows"
    elif order == "time":
        rank = _rank_by_time(frame, time, units)
        what = "distinct times"
    else:
        raise UsageError("unknown order", argument="order", value=order, allowed="time, rows")
    rows_at_rank = np.bincount(rank[units], minlength=int(rank.max()) + 1)
    block_of_rank = _cut(rows_at_rank, wanted, what)
    return pl.Series("block", np.array(BLOCKS)[block_of_rank[rank[units]]], dtype=pl.String)


def _check_shares(shares: Sequence[float]) -> npt.NDArray[np.float64]:
    wanted = np.asarray(shares, dtype=np.float64)
    if wanted.shape != (4,) or np.any(wanted < 0) or abs(float(wanted.sum()) - 1.0) > _TOLERANCE:
        raise UsageError(
            "not the shares of four blocks",
            argument="shares",
            value=tuple(shares),
            allowed="four numbers of at least 0 that sum to 1: " + ", ".join(BLOCKS),
        )
    return wanted


def _group_index(frame: pl.DataFrame, group: str | None) -> npt.NDArray[np.int64]:
    """(n,) the number of each row's group, in the order of the groups' names, so row order is irrelevant."""
    if group is None:
        return np.arange(frame.height, dtype=np.int64)
    if group not in frame.columns:
        raise unknown_name("column", group, frame.columns)
    column = frame[group]
    index = column.rank("dense").to_numpy().astype(np.float64) - 1.0
    missing = np.isnan(index)
    start = 0 if missing.all() else int(np.nanmax(index)) + 1
    index[missing] = start + np.arange(int(missing.sum()))
    return index.astype(np.int64)


def _rank_by_time(
    frame: pl.DataFrame, time: str | None, units: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """(n_units,) the rank of each group's latest time; equal times share a rank."""
    if time is None or time not in frame.columns:
        if time is not None:
            raise unknown_name("column", time, frame.columns)
        raise UsageError(
            "a split by time needs a column of times", argument="time", value=None, hint="Use order='rows'"
        )
    n_missing = frame[time].null_count()
    if n_missing:
        raise DataError(f"{n_missing} rows have no time", argument=time, hint="Use order='rows'")
    latest = (
        pl.DataFrame({"unit": units, "time": frame[time]})
        .group_by("unit")
        .agg(pl.col("time").max())
        .sort("unit")
    )
    return latest["time"].rank("dense").to_numpy().astype(np.int64) - 1


def _cut(
    rows_at_rank: npt.NDArray[np.int64], wanted: npt.NDArray[np.float64], what: str
) -> npt.NDArray[np.int64]:
    """(n_ranks,) the block of each rank: cuts nearest to the shares, no wanted block empty."""
    n_ranks, used = len(rows_at_rank), np.flatnonzero(wanted > 0)
    if n_ranks < len(used):
        raise DataError(
            f"{n_ranks} {what} cannot fill {len(used)} blocks",
            argument=what,
            value=n_ranks,
            allowed=f"at least {len(used)}",
            hint="Use order='rows', or another group" if what == "distinct times" else "Use smaller groups",
        )
    before = np.concatenate([[0], np.cumsum(rows_at_rank)])
    targets = np.cumsum(wanted)[used][:-1] * before[-1]
    block = np.full(n_ranks, used[-1], dtype=np.int64)
    start = 0
    for place, target in enumerate(targets):
        low, high = start + 1, n_ranks - (len(used) - 1 - place)
        end = low + int(np.argmin(np.abs(before[low : high + 1] - target)))
        block[start:end] = used[place]
        start = end
    return block
