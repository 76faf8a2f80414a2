"""Lines with bands: a figure over time or over traffic, with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adwright.report.plot import COLOURS, Plot, axis_title, plain_layout, shown

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_MAX_TABLE_ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One line: `mean`, and `low` to `high` around it, over `x`."""

    name: str
    x: Sequence[float | str]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def plot_bands(
    bands: Sequence[Band],
    *,
    key: str,
    title: str,
    alt: str,
    x_title: str,
    y_title: str,
    written: Callable[[float], str],
    log_x: bool = False,
) -> Plot:
    """Lines with bands, and their numbers as a table of mean and interval.

    Args:
        bands: The lines, all over the same `x`.
        key: Makes the id of the picture.
        title: Above it.
        alt: What it shows, in a sentence.
        x_title: Of the horizontal axis.
        y_title: Of the vertical axis.
        written: How a number is written.
        log_x: A logarithmic horizontal axis, with the values of `x` as its marks.
    """
    layout = plain_layout(height=380, legend=True)
    layout["xaxis"] |= {"title": axis_title(x_title)}
    layout["yaxis"] |= {"title": axis_title(y_title)}
    if log_x:
        marks = list(bands[0].x)
        layout["xaxis"] |= {"type": "log", "tickvals": marks, "ticktext": [str(x) for x in marks]}
    return Plot(
        id=f"plot-{key}",
        title=title,
        alt=alt,
        data=[trace for i, band in enumerate(bands) for trace in _traces(band, i, written)],
        layout=layout,
        head=(x_title, *(band.name for band in bands)),
        rows=_rows(bands, written),
    )


def _traces(band: Band, i: int, written: Callable[[float], str]) -> list[dict[str, Any]]:
    colour = COLOURS[i % len(COLOURS)]
    edge = {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    x = list(band.x)
    fill = {"fill": "tonexty", "fillcolor": _faint(colour)}
    return [
        {**edge, "x": x, "y": list(band.low)},
        {**edge, **fill, "x": x, "y": list(band.high)},
        {
            "type": "scatter",
            "mode": "lines",
            "name": shown(band.name),
            "x": x,
            "y": list(band.mean),
            "line": {"color": colour, "dash": _DASHES[i % len(_DASHES)], "width": 2.5},
            "text": [shown(f"{band.name}: {text}") for text in _texts(band, written)],
            "hoverinfo": "x+text",
        },
    ]


def _texts(band: Band, written: Callable[[float], str]) -> list[str]:
    return [
        f"{written(mean)} [{written(low)}, {written(high)}]"
        for mean, low, high in zip(band.mean, band.low, band.high, strict=True)
    ]


def _rows(bands: Sequence[Band], written: Callable[[float], str]) -> tuple[tuple[str, ...], ...]:
    n = len(bands[0].x)
    step = max(1, -(-n // _MAX_TABLE_ROWS))
    columns = [_texts(band, written) for band in bands]
    return tuple((str(bands[0].x[i]), *(c[i] for c in columns)) for i in sorted({*range(0, n, step), n - 1}))


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"
