"""The page of `adwright predict evaluate`: calibration and coverage, on the whole, in parts and by segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adwright.cli.decide_page import write_page
from adwright.report.decisions_page import Grid
from adwright.report.evaluation_plots import CoverageRow, CurvePoint, plot_coverage, plot_curves
from adwright.report.figures import Estimate
from adwright.report.formatting import Format
from adwright.report.plot import Plot
from adwright.report.words import Messages

_NOMINAL = 0.9
_MAX_CURVES = 8
_KINDS = {"model": "coverage_90", "conformal": "coverage_90_conformal"}


def write_evaluation(path: Path, messages: Messages, found: Mapping[str, Any]) -> None:
    """Writes the page of what `Predictor.evaluate` found; raises `StoreError` where it cannot be written."""
    say, write = messages.say, Format(messages, currency=None)
    rates = {
        name: measures
        for name, measures in found["targets"].items()
        if measures["n_rows"] and "calibration_curve" in measures
    }
    write_page(
        path,
        messages,
        title=say("evaluation.title"),
        lead=say("evaluation.lead", {"n": found["n_rows"], "model": found["model"]}),
        method=[
            say("evaluation.method_own" if found["kept_back"] else "evaluation.method_other"),
            say("evaluation.method_curves"),
            say("evaluation.method_coverage"),
            *([say("evaluation.method_conformal")] if _has_conformal(rates) else []),
        ],
        plots=[plot for name, measures in rates.items() for plot in _plots(messages, write, name, measures)],
        grids=[_summary(messages, write, name, measures) for name, measures in rates.items()],
    )


def _has_conformal(rates: Mapping[str, Any]) -> bool:
    return any(_KINDS["conformal"] in measures for measures in rates.values())


def _summary(messages: Messages, write: Format, name: str, measures: Mapping[str, Any]) -> Grid:
    """The measures of one target, each with its interval."""
    say = messages.say
    shown = {
        "auc": measures["auc"],
        "log_loss": measures["log_loss"],
        "calibration_slope": measures["calibration_slope"],
        "ece": measures["debiased_ece"],
    }
    if "coverage_90" in measures:
        shown["coverage"] = measures["coverage_90"]["all"]
    rows = [
        (
            messages.name("metric", key),
            write.decimal(value["value"]),
            write.range(write.decimal(value["low"]), write.decimal(value["high"])),
        )
        for key, value in shown.items()
    ]
    rows.append((say("predictor.predicted"), write.rate(measures["mean_predicted"]), ""))
    rows.append((say("predictor.observed"), write.rate(measures["mean_observed"]), ""))
    return Grid(
        caption=say("predictor.target", {"name": messages.name("target", name)}),
        head=tuple(say(f"predictor.{key}") for key in ("measure", "result", "interval")),
        rows=tuple(rows),
    )


def _plots(messages: Messages, write: Format, name: str, measures: Mapping[str, Any]) -> Iterator[Plot]:
    said = {"name": messages.name("target", name)}
    everything = messages.say("evaluation.all")
    curve = _points(measures["calibration_curve"])
    if curve:
        title = messages.say("evaluation.curves", said)
        yield plot_curves(messages, write, {everything: curve}, title=title, key=name)
    segments: Mapping[str, Any] = measures.get("by_segment", {})
    curves = {segment: _points(part["calibration_curve"]) for segment, part in segments.items()}
    curves = {segment: points for segment, points in list(curves.items())[:_MAX_CURVES] if points}
    if curves:
        title = messages.say("evaluation.curves_by_segment", said)
        yield plot_curves(messages, write, curves, title=title, key=f"{name}-segments")
    rows = list(_coverage_rows(messages, measures))
    if rows:
        title = messages.say("evaluation.coverage", said)
        yield plot_coverage(messages, write, rows, title=title, nominal=_NOMINAL, key=name)


def _points(curve: list[Mapping[str, Any]]) -> list[CurvePoint]:
    return [
        CurvePoint(
            predicted=p["predicted"],
            observed=Estimate(mean=p["observed"], low=p["low"], high=p["high"], level=0.95),
            n=p["n"],
        )
        for p in curve
    ]


def _coverage_rows(messages: Messages, measures: Mapping[str, Any]) -> Iterator[CoverageRow]:
    """On the whole, in and out of domain, by fifths of prediction and of trials, by segment."""
    held = {kind: measures[key] for kind, key in _KINDS.items() if key in measures}
    if not held:
        return
    say, n_rows = messages.say, measures["n_rows"]
    yield _row(say("evaluation.all"), {kind: found["all"] for kind, found in held.items()}, n_rows)
    for side in ("inside", "outside"):
        parts = {kind: found["by_domain"][side] for kind, found in held.items() if "by_domain" in found}
        if parts and next(iter(parts.values()))["n"]:
            yield _row(say(f"evaluation.{side}"), parts)
    for key in ("by_prediction", "by_trials"):
        for i in range(5):
            parts = {kind: found[key][i] for kind, found in held.items()}
            if next(iter(parts.values()))["n"]:
                yield _row(say(f"evaluation.{key}", {"i": i + 1}), parts)
    for segment, part in measures.get("by_segment", {}).items():
        own = {kind: part[key] for kind, key in _KINDS.items() if key in part}
        if own:
            yield _row(segment, own, part["n_rows"])


def _row(name: str, parts: Mapping[str, Mapping[str, Any]], n: int | None = None) -> CoverageRow:
    covered = {
        kind: Estimate(mean=part["value"], low=part["low"], high=part["high"], level=0.95)
        for kind, part in parts.items()
        if part["value"] is not None
    }
    return CoverageRow(name=name, covered=covered, n=next(iter(parts.values()))["n"] if n is None else n)
