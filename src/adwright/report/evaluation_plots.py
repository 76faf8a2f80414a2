"""Pictures of an evaluation: calibration curves, one line a segment, and coverage of intervals, one row a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adwright.report.figures import Estimate
from adwright.report.formatting import Format
from adwright.report.plot import (
    BLUE,
    COLOURS,
    GREY,
    ORANGE,
    Plot,
    axis_title,
    error_bars,
    plain_layout,
    shown,
)
from adwright.report.words import Messages

_ROW_PX, _FRAME_PX = 34, 110
_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "hexagon")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A bin: mean prediction, observed rate with its interval, and rows."""

    predicted: float
    observed: Estimate
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """Of one part of the judged rows: by kind of interval ("model", "conformal"), the share covered; and rows."""

    name: str
    covered: Mapping[str, Estimate]
    n: int


def plot_curves(
    messages: Messages, write: Format, curves: Mapping[str, Sequence[CurvePoint]], *, title: str, key: str
) -> Plot:
    """Observed against predicted rates, a line of dots a segment, and the diagonal on which they come true.

    Args:
        messages: The language.
        write: How numbers are written.
        curves: By segment, its bins.
        title: Above the picture.
        key: Makes its id.
    """
    points = [point for curve in curves.values() for point in curve]
    top = 1.05 * max(max(p.predicted, p.observed.mean, p.observed.high or 0.0) for p in points)
    diagonal: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "name": messages.say("predictor.perfect"),
        "x": [0, top],
        "y": [0, top],
        "line": {"color": GREY, "dash": "dash", "width": 1.5},
        "hoverinfo": "skip",
    }
    layout = plain_layout(height=420, legend=True)
    axis = {"tickformat": ".2~%", "range": [0, top], "rangemode": "tozero", "zeroline": False}
    layout["xaxis"] |= axis | {"title": axis_title(messages.say("predictor.predicted"))}
    layout["yaxis"] |= axis | {"title": axis_title(messages.say("predictor.observed"))}
    return Plot(
        id=f"plot-curves-{key}",
        title=title,
        alt=messages.say("evaluation.curves_alt", {"n": len(curves)}),
        data=[diagonal, *(_curve(name, curve, i, write) for i, (name, curve) in enumerate(curves.items()))],
        layout=layout,
        head=(
            messages.say("evaluation.segment"),
            *(messages.say(f"predictor.{c}") for c in ("predicted", "observed", "interval", "n")),
        ),
        rows=tuple((name, *_written(point, write)) for name, curve in curves.items() for point in curve),
    )


def plot_coverage(
    messages: Messages, write: Format, rows: Sequence[CoverageRow], *, title: str, nominal: float, key: str
) -> Plot:
    """The share of outcomes inside their interval, a row a part, with the share that is promised as a line.

    Args:
        messages: The language.
        write: How numbers are written.
        rows: The parts, from the top.
        title: Above the picture.
        nominal: The share promised, in (0, 1).
        key: Makes its id.
    """
    kinds = list(dict.fromkeys(kind for row in rows for kind in row.covered))
    data = [
        _coverage(messages, write, rows, kind, place=place, n_kinds=len(kinds))
        for place, kind in enumerate(kinds)
    ]
    lows = [e.mean if e.low is None else e.low for row in rows for e in row.covered.values()]
    layout = plain_layout(height=_FRAME_PX + _ROW_PX * len(rows), legend=True)
    layout["xaxis"] |= {
        "tickformat": ".0%",
        "range": [max(min([*lows, nominal - 0.1]) - 0.02, -0.02), 1.02],
        "title": axis_title(messages.say("evaluation.covered")),
    }
    names = [row.name for row in rows]
    layout["yaxis"] |= {
        "tickvals": list(range(len(rows))),
        "ticktext": [shown(name) for name in names],
        "range": [len(rows) - 0.5, -0.5],
    }
    layout["shapes"] = [
        {
            "type": "line",
            "x0": nominal,
            "x1": nominal,
            "y0": -0.5,
            "y1": len(rows) - 0.5,
            "line": {"color": GREY, "dash": "dash", "width": 1.5},
        }
    ]
    return Plot(
        id=f"plot-coverage-{key}",
        title=title,
        alt=messages.say("evaluation.coverage_alt", {"n": len(rows), "nominal": write.share(nominal)}),
        data=data,
        layout=layout,
        head=(
            messages.say("evaluation.segment"),
            messages.say("predictor.n"),
            *(messages.say(f"evaluation.{kind}") for kind in kinds),
        ),
        rows=tuple(
            (row.name, write.count(row.n), *(_share(row.covered.get(kind), write) for kind in kinds))
            for row in rows
        ),
    )


def _curve(name: str, points: Sequence[CurvePoint], place: int, write: Format) -> dict[str, Any]:
    colour = COLOURS[place % len(COLOURS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": shown(name),
        "x": [p.predicted for p in points],
        "y": [p.observed.mean for p in points],
        "error_y": error_bars([p.observed for p in points], 1.0) | {"color": colour, "thickness": 1},
        "line": {"color": colour, "width": 1},
        "marker": {"size": 8, "color": colour, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
        "text": [shown(f"{name}: " + " → ".join(_written(p, write)[:2])) + f", n = {p.n}" for p in points],
        "hoverinfo": "text",
    }


def _written(point: CurvePoint, write: Format) -> tuple[str, str, str, str]:
    observed = point.observed
    return (
        write.rate(point.predicted),
        write.rate(observed.mean),
        write.range(write.rate(observed.low), write.rate(observed.high)),
        write.count(point.n),
    )


def _coverage(
    messages: Messages, write: Format, rows: Sequence[CoverageRow], kind: str, *, place: int, n_kinds: int
) -> dict[str, Any]:
    colour = (BLUE, ORANGE)[place % 2]
    held = [(i, row.name, row.covered[kind]) for i, row in enumerate(rows) if kind in row.covered]
    bars = error_bars([e for _, _, e in held], 1.0)
    offset = 0.24 * (place - (n_kinds - 1) / 2)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": messages.say(f"evaluation.{kind}"),
        "x": [e.mean for _, _, e in held],
        "y": [i + offset for i, _, _ in held],
        "error_x": bars | {"color": colour},
        "marker": {"size": 9, "color": colour, "symbol": _SYMBOLS[place]},
        "text": [shown(f"{name}: {_share(e, write)}") for _, name, e in held],
        "hoverinfo": "text",
    }


def _share(estimate: Estimate | None, write: Format) -> str:
    if estimate is None:
        return write.share(None)
    return (
        f"{write.share(estimate.mean)} [{write.range(write.share(estimate.low), write.share(estimate.high))}]"
    )
