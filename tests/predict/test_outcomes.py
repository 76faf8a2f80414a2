import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict.outcomes import read_counts, read_orders, read_trials
from adwright.predict.recipe import Columns, OrderValueTarget, PredictRecipe, RateTarget, Targets

COUNTS = RateTarget(trials="n", successes="y")


def recipe(**targets):
    return PredictRecipe(columns=Columns(text=("t",)), targets=Targets(**targets))


def test_counts_without_trials_or_with_nulls_count_for_nothing():
    frame = pl.DataFrame({"n": [10, 0, None, 5, 4], "y": [3, 0, 1, None, 4]})
    counts = read_counts(frame, recipe(click=COUNTS), "click")
    assert counts.trials.tolist() == [10, 0, 0, 0, 4]
    assert counts.successes.tolist() == [3, 0, 0, 0, 4]
    assert counts.known.tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    "label", [[1, 0, None], [True, False, None], [1.0, 0.0, float("nan")], ["1", "0", None]]
)
def test_labels_may_be_numbers_booleans_or_digits(label):
    counts = read_counts(pl.DataFrame({"y": label}), recipe(click=RateTarget(label="y")), "click")
    assert counts.successes.tolist() == [1, 0, 0]
    assert counts.trials.tolist() == [1, 1, 0]


def test_a_labelled_conversion_is_given_click():
    frame = pl.DataFrame({"clicked": [1, 1, 0], "bought": [1, 0, 0]})
    both = recipe(click=RateTarget(label="clicked"), conversion=RateTarget(label="bought"))
    assert read_counts(frame, both, "conversion").trials.tolist() == [1, 1, 0]
    alone = recipe(conversion=RateTarget(label="bought"))
    assert read_counts(frame, alone, "conversion").trials.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("n", "y", "says"),
    [
        ([10], [11], "at most n"),
        ([-1], [0], "whole counts"),
        ([10], [0.5], "whole counts"),
        (["ten"], [1], "no number"),
        ([float("inf")], [1], "infinite"),
    ],
)
def test_impossible_counts_are_one_line_that_names_the_column(n, y, says):
    with pytest.raises(DataError, match=says):
        read_counts(pl.DataFrame({"n": n, "y": y}), recipe(click=COUNTS), "click")


def test_a_label_of_two_is_refused_with_its_row():
    with pytest.raises(DataError, match="row 1 of column 'y'"):
        read_counts(pl.DataFrame({"y": [1, 2]}), recipe(click=RateTarget(label="y")), "click")


def test_order_values_come_as_sums_or_one_a_row():
    sums = OrderValueTarget(currency="EUR", sum_minor="v", count="k")
    found = read_orders(
        pl.DataFrame({"v": [900, None, 100, -50], "k": [3, 1, 0, 1]}), recipe(order_value=sums)
    )
    assert found.sum_minor.tolist() == [900, 0, 0, -50]
    assert found.count.tolist() == [3, 0, 0, 1]
    one = OrderValueTarget(currency="USD", label="spend", minor_per_unit=100)
    found = read_orders(pl.DataFrame({"spend": [29.99, 0.0, None]}), recipe(order_value=one))
    assert found.sum_minor == pytest.approx([2999, 0, 0])
    assert found.count.tolist() == [1, 0, 0]


def test_trials_alone_are_read_for_scoring():
    assert read_trials(pl.DataFrame({"n": [5, None]}), COUNTS)[0] == 5
    assert np.isnan(read_trials(pl.DataFrame({"n": [5, None]}), COUNTS)[1])
    assert read_trials(pl.DataFrame({"m": [5]}), COUNTS) is None
    assert read_trials(pl.DataFrame({"y": [1]}), RateTarget(label="y")) is None
