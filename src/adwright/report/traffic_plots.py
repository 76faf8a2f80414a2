"""A test's traffic over time: the adaptive slice's probabilities, and the value so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from adwright.report.edition import Edition
from adwright.report.figures import TrafficFigures
from adwright.report.plot import COLOURS, Plot, axis_title, plain_layout, shown
from adwright.schema import GoalKind

_MAX_TABLE_ROWS = 40
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")

Series = Mapping[str, Sequence[float | None]]


def plot_probabilities(edition: Edition, traffic: TrafficFigures, *, key: str) -> Plot | None:
    """The adaptive slice's probabilities over time, stacked to 100 %; None where there are none."""
    if not traffic.at or not traffic.probabilities:
        return None
    names = edition.labels.unique(list(traffic.probabilities))
    series = {names[content_id]: values for content_id, values in traffic.probabilities.items()}
    data = _lines(traffic, series, written=edition.format.rate)
    for trace in data:
        trace["stackgroup"] = "one"
        trace["line"] |= {"width": 0.5, "dash": "solid"}
    layout = _time_layout(edition, traffic, height=380)
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1]}
    return Plot(
        id=f"plot-probabilities-{key}",
        title=edition.messages.say("test.probabilities"),
        alt=edition.messages.say("test.probabilities_alt", _span(edition, traffic)),
        data=data,
        layout=layout,
        head=(edition.messages.say("test.when"), *series),
        rows=_rows(edition, traffic, series, written=edition.format.rate),
    )


def plot_cumulative(edition: Edition, traffic: TrafficFigures, *, key: str, goal: GoalKind) -> Plot | None:
    """The value so far by slice, per 1,000 exposures where the exposures are given; None without values."""
    if not traffic.at or not traffic.cumulative_value:
        return None
    exposures = traffic.cumulative_exposures
    per_exposure = {
        _slice_name(edition, name): _ratio(values, exposures[name] if exposures else [1.0] * len(values))
        for name, values in traffic.cumulative_value.items()
    }

    def written(value: float | None) -> str:
        if exposures:
            return edition.format.value(value, goal)
        return edition.format.value(None if value is None else value / 1000, goal)

    scale = edition.per_thousand(goal) / (1 if exposures else 1000)
    drawn = {k: [None if v is None else v * scale for v in values] for k, values in per_exposure.items()}
    data = _lines(traffic, drawn, written=lambda v: written(None if v is None else v / scale))
    layout = _time_layout(edition, traffic, height=340)
    unit = edition.unit(goal)
    if exposures:
        unit = edition.messages.say("unit.axis", {"unit": unit})
    layout["yaxis"] |= {"title": axis_title(unit), "rangemode": "tozero"}
    return Plot(
        id=f"plot-cumulative-{key}",
        title=edition.messages.say("test.cumulative_rate" if exposures else "test.cumulative"),
        alt=edition.messages.say("test.cumulative_alt", _span(edition, traffic)),
        data=data,
        layout=layout,
        head=(edition.messages.say("test.when"), *per_exposure),
        rows=_rows(edition, traffic, per_exposure, written=written),
    )


def _time_layout(edition: Edition, traffic: TrafficFigures, *, height: int) -> dict[str, Any]:
    layout = plain_layout(height=height, legend=True)
    layout["legend"]["traceorder"] = "normal"
    if traffic.at[-1] - traffic.at[0] >= timedelta(days=3):
        layout["xaxis"]["tickformat"] = edition.messages.say("unit.day")
    return layout


def _slice_name(edition: Edition, name: str) -> str:
    if edition.messages.has(f"slice.{name}"):
        return edition.messages.name("slice", name)
    return edition.labels.short(name)


def _ratio(values: Sequence[float], exposures: Sequence[float]) -> list[float | None]:
    return [v / n if n else None for v, n in zip(values, exposures, strict=True)]


def _lines(
    traffic: TrafficFigures, series: Series, *, written: Callable[[float | None], str]
) -> list[dict[str, Any]]:
    times = [at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") for at in traffic.at]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": shown(name),
            "x": times,
            "y": list(values),
            "line": {"color": COLOURS[i % len(COLOURS)], "dash": _DASHES[i % len(_DASHES)], "width": 2.5},
            "text": [shown(f"{name}: {written(v)}") for v in values],
            "hoverinfo": "x+text",
        }
        for i, (name, values) in enumerate(series.items())
    ]


def _rows(
    edition: Edition, traffic: TrafficFigures, series: Series, *, written: Callable[[float | None], str]
) -> tuple[tuple[str, ...], ...]:
    n = len(traffic.at)
    step = max(1, -(-n // _MAX_TABLE_ROWS))
    kept = sorted({*range(0, n, step), n - 1})
    return tuple(
        (edition.format.moment(traffic.at[i]), *(written(values[i]) for values in series.values()))
        for i in kept
    )


def _span(edition: Edition, traffic: TrafficFigures) -> dict[str, str]:
    return {"first": edition.format.date(traffic.at[0]), "last": edition.format.date(traffic.at[-1])}
