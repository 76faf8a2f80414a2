import pytest

from adwright.report import Estimate, MetricFigures
from adwright.report.edition import Edition
from adwright.report.readings import reading, written
from report.sample import sample_figures


def _metric(name, mean, low=None, high=None):
    return MetricFigures(name=name, estimate=Estimate(mean=mean, low=low, high=high), n=100)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (_metric("auc", 0.68, 0.64, 0.72), "68 times out of 100"),
        (_metric("auc", 0.53, 0.48, 0.58), "Not distinguishable from chance"),
        (_metric("group_auc", 0.60, 0.55, 0.65), "within one and the same test"),
        (_metric("pair_accuracy", 0.55, 0.49, 0.61), "tossing a coin"),
        (_metric("calibration_slope", 0.7, 0.6, 0.8), "too extreme"),
        (_metric("calibration_slope", 1.4, 1.2, 1.6), "too cautious"),
        (_metric("calibration_slope", 0.95, 0.8, 1.1), "as they should be"),
        (_metric("coverage", 0.8, 0.75, 0.85), "too narrow"),
        (_metric("coverage", 0.97, 0.95, 0.99), "wider than need be"),
        (_metric("coverage", 0.89, 0.84, 0.94), "keep their promise"),
        (_metric("ece", 0.0021), "0.210%"),
    ],
)
def test_a_measure_is_read_by_its_interval(metric, expected):
    assert expected in reading(Edition.of(sample_figures("en"), "en"), metric)


def test_an_unknown_measure_is_shown_without_a_reading():
    edition = Edition.of(sample_figures("en"), "en")
    assert reading(edition, _metric("pinball", 0.2)) == ""
    assert written(edition, _metric("pinball", 0.2), 0.2) == "0.200"
