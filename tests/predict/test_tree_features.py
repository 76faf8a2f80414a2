import numpy as np
import polars as pl
import pytest
from scipy import sparse

from adwright.predict.models.tree_features import MAX_CATEGORIES, TreeFeatures
from adwright.predict.rows import Rows


def rows(values, y, group=None):
    size = len(values)
    return Rows(
        sparse.csr_matrix((size, 1)),
        np.asarray(y, float),
        np.ones(size),
        np.arange(size),
        group,
        knows_content=False,
        frame=pl.DataFrame({"a": values}),
    )


def learn(part):
    return TreeFeatures.learn(part, {"a": "categorical"}, np.ones(len(part)))


def test_rare_categories_go_by_how_often_training_saw_them():
    values = [str(i) for i in range(MAX_CATEGORIES + 50)] + ["0"] * 9
    features = learn(rows(values, np.zeros(len(values))))
    table = features.transform(pl.DataFrame({"a": ["0", str(MAX_CATEGORIES + 40), "never", None]}))
    assert table[0, 1] == np.log1p(10)
    assert table[1, 1] == np.log1p(1)
    assert np.isnan(table[1:, 0]).all()
    assert (table[2:, 1] == 0).all()


def test_a_values_log_odds_are_shrunk_to_the_mean():
    """40 of 100 and 10 of 100; by hand with five events at the mean rate of 50.5 in 201 as the prior."""
    features = learn(rows(["x"] * 100 + ["y"] * 100, [1] * 40 + [0] * 60 + [1] * 10 + [0] * 90))
    found = features.transform(pl.DataFrame({"a": ["x", "y", "new"]}))[:, 2]
    rate = 50.5 / 201
    prior = 5 / rate
    expected = [np.log((s + 5) / (100 - s + prior * (1 - rate))) for s in (40, 10)]
    assert found == pytest.approx([*expected, np.log(rate / (1 - rate))])


def test_a_training_row_never_sees_its_own_outcome():
    """Every value stands once: what training rows are shown of it is the mean, whatever their outcome."""
    part = rows([str(i) for i in range(60)], np.arange(60) % 2)
    table = learn(part).transform_training(part, np.ones(60), np.random.default_rng(0))
    assert np.ptp(table[:, 2]) == pytest.approx(0, abs=1e-12)


def test_groups_stay_in_one_fold():
    """One value a group of rows that share their outcome: the rest of the group must not give it away."""
    group = np.repeat(np.arange(20), 6)
    part = rows([f"g{i}" for i in group], group % 2, group=group)
    table = learn(part).transform_training(part, np.ones(120), np.random.default_rng(0))
    assert np.ptp(table[:, 2]) == pytest.approx(0, abs=1e-12)
