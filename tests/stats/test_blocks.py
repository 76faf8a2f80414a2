from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.errors import DataError, NotFoundError, UsageError
from adwright.stats.blocks import BLOCKS, split_blocks

START = datetime(2025, 1, 1, tzinfo=UTC)


def frame(days: list[int], groups: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"at": [START + timedelta(days=d) for d in days], "group": groups})


histories = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), min_size=40, max_size=120)


@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from(["time", "rows"]))
def test_no_group_stands_on_two_sides(rows: list[tuple[int, int]], order: str) -> None:
    table = frame([d for d, _ in rows], [str(g) for _, g in rows])
    try:
        block = split_blocks(table, time="at", group="group", order=order)
    except DataError:  # fewer than four groups or times: the error is tested below
        return
    sides = table.with_columns(block).group_by("group").agg(pl.col("block").n_unique())
    assert sides["block"].max() == 1
    assert set(block) == set(BLOCKS)


@settings(max_examples=60, deadline=None)
@given(histories)
def test_by_time_every_earlier_block_is_over_before_the_next_ones_groups_are(
    rows: list[tuple[int, int]],
) -> None:
    table = frame([d for d, _ in rows], [str(g) for _, g in rows])
    try:
        block = split_blocks(table, time="at", group="group")
    except DataError:
        return
    latest = table.with_columns(block).group_by("group").agg(pl.col("at").max(), pl.col("block").first())
    spans = [latest.filter(pl.col("block") == name)["at"] for name in BLOCKS]
    for earlier, later in itertools.pairwise(spans):
        assert earlier.max() < later.min()


def test_the_shares_are_met_as_nearly_as_groups_allow() -> None:
    table = frame(list(range(1000)), [str(i // 10) for i in range(1000)])
    block = split_blocks(table, time="at", group="group")
    counts = dict(block.value_counts().iter_rows())
    assert counts == {"train": 600, "tune": 100, "calibrate": 150, "test": 150}


def test_equal_times_stay_together() -> None:
    table = frame([0] * 50 + [1] * 10 + [2] * 20 + [3] * 20, [None] * 100)
    block = split_blocks(table, time="at", group="group")
    assert (
        table.with_columns(block).group_by("at").agg(pl.col("block").n_unique())["block"].to_list() == [1] * 4
    )


def test_a_group_stands_where_its_latest_row_stands() -> None:
    table = frame([*range(10), 0], [*map(str, range(10)), "9"])
    assert split_blocks(table, time="at", group="group")[10] == "test"


def test_by_rows_the_seed_decides_and_the_order_of_rows_does_not() -> None:
    rng = np.random.default_rng(0)
    table = frame([0] * 200, [str(g) for g in rng.integers(0, 50, 200)])

    def split(rows: pl.DataFrame, seed: int) -> list[tuple[str, str]]:
        block = split_blocks(rows, time=None, group="group", order="rows", seed=seed)
        return sorted(set(zip(rows["group"], block, strict=True)))

    assert split(table, 1) == split(table.sample(fraction=1.0, shuffle=True, seed=3), 1)
    assert split(table, 1) != split(table, 2)


def test_by_rows_blocks_are_a_random_sample() -> None:
    # 4,000 rows, 15 % each: the mean row number of the test block is within 4 standard errors of the middle.
    table = pl.DataFrame({"at": range(4000)})
    block = split_blocks(table, time="at", group=None, order="rows", seed=5)
    chosen = table.filter(block == "test")["at"]
    assert chosen.len() == 600
    assert abs(chosen.mean() - 1999.5) < 4 * np.sqrt(4000**2 / 12 / 600)


def test_a_share_of_zero_leaves_its_block_empty() -> None:
    table = pl.DataFrame({"at": range(100)})
    block = split_blocks(table, time="at", group=None, shares=(0.8, 0.0, 0.0, 0.2))
    assert dict(block.value_counts().iter_rows()) == {"train": 80, "test": 20}


@pytest.mark.parametrize(
    ("days", "groups", "order", "message"),
    [
        ([0] * 10, list("abcdefghij"), "time", "1 distinct times cannot fill 4 blocks.*order='rows'"),
        (list(range(10)), ["a"] * 10, "time", "1 distinct times"),
        (list(range(10)), ["a", "b", "c"] * 3 + ["a"], "rows", "3 groups cannot fill 4 blocks"),
        ([], [], "time", "no rows"),
    ],
)
def test_too_little_to_split_is_one_clear_error(
    days: list[int], groups: list[str], order: str, message: str
) -> None:
    table = pl.DataFrame({"at": days, "group": groups}, schema={"at": pl.Int64, "group": pl.String})
    with pytest.raises(DataError, match=message):
        split_blocks(table, time="at", group="group", order=order)


def test_callers_faults_are_named() -> None:
    table = pl.DataFrame({"at": [1, None, 3, 4, 5]})
    with pytest.raises(DataError, match="1 rows have no time"):
        split_blocks(table, time="at", group=None)
    with pytest.raises(NotFoundError, match="column"):
        split_blocks(table, time="when", group=None)
    with pytest.raises(NotFoundError, match="column"):
        split_blocks(table, time="at", group="test", order="rows")
    with pytest.raises(UsageError, match="needs a column"):
        split_blocks(table, time=None, group=None)
    with pytest.raises(UsageError, match="order"):
        split_blocks(table, time="at", group=None, order="folds")  # type: ignore[arg-type]
    for shares in [(0.5, 0.5), (0.5, 0.5, 0.5, -0.5), (0.1, 0.1, 0.1, 0.1)]:
        with pytest.raises(UsageError, match="shares"):
            split_blocks(table, time="at", group=None, shares=shares)
