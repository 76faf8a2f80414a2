import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError, InfeasibleError
from adwright.generate.relevance_calibration import RelevanceCalibration, calibrate_relevance


def _answers(pairs):
    return pl.DataFrame(pairs, schema=["content_id", "answer"], orient="row")


def test_pool_adjacent_violators_by_hand():
    scores = {"a": 0.1, "b": 0.3, "c": 0.5, "d": 0.7, "e": 0.9}
    answers = _answers([("a", 1), ("b", 4), ("c", 2), ("d", 4), ("e", 5)])
    found = calibrate_relevance(scores, answers)
    # b and c violate the order and become their mean (3 + 1) / 2 = 2 steps of 4
    assert [found.apply(s) for s in scores.values()] == pytest.approx([0, 0.5, 0.5, 0.75, 1])
    assert (found.n_contents, found.n_answers) == (5, 5)
    assert found.apply(0.0) == 0
    assert found.apply(1.0) == 1


def test_contents_weigh_by_their_answers():
    scores = {"a": 0.1, "b": 0.3, "c": 0.5, "d": 0.7, "e": 0.9}
    answers = _answers([("a", 1), *[("b", 4)] * 3, ("c", 2), ("d", 5), ("e", 5)])
    assert calibrate_relevance(scores, answers).apply(0.4) == pytest.approx((3 * 0.75 + 0.25) / 4)


def test_it_never_falls_and_follows_the_truth():
    rng = np.random.default_rng(5)
    raw = rng.uniform(size=400)
    truth = raw**2
    picks = 1 + (rng.uniform(size=(400, 4)) < truth[:, None]).sum(axis=1)
    found = calibrate_relevance(
        {str(i): float(s) for i, s in enumerate(raw)},
        _answers([(str(i), int(a)) for i, a in enumerate(picks)]),
    )
    grid = np.linspace(0, 1, 50)
    values = np.array([found.apply(g) for g in grid])
    assert (np.diff(values) >= 0).all()
    # a cell of 40 contents has a standard error of at most 0.25 / sqrt(40) = 0.04
    assert abs(values[5:-5] - grid[5:-5] ** 2).max() < 4 * 0.04


def test_answers_without_a_score_are_left_out():
    scores = {str(i): i / 10 for i in range(5)}
    answers = _answers([*[(str(i), 3) for i in range(5)], ("unknown", 1), (None, 2)])
    found = calibrate_relevance(scores, answers)
    assert (found.n_answers, found.apply(0.2)) == (5, 0.5)


def test_what_is_wrong_is_named():
    scores = {str(i): i / 10 for i in range(5)}
    with pytest.raises(DataError, match="answer"):
        calibrate_relevance(scores, pl.DataFrame({"content_id": ["1"]}))
    with pytest.raises(DataError, match="1 to 5"):
        calibrate_relevance(scores, _answers([("1", 6)]))
    with pytest.raises(InfeasibleError, match="5 or more"):
        calibrate_relevance(scores, _answers([("1", 3)]))


def test_it_is_linear_between_its_knots():
    assert RelevanceCalibration((0.2, 0.6), (0.0, 0.5), 5, 50).apply(0.5) == pytest.approx(0.375)
