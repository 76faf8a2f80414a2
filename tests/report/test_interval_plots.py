import pytest

from adwright.report.edition import Edition
from adwright.report.interval_plots import plot_differences, plot_intervals, true_differences
from adwright.report.labels import ranked
from report.sample import sample_figures


def test_dots_and_bars_stand_at_the_values_per_thousand_in_whole_money():
    figures = sample_figures("en")
    contents = ranked(figures.contents)[:1]
    plot = plot_intervals(Edition.of(figures, "en"), contents)
    value = contents[0].value
    (trace,) = plot.data
    assert trace["x"] == [pytest.approx(value.mean * 1000 / 100)]  # cents to dollars
    assert trace["x"][0] + trace["error_x"]["array"][0] == pytest.approx(value.high * 10)
    assert trace["x"][0] - trace["error_x"]["arrayminus"][0] == pytest.approx(value.low * 10)


def test_the_table_of_a_picture_holds_what_it_draws():
    figures = sample_figures("en")
    plot = plot_intervals(Edition.of(figures, "en"), ranked(figures.contents))
    assert len(plot.rows) == sum(len(t["x"]) for t in plot.data) == len(figures.contents)
    assert all(len(row) == len(plot.head) for row in plot.rows)


def test_the_truth_stands_beside_the_measured_difference_in_a_simulated_shop_only():
    figures = sample_figures("en", demo=True)
    plot = plot_differences(Edition.of(figures, "en"), figures.tests[0], key="1")
    assert [t["name"] for t in plot.data] == ["measured", "truth"]
    assert plot.data[1]["x"][0] == pytest.approx((46.2 - 27.9) * 10)
    real = sample_figures("en", demo=False)
    assert true_differences(real.tests[0]) == {}
    assert len(plot_differences(Edition.of(real, "en"), real.tests[0], key="1").data) == 1


def test_without_predictions_there_is_no_picture():
    figures = sample_figures("en")
    assert plot_intervals(Edition.of(figures, "en"), []) is None
