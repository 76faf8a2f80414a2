"""Dots with intervals, one row each: the predicted values, and a test's differences to its control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adwright.report.edition import Edition
from adwright.report.figures import ContentFigures, Estimate, TestFigures
from adwright.report.formatting import DASH
from adwright.report.plot import BLUE, GREEN, GREY, ORANGE, Plot, axis_title, error_bars, plain_layout, shown
from adwright.schema import GoalKind

_STATUS_COLOURS = {"live": GREEN, "approved": GREEN, "draft": BLUE, "retired": GREY, "rejected": GREY}
_ROW_PX, _FRAME_PX = 32, 90


def plot_intervals(edition: Edition, contents: Sequence[ContentFigures]) -> Plot | None:
    """Predicted value of each content in the order given; None where nothing is predicted."""
    rows = [(c, c.value) for c in contents if c.value is not None]
    if not rows:
        return None
    goal, messages = edition.figures.goal, edition.messages
    ids = [c.content.id for c, _ in rows]
    data = []
    for status in dict.fromkeys(c.content.status for c, _ in rows):
        own = [(i, ids[i], value) for i, (c, value) in enumerate(rows) if c.content.status == status]
        name = messages.name("status", status)
        data.append(_dots(edition, own, goal=goal, name=name, colour=_STATUS_COLOURS[status]))
    values = {"goal": messages.name("goal", goal), "n": len(rows), "best": edition.labels.quoted(ids[0])}
    return Plot(
        id="plot-intervals",
        title=messages.say("contents.picture", values),
        alt=messages.say("contents.picture_alt", values),
        data=data,
        layout=_rows_layout(edition, ids, goal=goal, legend=len(data) > 1),
        head=(
            messages.say("test.arm"),
            messages.say("contents.value", values),
            messages.say("appendix.interval"),
        ),
        rows=tuple(
            (
                edition.labels.short(c.content.id, 60),
                edition.format.expected(value, goal),
                edition.format.bounds(value, goal),
            )
            for c, value in rows
        ),
    )


def plot_differences(edition: Edition, test: TestFigures, *, key: str) -> Plot | None:
    """Difference of each arm to the control, with the true one beside it where it is known."""
    rows = [(a, a.difference) for a in test.arms if a.difference is not None]
    if not rows:
        return None
    say, write, goal = edition.messages.say, edition.format, test.metric
    truths = true_differences(test)
    measured = [(i, a.content_id, difference) for i, (a, difference) in enumerate(rows)]
    data = [_dots(edition, measured, goal=goal, name=say("test.estimate_mark"), colour=BLUE)]
    if truths:
        known = [
            (i, a.content_id, Estimate(mean=truths[a.content_id]))
            for i, (a, _) in enumerate(rows)
            if a.content_id in truths
        ]
        trace = _dots(edition, known, goal=goal, name=say("test.truth_mark"), colour=ORANGE)
        trace["marker"] |= {"symbol": "diamond-open", "size": 12, "line": {"width": 2.5}}
        data.append(trace)
    layout = _rows_layout(edition, [a.content_id for a, _ in rows], goal=goal, legend=bool(truths))
    layout["xaxis"] |= {"zeroline": True, "zerolinewidth": 2}
    last = (say("test.truth_mark"),) if truths else ()
    return Plot(
        id=f"plot-differences-{key}",
        title=say("test.differences"),
        alt=say("test.differences_alt", {"n": len(rows)}),
        data=data,
        layout=layout,
        head=(say("test.arm"), say("test.difference"), say("appendix.interval"), *last),
        rows=tuple(
            (
                edition.labels.short(a.content_id, 60),
                write.gain(difference, goal),
                write.bounds(difference, goal),
                *(
                    (
                        write.gain(Estimate(mean=truths[a.content_id]), goal)
                        if a.content_id in truths
                        else DASH,
                    )
                    if truths
                    else ()
                ),
            )
            for a, difference in rows
        ),
    )


def true_differences(test: TestFigures) -> dict[str, float]:
    """Content id -> true difference to the control per exposure; empty outside a simulated shop."""
    control = next((a.truth for a in test.arms if a.is_control), None)
    if control is None:
        return {}
    return {a.content_id: a.truth - control for a in test.arms if a.truth is not None and not a.is_control}


def _dots(
    edition: Edition, rows: Sequence[tuple[int, str, Estimate]], *, goal: GoalKind, name: str, colour: str
) -> dict[str, Any]:
    scale = edition.per_thousand(goal)
    estimates = [estimate for _, _, estimate in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [e.mean * scale for e in estimates],
        "y": [i for i, _, _ in rows],
        "error_x": error_bars(estimates, scale) | {"color": colour},
        "marker": {"size": 10, "color": colour},
        "text": [shown(_hover(edition, content_id, e, goal)) for _, content_id, e in rows],
        "hoverinfo": "text",
    }


def _hover(edition: Edition, content_id: str, estimate: Estimate, goal: GoalKind) -> str:
    written = edition.format.expected(estimate, goal)
    bounds = edition.format.bounds(estimate, goal)
    text = edition.labels.short(content_id, 48)
    return f"{text}: {written}" if bounds == DASH else f"{text}: {written} ({bounds})"


def _rows_layout(edition: Edition, ids: Sequence[str], *, goal: GoalKind, legend: bool) -> dict[str, Any]:
    layout = plain_layout(height=_FRAME_PX + _ROW_PX * len(ids) + (30 if legend else 0), legend=legend)
    title = axis_title(edition.messages.say("unit.axis", {"unit": edition.unit(goal)}))
    layout["xaxis"] |= {"title": title, "zeroline": False}
    layout["meta"] = {"narrow": [shown(edition.labels.number(i) or edition.labels.short(i, 12)) for i in ids]}
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(ids))),
        "ticktext": [shown(edition.labels.short(i)) + "  " for i in ids],
        "range": [len(ids) - 0.5, -0.5],
        "zeroline": False,
    }
    return layout
