"""What a score is worth on rows that its model did not learn from."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse, special

from adwright.learn.tuning.judging import Losses, judge, paired_gain
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows

PLAIN = Nuisance(0.0, 0.0)


def labels(score, seed=0, shift=-0.5):
    rng = np.random.default_rng(seed)
    y = (rng.random(len(score)) < special.expit(shift + score)).astype(float)
    return rows_of(y, np.ones(len(score)))


def rows_of(y, n, group=None):
    return Rows(sparse.csr_matrix((len(y), 1)), y, n, np.arange(len(y)), group, True, pl.DataFrame({"a": y}))


def test_the_loss_of_labels_is_their_log_loss_at_the_best_intercept_and_slope() -> None:
    score = np.random.default_rng(1).normal(size=4000)
    rows = labels(score)
    found = judge(rows, score, PLAIN, clusters=rows.content)
    p = special.expit(-0.5 + score)
    truth = -np.mean(rows.successes * np.log(p) + (1 - rows.successes) * np.log1p(-p))
    assert found.mean == pytest.approx(truth, abs=2e-3)
    rate = rows.successes.mean()
    null = -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    assert found.null.sum() / found.weight.sum() == pytest.approx(null, rel=1e-6)
    assert found.explained == pytest.approx(1 - truth / null, abs=0.01)


def test_a_shift_costs_nothing_and_a_score_without_merit_explains_nothing() -> None:
    score = np.random.default_rng(2).normal(size=2000)
    rows = labels(score)
    plain, shifted = (judge(rows, s, PLAIN, clusters=rows.content) for s in (score, score + 7))
    assert shifted.mean == pytest.approx(plain.mean, abs=1e-9)
    noise = judge(rows, np.random.default_rng(3).normal(size=2000), PLAIN, clusters=rows.content)
    assert abs(noise.explained) < 0.01
    turned = judge(rows, -score, PLAIN, clusters=rows.content)
    assert turned.explained == pytest.approx(0.0, abs=1e-9)
    flat = judge(rows, np.zeros(2000), PLAIN, clusters=rows.content)
    assert flat.explained == pytest.approx(0.0, abs=1e-9)


def test_a_groups_level_is_nobodys_merit() -> None:
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(100), 4)
    level, inside = rng.normal(0, 1.0, 100)[group], rng.normal(0, 0.3, 400)
    n = np.full(400, 3000.0)
    y = rng.binomial(3000, special.expit(-4 + level + inside)).astype(float)
    rows, nuisance = rows_of(y, n, group), Nuisance(0.0, 1.0)
    of_level = judge(rows, level, nuisance, clusters=group)
    of_text = judge(rows, inside, nuisance, clusters=group)
    assert of_text.explained > 0.8
    assert of_level.explained < 0.1


def test_counts_that_are_met_exactly_lose_nothing() -> None:
    p = np.array([0.1, 0.2, 0.3, 0.4] * 30)
    rows = rows_of(1000 * p, np.full(120, 1000.0))
    found = judge(rows, special.logit(p), PLAIN, clusters=rows.content)
    assert found.mean == pytest.approx(0.0, abs=1e-7)
    assert found.explained == pytest.approx(1.0, abs=1e-3)


def test_the_standard_errors_are_those_of_repeated_samples() -> None:
    explained, gains, errors, gain_errors = [], [], [], []
    for seed in range(60):
        score = np.random.default_rng(1000 + seed).normal(size=1500)
        rows = labels(score, seed=seed)
        good = judge(rows, score, PLAIN, clusters=rows.content)
        worse = judge(
            rows, score + np.random.default_rng(seed).normal(size=1500), PLAIN, clusters=rows.content
        )
        explained.append(good.explained)
        errors.append(good.explained_se)
        gain, se = paired_gain(good, worse)
        gains.append(gain)
        gain_errors.append(se)
    # sd of 60 draws has a relative standard error of 9 %, so three of them
    assert np.mean(errors) == pytest.approx(np.std(explained, ddof=1), rel=0.3)
    assert np.mean(gain_errors) == pytest.approx(np.std(gains, ddof=1), rel=0.3)
    assert np.mean(gains) > 0


def test_joined_losses_are_sums_over_both() -> None:
    one = Losses(np.array([1.0, 2.0]), np.array([2.0, 2.0]), np.array([10.0, 10.0]))
    both = one.joined(Losses(np.array([3.0]), np.array([6.0]), np.array([20.0])))
    assert both.mean == pytest.approx(6 / 40)
    assert both.explained == pytest.approx(1 - 6 / 10)


def test_one_batch_has_no_standard_error() -> None:
    one = Losses(np.array([1.0]), np.array([2.0]), np.array([10.0]))
    assert one.explained_se == float("inf")
