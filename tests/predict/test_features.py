import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict.features import FeatureMap, Standard, strings
from adwright.predict.recipe import PredictRecipe

RECIPE = PredictRecipe.of(
    {
        "columns": {"text": ["t"], "categorical": ["c"], "numeric": ["x"]},
        "targets": {"click": {"label": "y"}},
        "model": {"min_char_texts": 1, "min_word_texts": 1},
    }
)
FRAME = pl.DataFrame({"t": ["red shoe", "蓝色鞋子", None], "c": ["a", None, "b"], "x": [1.0, 3.0, None]})


def test_standardising_gives_mean_zero_and_spread_one_and_clips():
    values = np.random.default_rng(0).normal(5, 3, (200, 2))
    z = Standard.learn(values).transform(values)
    assert z.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert z.std(axis=0) == pytest.approx(1)
    assert Standard.learn(values).transform(np.array([[1e9, np.nan]])).tolist() == [[5.0, 0.0]]


def test_a_constant_column_is_nothing_even_where_it_later_differs():
    assert Standard.learn(np.full((5, 1), 7.0)).transform(np.array([[7.0], [900.0]])).tolist() == [
        [0.0],
        [0.0],
    ]


def test_unseen_words_categories_and_missing_numbers_are_zero():
    learned = FeatureMap.learn(FRAME, RECIPE)
    new = pl.DataFrame({"t": ["zzz qqq"], "c": ["never"], "x": [None]}, schema_overrides={"x": pl.Float64})
    x = learned.transform(new).toarray()[0]
    n_surface = 24
    words_and_categories = np.r_[x[: -2 - 3 - n_surface], x[-5:-2]]
    assert not words_and_categories.any()
    assert x[-2:].tolist() == [0.0, 1.0]


def test_a_missing_category_is_a_category():
    x = FeatureMap.learn(FRAME, RECIPE).transform(FRAME).toarray()
    assert x[:, -5:-2].sum(axis=1).tolist() == [1, 1, 1]
    assert len({tuple(row) for row in x[:, -5:-2]}) == 3


def test_one_category_may_come_as_a_number_of_another_type():
    whole, real = pl.DataFrame({"c": [1, 20]}), pl.DataFrame({"c": [1.0, 20.0]})
    assert strings(whole, "c") == strings(real, "c") == ["1", "20"]


def test_a_numeric_column_of_texts_is_one_line_with_the_value():
    with pytest.raises(DataError, match="what is no number; x = 'wide'"):
        FeatureMap.learn(FRAME.with_columns(x=pl.Series(["1", "wide", "3"])), RECIPE)


def test_an_absent_column_is_one_line():
    with pytest.raises(DataError, match="no column 'c'"):
        FeatureMap.learn(FRAME, RECIPE).transform(FRAME.drop("c"))


def test_it_survives_its_own_json():
    learned = FeatureMap.learn(FRAME, RECIPE)
    again = FeatureMap.from_json(*learned.to_json())
    assert (again.transform(FRAME) != learned.transform(FRAME)).nnz == 0
    assert learned.transform(FRAME).shape[1] == learned.n_features
