import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from adwright.stats.ranking import auc, group_auc, pair_accuracy


def test_auc_equals_scikit_learn_with_ties_and_weights():
    rng = np.random.default_rng(0)
    score, y = rng.integers(0, 12, 300).astype(float), rng.integers(0, 2, 300)
    weights = rng.integers(0, 4, (3, 300)).astype(float)
    ours = auc(score, y, weights=weights)
    for row, value in zip(weights, ours, strict=True):
        assert value == pytest.approx(roc_auc_score(y, score, sample_weight=row))


def test_auc_of_counts_equals_auc_of_the_trials_one_by_one():
    score, y, n = np.array([0.1, 0.2, 0.2, 0.9]), np.array([1, 0, 2, 3]), np.array([4, 2, 3, 3])
    labels = np.concatenate([np.r_[np.ones(a), np.zeros(b - a)] for a, b in zip(y, n, strict=True)])
    expected = roc_auc_score(labels, np.repeat(score, n))
    assert auc(score, y, trials=n)[0] == pytest.approx(expected)


def test_auc_of_one_class_is_undefined():
    assert np.isnan(auc(np.array([0.1, 0.2]), np.array([1, 1]))[0])


def test_group_auc_counts_pairs_of_one_group_only():
    """Second implementation: every pair, by hand."""
    rng = np.random.default_rng(1)
    score, y, group = rng.integers(0, 5, 80).astype(float), rng.integers(0, 2, 80), rng.integers(0, 9, 80)
    won = total = 0.0
    for i, j in itertools.permutations(range(80), 2):
        if group[i] == group[j] and y[i] > y[j]:
            total += 1
            won += 1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0
    ours, pairs = group_auc(score, y, group=group)
    assert ours.sum() == pytest.approx(won)
    assert pairs.sum() == pytest.approx(total)


def test_pairs_are_all_pairs_of_a_group_with_the_score_test_of_two_proportions():
    score = np.array([3.0, 1.0, 2.0, 2.0])
    y, n, group = np.array([30.0, 20.0, 10.0, 5.0]), np.full(4, 100.0), np.array([1, 1, 1, 2])
    pairs = pair_accuracy(score, y, n, group=group)
    found = {
        (int(a), int(b)): (z, c) for a, b, z, c in zip(pairs.a, pairs.b, pairs.z, pairs.correct, strict=True)
    }
    assert set(found) == {(0, 1), (1, 2), (0, 2)}
    pooled = 0.25
    assert found[0, 1][0] == pytest.approx(0.1 / np.sqrt(pooled * (1 - pooled) * 2 / 100))
    assert [found[p][1] for p in ((0, 1), (1, 2), (0, 2))] == [1.0, 0.0, 1.0]


def test_pairs_of_one_text_and_pairs_without_a_winner_are_left_out():
    y, n, group = np.array([3.0, 3.0, 5.0]), np.full(3, 10.0), np.zeros(3)
    text = np.array(["a", "b", "a"])
    pairs = pair_accuracy(np.array([1.0, 2.0, 3.0]), y, n, group=group, distinct=text)
    assert list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)) == [(1, 2)]


def test_a_tied_score_is_half_right():
    pairs = pair_accuracy(np.zeros(2), np.array([1.0, 5.0]), np.full(2, 10.0), group=np.zeros(2))
    assert pairs.correct.tolist() == [0.5]


def test_a_huge_group_is_cut_and_says_so():
    n = 400
    y = np.arange(n, dtype=float)
    pairs = pair_accuracy(y, y, np.full(n, 1000.0), group=np.zeros(n))
    assert pairs.truncated
    assert pairs.correct.mean() == 1.0
