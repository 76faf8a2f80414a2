"""The pictures of a study: its course, which settings mattered, all of them side by side, gain against each value."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from adwright.report.plot import BLUE, GREEN, GREY, ORANGE, Plot, axis_title, plain_layout, shown

_MANY_DECADES = 8


def plot_history(trials: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> Plot:
    """The gain of each setting in the order tried, and the best so far.

    Args:
        trials: Those with a gain, as `result.json` holds them.
        words: Of the page's language.
    """
    whole = [trial for trial in trials if not trial["pruned"]]
    pruned = [trial for trial in trials if trial["pruned"]]
    best = list(accumulate((trial["gain"] for trial in whole), max))
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": words["best"],
        "x": [trial["number"] + 1 for trial in whole],
        "y": best,
        "line": {"color": GREEN, "shape": "hv", "width": 2},
        "hoverinfo": "skip",
    }
    layout = plain_layout(height=360, legend=True)
    layout["xaxis"] |= {"title": axis_title(words["trial"]), "zeroline": False}
    layout["yaxis"] |= {"title": axis_title(words["gain_axis"]), "zeroline": True, "zerolinecolor": GREY}
    return Plot(
        id="plot-tuning-history",
        title=words["history"],
        alt=words["history_alt"].format(n=len(trials)),
        data=[
            line,
            _dots(whole, [t["number"] + 1 for t in whole], words["whole"], BLUE),
            _dots(pruned, [t["number"] + 1 for t in pruned], words["pruned"], GREY),
        ],
        layout=layout,
        head=(words["trial"], words["gain_axis"], words["pruned"], words["setting"]),
        rows=tuple(
            (
                str(trial["number"] + 1),
                f"{trial['gain']:+.6f}",
                "✓" if trial["pruned"] else "",
                _described(trial),
            )
            for trial in trials
        ),
    )


def plot_importance(shares: Mapping[str, float], words: Mapping[str, str]) -> Plot:
    """How much of the spread of the losses each setting accounts for, as bars.

    Args:
        shares: By key, summing to 1.
        words: Of the page's language.
    """
    ordered = sorted(shares.items(), key=lambda item: item[1])
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [share for _, share in ordered],
        "y": [shown(key) for key, _ in ordered],
        "marker": {"color": BLUE},
        "hoverinfo": "x+y",
    }
    layout = plain_layout(height=80 + 32 * len(ordered), legend=False)
    layout["xaxis"] |= {"title": axis_title(words["share"]), "tickformat": ".0%", "rangemode": "tozero"}
    return Plot(
        id="plot-tuning-importance",
        title=words["importance"],
        alt=words["importance_alt"],
        data=[bars],
        layout=layout,
        head=(words["setting"], words["share"]),
        rows=tuple((key, f"{share:.0%}") for key, share in reversed(ordered)),
    )


def plot_slices(
    trials: Sequence[Mapping[str, Any]], figures: Mapping[str, Any], words: Mapping[str, str]
) -> list[Plot]:
    """A picture a setting, the most important first: gain against its value.

    Args:
        trials: Those with a gain.
        figures: Of the study: `importance` and `log_scaled`.
        words: Of the page's language.
    """
    plots = []
    for place, key in enumerate(_keys(trials, figures)):
        held = [trial for trial in trials if key in trial["values"]]
        values = [trial["values"][key] for trial in held]
        numeric = all(isinstance(value, int | float) for value in values)
        x = values if numeric else [as_text(value) for value in values]
        layout = plain_layout(height=300, legend=False)
        log = numeric and key in figures["log_scaled"]
        layout["xaxis"] |= {
            "title": axis_title(shown(key)),
            "type": "log" if log else "linear" if numeric else "category",
        }
        if log:
            ticks = log_ticks(min(values), max(values))
            layout["xaxis"] |= {"tickvals": ticks, "ticktext": [_tick(value) for value in ticks]}
        layout["yaxis"] |= {"title": axis_title(words["gain_axis"]), "zerolinecolor": GREY}
        plots.append(
            Plot(
                id=f"plot-tuning-slice-{place}",
                title=key,
                alt=words["slice_alt"].format(key=key),
                data=[_dots(held, x, shown(key), ORANGE)],
                layout=layout,
                head=(key, words["gain_axis"]),
                rows=tuple(
                    (as_text(value), f"{t['gain']:+.6f}") for value, t in zip(values, held, strict=True)
                ),
            )
        )
    return plots


def _dots(trials: Sequence[Mapping[str, Any]], x: Sequence[Any], name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(x),
        "y": [trial["gain"] for trial in trials],
        "marker": {"size": 8, "color": colour},
        "text": [shown(_described(trial)) for trial in trials],
        "hoverinfo": "text+y",
    }


def _described(trial: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {as_text(value)}" for key, value in trial["values"].items())


def as_text(value: Any) -> str:
    """A value as people read it."""
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def plot_parallel(
    trials: Sequence[Mapping[str, Any]], figures: Mapping[str, Any], words: Mapping[str, str]
) -> Plot | None:
    """A line a setting through an axis for each key and one for the gain; None where there is nothing to compare.

    Args:
        trials: Those with a gain.
        figures: Of the study: `importance` and `log_scaled`.
        words: Of the page's language.
    """
    keys = _keys(trials, figures)
    if len(trials) < 2 or len(keys) < 2:
        return None
    axes = [
        _Axis([t["values"].get(key) for t in trials], log=key in figures["log_scaled"]) for key in keys
    ] + [_Axis([t["gain"] for t in trials], log=False)]
    best = max((t for t in trials if not t["pruned"]), key=lambda t: t["gain"], default=None)
    kinds = ["best" if trial is best else "pruned" if trial["pruned"] else "whole" for trial in trials]
    order = sorted(range(len(trials)), key=lambda i: ("pruned", "whole", "best").index(kinds[i]))
    data: list[dict[str, Any]] = []
    for i in order:
        first = all(line["name"] != words[kinds[i]] for line in data)
        data.append(
            _line([axis.heights[i] for axis in axes], trials[i], words[kinds[i]], kinds[i], first=first)
        )
    names = [*keys, words["gain_axis"]]
    layout = plain_layout(height=400, legend=True)
    layout["xaxis"] |= {
        "tickvals": list(range(len(names))),
        "ticktext": [shown(name) for name in names],
        "range": [-0.3, len(names) - 0.7],
        "showgrid": True,
        "zeroline": False,
    }
    layout["yaxis"] |= {"visible": False, "range": [-0.12, 1.12]}
    layout["margin"] |= {"r": 120}  # the last name hangs to the right
    layout["annotations"] = [
        {"x": x, "y": y, "text": shown(end), "showarrow": False, "font": {"size": 11}}
        for x, axis in enumerate(axes)
        for y, end in zip((-0.07, 1.07), axis.ends, strict=True)
    ]
    return Plot(
        id="plot-tuning-parallel",
        title=words["parallel"],
        alt=words["parallel_alt"].format(n=len(trials)),
        data=data,
        layout=layout,
        head=(words["trial"], *names),
        rows=tuple(
            (
                str(t["number"] + 1),
                *(as_text(t["values"][key]) if key in t["values"] else "" for key in keys),
                f"{t['gain']:+.6f}",
            )
            for t in trials
        ),
    )


class _Axis:
    """Values as heights in [0, 1] (None where a trial has none), and what stands at the two ends."""

    def __init__(self, values: Sequence[Any], *, log: bool) -> None:
        held = [value for value in values if value is not None]
        if all(isinstance(value, int | float) for value in held):
            place = {value: math.log(value) if log else float(value) for value in held}
            ends = (min(held), max(held))
        else:
            texts = sorted({as_text(value) for value in held})
            place = {text: float(i) for i, text in enumerate(texts)}
            values = [None if value is None else as_text(value) for value in values]
            ends = (texts[0], texts[-1])
        low, high = min(place.values()), max(place.values())
        reach = high - low or 1.0
        self.heights = [None if value is None else (place[value] - low) / reach for value in values]
        self.ends = tuple(end if isinstance(end, str) else as_text(end) for end in ends)


def _line(
    heights: Sequence[float | None], trial: Mapping[str, Any], name: str, kind: str, *, first: bool
) -> dict[str, Any]:
    colour, width, opacity = {"best": (GREEN, 3, 1.0), "whole": (BLUE, 1.5, 0.6), "pruned": (GREY, 1, 0.5)}[
        kind
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "legendgroup": kind,
        "showlegend": first,
        "x": list(range(len(heights))),
        "y": list(heights),
        "line": {"color": colour, "width": width},
        "marker": {"color": colour, "size": 4},
        "opacity": opacity,
        "text": [shown(_described(trial))] * len(heights),
        "hoverinfo": "text",
    }


def log_ticks(low: float, high: float) -> list[float]:
    """Round values from `low` to `high` for a logarithmic axis, each of which is written out in full.

    >>> log_ticks(0.3, 3000.0)
    [1.0, 10.0, 100.0, 1000.0]
    >>> log_ticks(0.01, 0.2)
    [0.01, 0.02, 0.05, 0.1, 0.2]
    >>> log_ticks(7.0, 7.0)
    [7.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps: tuple[float, ...] = (1.0,) if high >= 100 * low else (1.0, 2.0, 5.0)
    every = 1 + (last - first) // _MANY_DECADES
    found = [float(f"{step * 10.0**power:.3g}") for power in range(first, last + 1, every) for step in steps]
    inside = [value for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
    return inside if len(inside) > 1 else sorted({low, high})


def _tick(value: float) -> str:
    return f"{value:g}" if 1e-4 <= value < 1e5 else f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")


def _keys(trials: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]) -> list[str]:
    """The settings that were searched, the most important first."""
    keys = list(dict.fromkeys(key for trial in trials for key in trial["values"]))
    return sorted(keys, key=lambda key: -figures["importance"].get(key, 0.0))
