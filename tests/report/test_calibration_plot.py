from dataclasses import replace

from adwright.report.calibration_plot import plot_calibration
from adwright.report.edition import Edition
from report.sample import sample_figures


def test_points_and_diagonal_fit_in_the_frame():
    figures = sample_figures("zh")
    target = figures.predictor.targets[0]
    plot = plot_calibration(Edition.of(figures, "zh"), target, key="1")
    top = plot.layout["xaxis"]["range"][1]
    assert plot.layout["yaxis"]["range"] == [0, top]
    assert max(p.observed.high for p in target.calibration) < top
    assert plot.data[1]["x"] == [p.predicted for p in target.calibration]
    assert len(plot.rows) == len(target.calibration)


def test_a_target_without_bins_has_no_picture():
    figures = sample_figures("en")
    target = replace(figures.predictor.targets[0], calibration=())
    assert plot_calibration(Edition.of(figures, "en"), target, key="1") is None
