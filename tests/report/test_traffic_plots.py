from dataclasses import replace
from datetime import timedelta

import pytest

from adwright.report import TrafficFigures
from adwright.report.edition import Edition
from adwright.report.traffic_plots import plot_cumulative, plot_probabilities
from report.sample import NOW, sample_figures


def test_probabilities_stack_to_one():
    figures = sample_figures("en")
    plot = plot_probabilities(Edition.of(figures, "en"), figures.tests[0].traffic, key="1")
    assert [sum(ys) for ys in zip(*(t["y"] for t in plot.data), strict=True)] == pytest.approx([1.0] * 14)
    assert {t["stackgroup"] for t in plot.data} == {"one"}


def test_value_so_far_is_per_thousand_exposures_where_these_are_known():
    figures = sample_figures("en")
    traffic = figures.tests[0].traffic
    plot = plot_cumulative(Edition.of(figures, "en"), traffic, key="1", goal="revenue")
    adaptive = next(t for t in plot.data if t["name"] == "adaptive")
    assert adaptive["y"][0] == pytest.approx(33 * 10)  # 33 cents an exposure
    sums = replace(traffic, cumulative_exposures={})
    plot = plot_cumulative(Edition.of(figures, "en"), sums, key="1", goal="revenue")
    assert plot.data[1]["y"][0] == pytest.approx(2000 * 33 / 100)  # dollars in all
    assert plot.rows[0][2] == "$660"


def test_no_exposures_yet_is_a_gap_and_not_a_fault():
    traffic = TrafficFigures(
        at=(NOW, NOW + timedelta(days=1)),
        cumulative_value={"test": (0.0, 10.0)},
        cumulative_exposures={"test": (0.0, 5.0)},
    )
    plot = plot_cumulative(Edition.of(sample_figures("en"), "en"), traffic, key="1", goal="click")
    assert plot.data[0]["y"] == [None, 2000.0]
    assert plot.rows[0][1] == "–"


def test_a_long_history_is_thinned_in_the_table_and_keeps_its_end():
    n = 1000
    traffic = TrafficFigures(
        at=tuple(NOW + timedelta(hours=i) for i in range(n)), probabilities={"a": (0.5,) * n, "b": (0.5,) * n}
    )
    edition = Edition.of(sample_figures("en"), "en")
    plot = plot_probabilities(edition, traffic, key="1")
    assert len(plot.rows) <= 42
    assert plot.rows[-1][0] == edition.format.moment(traffic.at[-1])
