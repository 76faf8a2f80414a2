"""What a study judges where the table does not show every success."""

from dataclasses import replace

import numpy as np
import pytest

from adwright.learn.tuning.objective import Objective
from adwright.learn.tuning.verdict import compare_on_test
from adwright.predict import Predictor
from adwright.predict.table import Table
from predict.test_delay import draw, recipe

FRAME, TRUTH = draw(n=6_000)


def test_late_conversions_do_not_pass_for_failures() -> None:
    """The last days show half of their conversions; counted as far as they were seen, the rate is the true one."""
    late = recipe(split={"shares": [0.6, 0.3, 0.1, 0.0]})
    objective = Objective(Table.of(FRAME, late), "conversion", n_folds=1, first_share=1.0)
    learned, judged = objective._rows(late, 0)
    truth = TRUTH[objective.folds[0].judged].mean()
    assert judged.successes.mean() < 0.8 * truth
    assert judged.successes.sum() / judged.trials.sum() == pytest.approx(truth, rel=0.1)
    # the outcomes are the same for every setting, so that settings stay paired
    other = replace(late, model=replace(late.model, min_word_texts=7, ridges=(99.0,)))
    np.testing.assert_array_equal(objective._rows(other, 0)[1].trials, judged.trials)
    np.testing.assert_array_equal(objective._rows(other, 0)[0].trials, learned.trials)


def test_a_table_that_shows_all_is_counted_as_it_is() -> None:
    whole = recipe(delay=False)
    objective = Objective(Table.of(FRAME, whole), "conversion", n_folds=1, first_share=1.0)
    assert (objective._rows(whole, 0)[1].trials == 1.0).all()


def test_the_verdict_judges_rates_as_the_table_shows_them() -> None:
    """As `evaluate` does, whose log-loss is computed elsewhere."""
    late = recipe(split={"shares": [0.5, 0.1, 0.1, 0.3]})
    model = Predictor.fit(FRAME, late)
    found = compare_on_test(model, model, Table.of(FRAME, late), seed=late.seed, target="conversion")
    assert found is not None
    judged = model.evaluate(FRAME)["targets"]["conversion"]
    assert judged["mean_share_seen"] < 0.8
    assert found.default["log_loss"] == pytest.approx(judged["log_loss"]["value"])
