import numpy as np
import pytest
from scipy import sparse, stats

from adwright.predict.models.contrasts import MAX_CELLS, contrasts
from adwright.predict.rows import Rows

VARIANCES = {"content_variance": 0.03, "sibling_variance": 0.06, "level_variance": 0.4}


def rows(y, n, group=None, siblings=None):
    size = len(y)
    return Rows(
        sparse.csr_matrix((size, 1)),
        np.asarray(y, float),
        np.asarray(n, float),
        np.arange(size),
        None if group is None else np.asarray(group),
        knows_content=True,
        siblings=None if siblings is None else np.asarray(siblings),
    )


def found(part, text, **changes):
    return contrasts(part, np.asarray(text), **{**VARIANCES, **changes}, rng=np.random.default_rng(0))


def test_the_loss_is_that_of_a_normal_with_level_and_siblings_integrated_out():
    """Against scipy's multivariate normal: log-densities of two sets of scores differ by their losses."""
    part = rows([30, 50, 20], [1000, 1100, 900], [0, 0, 0], [0, 0, 1])
    (one,) = found(part, [0, 1, 2])
    y, n = part.successes, part.trials
    rate = (100 + 0.5) / (3000 + 1)
    target = np.log((y + 0.5) / (n - y + 0.5)) - np.log(rate / (1 - rate))
    covariance = np.diag(1 / (y + 0.5) + 1 / (n - y + 0.5) + 0.03) + 0.4
    covariance += 0.06 * np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    a, b = np.array([0.1, 0.2, -0.3]), np.array([0.0, 0.5, 0.1])
    normal = stats.multivariate_normal(target, covariance)
    assert one.loss(b) - one.loss(a) == pytest.approx(normal.logpdf(a) - normal.logpdf(b), rel=1e-9)


def test_with_a_free_level_a_shift_of_all_scores_costs_nothing():
    part = rows([30, 50], [1000, 1000], [0, 0], [0, 0])
    (one,) = found(part, [0, 1], level_variance=1e8)
    assert one.loss(np.array([0.1, 0.3])) == pytest.approx(one.loss(np.array([5.1, 5.3])), abs=1e-6)


def test_siblings_are_compared_more_surely_than_rows_that_share_only_the_group():
    alike = found(rows([30, 50], [1000, 1000], [0, 0], [0, 0]), [0, 1])[0]
    apart = found(rows([30, 50], [1000, 1000], [0, 0], [0, 1]), [0, 1])[0]
    gap = np.array([1.0, -1.0])
    assert gap @ alike.precision @ gap > 1.5 * (gap @ apart.precision @ gap)


def test_the_same_text_among_the_same_siblings_is_one_cell():
    (one,) = found(rows([10, 20, 5], [100, 200, 100], [0, 0, 0], [0, 0, 0]), [0, 0, 1])
    merged = found(rows([30, 5], [300, 100], [0, 0], [0, 0]), [0, 1])[0]
    assert np.allclose(one.target, merged.target)
    assert np.allclose(one.precision, merged.precision)


def test_rows_without_groups_stand_alone():
    assert [len(c.text) for c in found(rows([1, 0, 3], [10, 10, 10]), [0, 1, 0])] == [1, 1, 1]


def test_a_huge_group_is_cut_and_no_cell_is_lost():
    size = 3 * MAX_CELLS + 5
    parts = found(rows(np.ones(size), np.full(size, 9), np.zeros(size, int)), np.arange(size))
    assert sorted(np.concatenate([c.text for c in parts])) == list(range(size))
    assert max(len(c.text) for c in parts) == MAX_CELLS
