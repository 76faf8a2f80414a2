"""The pages of a test: its plan, and its scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from adwright.errors import InfeasibleError
from adwright.experiment import Plan, minimum_effect
from adwright.experiment.metric_result import MetricResult
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.phrases import p_value, percent
from adwright.experiment.scorecard import Scorecard
from adwright.pipeline.trial_words import WORDS
from adwright.report.plot import BLUE, GREY, ORANGE, Plot, axis_title, plain_layout, shown
from adwright.report.sheet import Sheet, SheetSection, SheetTable, render_sheet
from adwright.schema import Experiment, Language

_DASH = "–"
_ROW_PX, _FRAME_PX = 32, 90


def plan_page(plan: Plan, language: Language, *, at: datetime) -> str:
    """The page of a plan: sizes by arm, days, and what other sizes would find."""
    words = WORDS[language]
    sentences = plan_sentences(plan, language)
    names = [words["control"], *(str(i) for i in range(1, len(plan.n_by_arm)))]
    rows = tuple((name, f"{n:,}") for name, n in zip(names, plan.n_by_arm, strict=True))
    table = SheetTable(caption="", head=(words["arm"], words["exposures"]), rows=rows)
    curve = _curve(plan, words)
    sections = [SheetSection(title=words["arms"], tables=(table,))]
    if curve is not None:
        sections.append(SheetSection(title=words["curve"], plots=(curve,)))
    sheet = Sheet(
        title=words["plan"], subtitle=sentences[0], tone="plain", verdict=sentences, sections=sections
    )
    return render_sheet(sheet, language, at=at)


def plan_sentences(plan: Plan, language: Language) -> tuple[str, ...]:
    """The plan in words."""
    words = WORDS[language]
    effect = percent(plan.minimum_effect_relative, signed=True)
    lines = [words["plan_lead"].format(n=f"{plan.n_total:,}", effect=effect, power=percent(plan.power))]
    if plan.days is not None:
        lines.append(words["plan_days"].format(days=plan.days, weeks=plan.weeks))
    if plan.design == "fixed":
        lines.append(words["plan_fixed"])
    else:
        mean = f"{plan.mean_n_total or 0:,.0f}"
        more = percent(plan.inflation - 1.0)
        lines.append(words["plan_looks"].format(n=plan.n_looks, more=more, mean=mean))
    if plan.explained > 0:
        times = f"{1.0 / (1.0 - plan.explained):.2g}"
        lines.append(words["plan_explained"].format(share=percent(plan.explained), times=times))
    return tuple(lines)


def assign_page(experiment: Experiment, enrolled: pl.DataFrame, language: Language, *, at: datetime) -> str:
    """The page of an assignment: units by arm against the shares, and why others do not take part."""
    words = WORDS[language]
    seen = [int((enrolled["content_id"] == arm.content_id).sum()) for arm in experiment.arms]
    n = sum(seen)
    expected = [arm.share * n for arm in experiment.arms]
    names = [arm.content_id for arm in experiment.arms]
    rows = tuple((a, f"{e:,.0f}", f"{s:,}") for a, e, s in zip(names, expected, seen, strict=True))
    head = (words["arm"], words["expected"], words["seen"])
    layout = plain_layout(height=300, legend=True)
    bars = [
        {
            "type": "bar",
            "name": words[key],
            "x": [shown(a) for a in names],
            "y": y,
            "marker": {"color": colour},
        }
        for key, y, colour in (("expected", expected, GREY), ("seen", seen, BLUE))
    ]
    plot = Plot(
        id="plot-arms",
        title=words["split"],
        alt=words["split"],
        data=bars,
        layout=layout,
        head=head,
        rows=rows,
    )
    reasons = enrolled["reason"].value_counts(sort=True)
    table = SheetTable(
        caption="",
        head=(words["reason"], words["units"]),
        rows=tuple((words.get(f"reason_{r}", r), f"{k:,}") for r, k in reasons.iter_rows()),
    )
    sentence = words["assigned"].format(n=f"{n:,}", all=f"{len(enrolled):,}")
    sheet = Sheet(
        title=f"{words['assignment']}: {experiment.id}",
        subtitle=sentence,
        tone="plain",
        verdict=(sentence,),
        sections=(
            SheetSection(title=words["split"], plots=(plot,)),
            SheetSection(title=words["reason"], tables=(table,)),
        ),
    )
    return render_sheet(sheet, language, at=at)


def scorecard_page(
    card: Scorecard, metrics: Sequence[MetricSpec], language: Language, *, at: datetime
) -> str:
    """The page of a scorecard: verdict, effects, looks, segments and the split of the traffic."""
    words = WORDS[language]
    labels = {m.name: m.words(language) for m in metrics}
    design = words["design"].format(design=words[card.design], reached=f"{card.n_reached:,}")
    if card.experiment.n_per_arm > 0:
        design += " " + words["planned"].format(n=f"{card.experiment.n_per_arm:,}")
    sections = []
    if card.results:
        sections.append(_effects(card, labels, words))
        sections += _looks(card, labels, words)
    if card.segments:
        sections.append(_segments(card, labels, words))
    if card.sample_ratio is not None:
        sections.append(_split(card, words))
    sheet = Sheet(
        title=f"{words['result']}: {card.experiment.id}",
        subtitle=design,
        tone=card.verdict.decision.replace(" ", "-"),
        verdict=card.verdict.reasons[language],
        sections=sections,
    )
    return render_sheet(sheet, language, at=at)


def _effects(card: Scorecard, labels: Mapping[str, str], words: Mapping[str, str]) -> SheetSection:
    rows, names = [], []
    for result in card.results:
        low, high = _range(result)
        names.append(f"{labels[result.metric]} · {result.arm}")
        rows.append(
            (
                names[-1],
                f"{result.control_mean:.4g}",
                f"{result.mean:.4g}",
                _signed(result.relative[0]),
                f"{_signed(low)} … {_signed(high)}",
                p_value(result.p).removeprefix("= ") if np.isfinite(result.p) else _DASH,
            )
        )
    head = tuple(words[k] for k in ("metric", "of_control", "of_arm", "relative", "range", "p"))
    plot = _dots("effects", names, card.results, words)
    table = SheetTable(caption="", head=head, rows=tuple(rows))
    return SheetSection(
        title=words["effects"], paragraphs=(words["effects_lead"],), tables=(table,), plots=(plot,)
    )


def _dots(key: str, names: Sequence[str], results: Sequence[MetricResult], words: Mapping[str, str]) -> Plot:
    ranges = [_range(r) for r in results]
    points = [r.relative[0] for r in results]
    known = [i for i, p in enumerate(points) if np.isfinite([p, *ranges[i]]).all()]
    layout = plain_layout(height=_FRAME_PX + _ROW_PX * len(names), legend=False)
    layout["xaxis"] |= {"title": axis_title(words["per_cent"]), "zeroline": True, "zerolinewidth": 2}
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shown(n) + "  " for n in names],
        "range": [len(names) - 0.5, -0.5],
        "zeroline": False,
    }
    layout["meta"] = {"narrow": [shown(n[:14]) for n in names]}
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * points[i] for i in known],
        "y": known,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (ranges[i][1] - points[i]) for i in known],
            "arrayminus": [100 * (points[i] - ranges[i][0]) for i in known],
            "thickness": 2,
            "width": 4,
            "color": BLUE,
        },
        "marker": {"size": 10, "color": BLUE},
        "text": [shown(f"{names[i]}: {_signed(points[i])}") for i in known],
        "hoverinfo": "text",
    }
    cells = tuple(
        (n, _signed(p), f"{_signed(r[0])} … {_signed(r[1])}")
        for n, p, r in zip(names, points, ranges, strict=True)
    )
    return Plot(
        id=f"plot-{key}",
        title=words["effects"],
        alt=words["effects_alt"],
        data=[trace],
        layout=layout,
        head=(words["metric"], words["relative"], words["range"]),
        rows=cells,
    )


def _looks(card: Scorecard, labels: Mapping[str, str], words: Mapping[str, str]) -> list[SheetSection]:
    out = []
    for i, result in enumerate(card.results):
        path = result.path
        if path is None or len(path.t) < 2:
            continue
        axis = words["look_axis" if card.design == "group_sequential" else "look_axis_open"]
        layout = plain_layout(height=300, legend=True)
        layout["xaxis"] |= {"title": axis_title(axis)}
        layout["yaxis"] |= {"title": axis_title(words["z_axis"]), "zeroline": True}
        t = path.t.tolist()
        limit = [None if not np.isfinite(b) else b for b in path.bound]
        lower = [None if b is None else -b for b in limit]
        z = [None if not np.isfinite(v) else v for v in path.statistic]
        data: list[dict[str, Any]] = [
            _line(t, z, words["statistic"], BLUE),
            _line(t, limit, words["limit"], ORANGE),
            _line(t, lower, "", GREY) | {"showlegend": False, "line": {"color": ORANGE}},
        ]
        rows = tuple(
            (f"{a:.3g}", _DASH if b is None else f"{b:.2f}", _DASH if c is None else f"{c:.2f}")
            for a, b, c in zip(t, z, limit, strict=True)
        )
        title = words["looks"].format(metric=labels[result.metric], arm=result.arm)
        plot = Plot(
            id=f"plot-looks-{i}",
            title=title,
            alt=words["looks_alt"],
            data=data,
            layout=layout,
            head=(axis, words["statistic"], words["limit"]),
            rows=rows,
        )
        out.append(SheetSection(title=title, plots=(plot,)))
    return out


def _segments(card: Scorecard, labels: Mapping[str, str], words: Mapping[str, str]) -> SheetSection:
    tables = []
    for (metric, arm, dimension), (names, effects) in card.segments.items():
        caption = words["same"].format(
            metric=labels[metric], arm=arm, dimension=dimension, p=p_value(effects.p)
        )
        rows = tuple(
            (
                name,
                _signed(float(effects.own[i])),
                _signed(float(effects.shrunk[i])),
                f"{_signed(float(effects.low[i]))} … {_signed(float(effects.high[i]))}",
            )
            for i, name in enumerate(names)
        )
        head = tuple(words[k] for k in ("segment", "own", "shrunk", "range"))
        tables.append(SheetTable(caption=caption, head=head, rows=rows))
    return SheetSection(title=words["segments"], paragraphs=(words["segments_lead"],), tables=tuple(tables))


def _split(card: Scorecard, words: Mapping[str, str]) -> SheetSection:
    ratio = card.sample_ratio
    assert ratio is not None
    rows = tuple(
        (arm.content_id, f"{expected:,.0f}", f"{seen:,.0f}")
        for arm, expected, seen in zip(card.experiment.arms, ratio.expected, ratio.counts, strict=True)
    )
    table = SheetTable(caption="", head=(words["arm"], words["expected"], words["seen"]), rows=rows)
    lead = words["split_lead"].format(p=p_value(card.sample_ratio_p))
    return SheetSection(title=words["split"], paragraphs=(lead,), tables=(table,))


def _curve(plan: Plan, words: Mapping[str, str]) -> Plot | None:
    """The smallest effect by size, where a rate is planned."""
    if plan.kind != "proportion":
        return None
    sizes = plan.n_total * np.array([0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0])
    shares = [n / plan.n_total for n in plan.n_by_arm]
    shares[-1] = 1.0 - sum(shares[:-1])
    points = []
    for size in sizes:
        as_fixed = size / plan.inflation / (1.0 - plan.explained)
        try:
            found = minimum_effect(
                plan.baseline,
                as_fixed,
                alpha=plan.alpha,
                power=plan.power,
                n_arms=len(shares),
                shares=shares,
            )
        except InfeasibleError:
            continue
        points.append((float(size), 100 * found))
    layout = plain_layout(height=300, legend=False)
    layout["xaxis"] |= {"title": axis_title(words["size_axis"])}
    layout["yaxis"] |= {"title": axis_title(words["effect_axis"])}
    return Plot(
        id="plot-curve",
        title=words["curve"],
        alt=words["curve_alt"],
        data=[_line([x for x, _ in points], [y for _, y in points], "", BLUE)],
        layout=layout,
        head=(words["size_axis"], words["effect_axis"]),
        rows=tuple((f"{x:,.0f}", f"{y:.2f}") for x, y in points),
    )


def _line(x: Sequence[float], y: Sequence[float | None], name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour},
    }


def _range(result: MetricResult) -> tuple[float, float]:
    if result.path is None:
        return result.relative[1], result.relative[2]
    return float(result.path.low[-1]), float(result.path.high[-1])


def _signed(x: float) -> str:
    return percent(x, signed=True) if np.isfinite(x) else _DASH
