import json

import plotly.graph_objects as go
import pytest

from adwright.report.calibration_plot import plot_calibration
from adwright.report.edition import Edition
from adwright.report.figures import Estimate
from adwright.report.interval_plots import plot_differences, plot_intervals
from adwright.report.plot import error_bars, shown
from adwright.report.traffic_plots import plot_cumulative, plot_probabilities
from report.sample import sample_figures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_plotly_accepts_every_picture(language):
    figures = sample_figures(language)
    edition, test = Edition.of(figures, language), figures.tests[0]
    plots = [
        plot_intervals(edition, figures.contents),
        plot_differences(edition, test, key="1"),
        plot_calibration(edition, figures.predictor.targets[0], key="1"),
        plot_probabilities(edition, test.traffic, key="1"),
        plot_cumulative(edition, test.traffic, key="1", goal=test.metric),
    ]
    for plot in plots:
        figure = go.Figure(data=list(plot.data), layout=plot.layout)  # validates names and values
        assert len(figure.data) == len(plot.data)
        assert json.dumps(plot.layout, allow_nan=False)
        assert plot.alt
        assert plot.title


def test_a_missing_side_of_an_interval_draws_no_bar():
    bars = error_bars([Estimate(mean=1.0, low=0.5), Estimate(mean=2.0, high=1.9)], 10.0)
    assert bars["array"] == [0.0, 0.0]
    assert bars["arrayminus"] == [5.0, 0.0]


def test_what_plotly_would_read_as_a_tag_is_escaped():
    assert shown('<a href="javascript:x">&amp;') == '&lt;a href="javascript:x"&gt;&amp;amp;'
