import numpy as np
import pytest

from adwright.errors import DataError
from adwright.predict.evaluation import evaluate_table
from adwright.predict.recipe import PredictRecipe
from adwright.predict.table import Table
from adwright.schema import Rate
from predict.synthetic_table import click_recipe, draw_table

FRAME, MEAN = draw_table(1, n_groups=120, k=50.0, level_sd=0.4)
TABLE = Table.of(FRAME, PredictRecipe.of(click_recipe()))
ALL = np.ones(FRAME.height, bool)


def rate(mean=MEAN, k=50.0, level_sd=0.4):
    n = len(mean)
    return Rate(mean=mean, k=np.full(n, k), level_sd=np.full(n, level_sd))


def judge(rate, judged=ALL):
    found = evaluate_table(
        TABLE, judged, rates={"click": rate}, constants={"click": (0.02, 300.0)}, n_boot=200
    )
    return found["click"]


def inside(value, estimate):
    return estimate["low"] <= value <= estimate["high"]


def test_the_truth_is_calibrated_and_covers():
    """Judged by the distribution the table was drawn from: every nominal value lies in its interval."""
    found = judge(rate())
    assert inside(1.0, found["calibration_slope"])
    assert inside(0.9, found["coverage_90"]["all"]) or abs(found["coverage_90"]["all"]["value"] - 0.9) < 0.03
    assert found["debiased_ece"]["low"] < 0.002
    assert found["log_predictive"]["gain"]["low"] > 0
    assert found["pair_accuracy"]["all"]["low"] > 0.5


def test_each_wrong_spread_is_seen():
    narrow, wide = judge(rate(k=1e6, level_sd=0.0)), judge(rate(level_sd=1.2))
    assert narrow["coverage_90"]["all"]["high"] < 0.8
    assert wide["coverage_90"]["all"]["low"] > 0.93
    truth = judge(rate())["log_predictive"]["model"]["value"]
    assert narrow["log_predictive"]["model"]["value"] < truth
    assert wide["log_predictive"]["model"]["value"] < truth


def test_predictions_too_far_apart_have_a_slope_below_one():
    far = np.clip(np.exp(2 * np.log(MEAN)) / np.exp(np.log(MEAN).mean()), 0, 1)
    assert judge(rate(far))["calibration_slope"]["high"] < 1.0


def test_every_number_says_its_n_and_has_an_interval():
    found = judge(rate())
    assert found["n_rows"] == FRAME.height
    assert found["n_trials"] == FRAME["n"].sum()
    for name in (
        "auc",
        "group_auc",
        "log_loss",
        "calibration_slope",
        "calibration_intercept",
        "debiased_ece",
    ):
        assert found[name]["n"] == FRAME.height
        assert found[name]["n_clusters"] == 120
        assert found[name]["low"] <= found[name]["value"] <= found[name]["high"]
    assert [len(found["coverage_90"][f"by_{by}"]) for by in ("prediction", "trials")] == [5, 5]
    assert found["pair_accuracy"]["p<.05"]["n"] < found["pair_accuracy"]["all"]["n"]


def test_the_same_rows_give_the_same_numbers():
    assert judge(rate()) == judge(rate())


def test_unknown_concentrations_leave_coverage_out():
    nan = np.full(len(MEAN), np.nan)
    found = judge(Rate(mean=MEAN, k=nan, level_sd=nan))
    assert "coverage_90" not in found
    assert "auc" in found


def test_nothing_to_judge_is_one_line():
    none = FRAME.with_columns(n=0, y=0)
    table = Table.of(none, TABLE.recipe)
    with pytest.raises(DataError, match="no judged row has outcomes"):
        evaluate_table(table, ALL, rates={"click": rate()}, constants={"click": (0.02, 300.0)}, n_boot=10)
