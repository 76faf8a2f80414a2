"""A picture of the page as plain dicts for Plotly, with its description and its numbers.

Text and grid take their colours from the page's style sheet, so that a picture follows dark mode and print;
the colours of the marks are readable on both grounds.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adwright.report.figures import Estimate

BLUE, ORANGE, GREEN, GREY = "#3b7ddd", "#d9731a", "#2a9166", "#7d8796"
COLOURS = (BLUE, ORANGE, GREEN, "#a462c9", "#c7517f", "#2f95b5", "#97851f", GREY)

_AXIS = {
    "automargin": True,
    "fixedrange": True,
    "ticks": "outside",  # invisible ticks keep the labels off the axis
    "ticklen": 6,
    "tickcolor": "rgba(0,0,0,0)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture: Plotly's `data` and `layout`, what it shows in a sentence, and its numbers as a table.

    `layout["meta"]["narrow"]`, where it is set, are the labels of the vertical axis on a narrow screen.
    """

    id: str
    title: str
    alt: str
    data: Sequence[dict[str, Any]]
    layout: dict[str, Any]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plain_layout(*, height: int, legend: bool) -> dict[str, Any]:
    """A layout without ground, frame or title, `height` pixels high, that finds its own width."""
    return {
        "height": height,
        "autosize": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "font": {"family": "inherit", "size": 13},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "dragmode": False,
        "colorway": list(COLOURS),
        "xaxis": dict(_AXIS),
        "yaxis": dict(_AXIS),
    }


def axis_title(text: str) -> dict[str, Any]:
    """The title of an axis, in the size of the other text."""
    return {"text": text, "font": {"size": 13}, "standoff": 10}


def error_bars(estimates: Sequence[Estimate], scale: float) -> dict[str, Any]:
    """Plotly's error bars from `low` to `high`; none where an interval is missing."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if e.high is None else max(e.high - e.mean, 0.0) * scale for e in estimates],
        "arrayminus": [0.0 if e.low is None else max(e.mean - e.low, 0.0) * scale for e in estimates],
        "thickness": 2,
        "width": 4,
    }


def shown(text: str) -> str:
    """`text` for a label or a hover box; Plotly reads a few tags and the entities there, so both are escaped."""
    return html.escape(text, quote=False)
