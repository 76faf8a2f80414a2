"""The slices that a setting is judged on."""

import numpy as np
import pytest

from adwright.errors import DataError
from adwright.learn.tuning.folds import make_folds
from adwright.predict import PredictRecipe
from adwright.predict.table import Table
from predict.synthetic_table import click_recipe, draw_table


def table_of(**changes):
    frame, _ = draw_table(0, n_groups=100, per_group=3)
    return Table.of(frame, PredictRecipe.of(click_recipe(**changes)))


def test_the_first_fold_is_train_and_tune_themselves() -> None:
    table = table_of()
    fold = make_folds(table, 1, seed=0)[0]
    blocks = table.blocks(0)
    np.testing.assert_array_equal(fold.learned, blocks == "train")
    np.testing.assert_array_equal(fold.judged, blocks == "tune")


def test_by_time_every_slice_is_predicted_from_what_came_before_it() -> None:
    table = table_of()
    folds = make_folds(table, 3, seed=0)
    assert len(folds) == 3
    days = table.frame["day"].to_numpy()
    for fold in folds:
        assert days[fold.learned].max() < days[fold.judged].min()
    judged = np.sum([fold.judged for fold in folds], axis=0)
    assert judged.max() == 1  # no row judges twice
    assert [int(fold.judged.sum()) for fold in folds] == [30, 30, 30]


@pytest.mark.parametrize("order", ["time", "rows"])
def test_calibrate_and_test_are_never_touched(order: str) -> None:
    table = table_of(split={"order": order})
    later = np.isin(table.blocks(5), ("calibrate", "test"))
    for fold in make_folds(table, 4, seed=5):
        assert not np.any(later & (fold.learned | fold.judged))
        assert not np.any(fold.learned & fold.judged)
        groups = table.group
        assert not set(groups[fold.learned]) & set(groups[fold.judged])


def test_by_rows_a_slice_is_predicted_from_all_the_rest_of_train_and_tune() -> None:
    table = table_of(split={"order": "rows"})
    pool = np.isin(table.blocks(1), ("train", "tune"))
    for fold in make_folds(table, 3, seed=1):
        np.testing.assert_array_equal(fold.learned | fold.judged, pool)


def test_there_are_fewer_folds_where_train_is_short() -> None:
    folds = make_folds(table_of(split={"shares": [0.3, 0.2, 0.25, 0.25]}), 5, seed=0)
    assert len(folds) == 1


def test_without_a_tune_block_nothing_can_be_judged() -> None:
    with pytest.raises(DataError, match="no tune block"):
        make_folds(table_of(split={"shares": [0.7, 0.0, 0.15, 0.15]}), 2, seed=0)


def test_a_thinned_fold_keeps_whole_groups_and_all_that_judge() -> None:
    table = table_of()
    fold = make_folds(table, 1, seed=0)[0]
    thin = fold.thinned(table.group, 0.3)
    np.testing.assert_array_equal(thin.judged, fold.judged)
    assert not np.any(thin.learned & ~fold.learned)
    kept, whole = set(table.group[thin.learned]), set(table.group[fold.learned])
    assert len(kept) == 18
    assert len(whole) == 60
    assert int(thin.learned.sum()) == 3 * len(kept)
    again = fold.thinned(table.group, 0.3)
    np.testing.assert_array_equal(again.learned, thin.learned)
