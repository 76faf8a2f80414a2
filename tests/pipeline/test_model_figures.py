from __future__ import annotations

from collections.abc import Callable

import pytest

from adwright.pipeline.effects import EffectModel
from adwright.pipeline.model_figures import predictor_figures
from adwright.workspace import Workspace
from pipeline.test_effects import learn


@pytest.fixture
def model(make_shop: Callable[..., Workspace]) -> EffectModel:
    return learn(make_shop(n_groups=100))


def test_without_a_model_there_are_no_figures() -> None:
    assert predictor_figures(EffectModel(predictor=None, version="prior", metrics={}, n_rows=0)) is None


def test_every_measure_is_the_one_of_the_test_block(model: EffectModel) -> None:
    figures = predictor_figures(model)
    assert figures is not None
    assert (figures.model_version, figures.data) == (
        "effect@1",
        {"en": "300 past contents with their results", "zh": "300 条有结果的历史文案"},
    )
    assert [t.name for t in figures.targets] == ["click", "conversion"]
    measured = model.metrics["targets"]["click"]
    click = figures.targets[0]
    shown = {m.name: m for m in click.metrics}
    assert set(shown) >= {"auc", "log_loss", "calibration_slope", "ece", "pair_accuracy", "coverage"}
    for name, key in (("auc", "auc"), ("log_loss", "log_loss"), ("ece", "debiased_ece")):
        estimate = shown[name].estimate
        assert estimate.mean == measured[key]["value"]
        assert (estimate.low, estimate.high, estimate.level) == (
            measured[key]["low"],
            measured[key]["high"],
            0.95,
        )
        assert shown[name].n == measured["n_rows"]
    assert shown["pair_accuracy"].n == measured["pair_accuracy"]["all"]["n"]
    assert shown["coverage"].estimate.mean == measured["coverage_90"]["all"]["value"]
    assert shown["auc"].baseline == shown["pair_accuracy"].baseline == 0.5
    assert click.base_rate == measured["mean_observed"]


def test_the_two_spreads_are_those_of_calibrate(model: EffectModel) -> None:
    assert model.predictor is not None
    fitted = model.predictor.card["metrics"]["click"]["effects_on_calibrate"]
    figures = predictor_figures(model)
    assert figures is not None
    click = figures.targets[0]
    assert click.level_sd == fitted["level_sd"]
    assert click.k == (1 / fitted["variance"] if fitted["variance"] else None)


def test_the_calibration_curve_has_the_points_that_were_measured(model: EffectModel) -> None:
    figures = predictor_figures(model)
    assert figures is not None
    points = figures.targets[0].calibration
    assert len(points) > 1
    assert sum(p.n for p in points) == figures.targets[0].n
    for point in points:
        assert 0 < point.predicted < 1
        assert point.observed.low is not None
        assert point.observed.high is not None
        assert point.observed.low <= point.observed.mean <= point.observed.high
