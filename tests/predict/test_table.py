import itertools

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict.recipe import PredictRecipe
from adwright.predict.table import Table
from predict.synthetic_table import click_recipe, draw_table

FRAME, _ = draw_table(n_groups=40)


def table(frame=FRAME, **changes):
    return Table.of(frame, PredictRecipe.of(click_recipe(**changes)))


def test_no_group_stands_in_two_blocks_and_later_ones_come_later():
    blocks = table().blocks(0)
    sides = (
        pl.DataFrame({"test": FRAME["test"], "block": blocks})
        .group_by("test")
        .agg(pl.col("block").n_unique())
    )
    assert sides["block"].max() == 1
    days = FRAME["day"].to_numpy()
    order = [days[blocks == name] for name in ("train", "tune", "calibrate", "test")]
    assert all(a.max() < b.min() for a, b in itertools.pairwise(order))


def test_without_time_blocks_are_random_and_repeatable():
    plain = table(columns={"time": None, "group": None})
    assert (plain.blocks(1) == plain.blocks(1)).all()
    assert (plain.blocks(1) != plain.blocks(2)).any()
    assert np.mean(plain.blocks(1) == "train") == pytest.approx(0.6, abs=0.01)


def test_a_null_group_is_a_group_of_its_own():
    frame = FRAME.with_columns(test=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("test"))
    group = table(frame).group
    assert len(set(group[:5])) == 5


def test_without_a_group_stretches_of_time_share_a_level():
    level = table(columns={"group": None}).level(np.ones(FRAME.height, bool))
    assert len(np.unique(level)) == 20
    assert (np.diff(level[np.argsort(FRAME["day"].to_numpy(), kind="stable")]) >= 0).all()


def test_rows_that_share_group_and_within_may_be_compared():
    frame = FRAME.with_columns(image=(pl.int_range(pl.len()) % 2).cast(pl.String))
    key = table(frame, columns={"within": ["image"]}).pair_key()
    assert len(np.unique(key)) == 80


def test_texts_are_told_apart_by_what_they_say():
    frame = FRAME.head(4).with_columns(text=pl.Series(["a", "b", "a", None]))
    key = table(frame).text_key()
    assert key[0] == key[2]
    assert len(set(key)) == 3


def test_an_empty_table_is_one_line():
    with pytest.raises(DataError, match="no rows"):
        table(FRAME.head(0))
