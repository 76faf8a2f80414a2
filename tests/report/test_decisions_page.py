import json
from datetime import UTC, datetime

import plotly.graph_objects as go
import pytest

from adwright.report.band_plot import Band, plot_bands
from adwright.report.decisions_page import DecisionsPage, Grid, render_decisions


def bands(n=50):
    x = list(range(1, n + 1))
    return [
        Band(name=name, x=x, mean=[v * k for v in x], low=[v * k - 1 for v in x], high=[v * k + 1 for v in x])
        for k, name in enumerate(("a", "b <script>"), start=1)
    ]


def picture(**options):
    return plot_bands(
        bands(),
        key="k",
        title="Regret",
        alt="Two lines",
        x_title="day",
        y_title="lost",
        written=lambda v: f"{v:.1f}",
        **options,
    )


def test_plotly_accepts_lines_with_bands():
    for plot in (picture(), picture(log_x=True)):
        figure = go.Figure(data=list(plot.data), layout=plot.layout)
        assert len(figure.data) == 6
        assert json.dumps(plot.layout, allow_nan=False)


def test_the_table_holds_mean_and_interval_and_stays_short():
    plot = picture()
    assert plot.head == ("day", "a", "b <script>")
    assert plot.rows[0] == ("1", "1.0 [0.0, 2.0]", "2.0 [1.0, 3.0]")
    assert plot.rows[-1][0] == "50"
    assert len(plot.rows) <= 31


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_needs_no_network_and_escapes_what_it_is_given(language):
    page = DecisionsPage(
        title="Policies <b>",
        lead="What they won & lost",
        method=["drawn without replacement"],
        plots=[picture()],
        grids=[Grid(caption="c", head=("p", "v"), rows=(("<i>x</i>", "1"),))],
        at=datetime(2026, 1, 1, tzinfo=UTC),
        version="0",
    )
    html = render_decisions(page, language)
    assert "<title>Policies &lt;b&gt;</title>" in html
    assert "&lt;i&gt;x" in html
    assert "<i>x" not in html
    assert 'src="http' not in html
    assert html.count('id="plot-k"') == 1
    assert ('lang="zh-Hans"' in html) == (language == "zh")
