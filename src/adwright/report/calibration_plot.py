"""Observed against predicted rates, with the diagonal on which predictions come true."""

from __future__ import annotations

from adwright.report.edition import Edition
from adwright.report.figures import TargetFigures
from adwright.report.plot import BLUE, GREY, Plot, axis_title, error_bars, plain_layout


def plot_calibration(edition: Edition, target: TargetFigures, *, key: str) -> Plot | None:
    """The calibration of one target; None where it has no bins."""
    points = target.calibration
    if not points:
        return None
    say, write = edition.messages.say, edition.format
    rows = tuple(
        (
            write.rate(p.predicted),
            write.rate(p.observed.mean),
            write.range(write.rate(p.observed.low), write.rate(p.observed.high)),
            write.count(p.n),
        )
        for p in points
    )
    top = 1.05 * max(max(p.predicted, p.observed.mean, p.observed.high or 0.0) for p in points)
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "name": say("predictor.perfect"),
        "x": [0, top],
        "y": [0, top],
        "line": {"color": GREY, "dash": "dash", "width": 1.5},
        "hoverinfo": "skip",
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": say("predictor.observed"),
        "x": [p.predicted for p in points],
        "y": [p.observed.mean for p in points],
        "error_y": error_bars([p.observed for p in points], 1.0) | {"color": BLUE},
        "marker": {"size": 9, "color": BLUE},
        "text": [" → ".join(row[:2]) + f" ({row[2]}), n = {row[3]}" for row in rows],
        "hoverinfo": "text",
    }
    layout = plain_layout(height=380, legend=True)
    axis = {"tickformat": ".2~%", "range": [0, top], "rangemode": "tozero", "zeroline": False}
    layout["xaxis"] |= axis | {"title": axis_title(say("predictor.predicted"))}
    layout["yaxis"] |= axis | {"title": axis_title(say("predictor.observed"))}
    name = edition.messages.name("target", target.name)
    return Plot(
        id=f"plot-calibration-{key}",
        title=say("predictor.calibration"),
        alt=say("predictor.calibration_alt", {"name": name, "n": len(points)}),
        data=[diagonal, dots],
        layout=layout,
        head=tuple(say(f"predictor.{c}") for c in ("predicted", "observed", "interval", "n")),
        rows=rows,
    )
