"""The report page: one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from adwright.report.appendix import method_rows
from adwright.report.calibration_plot import plot_calibration
from adwright.report.edition import Edition
from adwright.report.figures import RunFigures, TargetFigures, TestFigures
from adwright.report.interval_plots import plot_differences, plot_intervals
from adwright.report.labels import ranked
from adwright.report.plot import Plot
from adwright.report.previews import cards
from adwright.report.readings import reading, written
from adwright.report.rendering import render
from adwright.report.summary import key_figures, measured_inside, sentences
from adwright.report.traffic_plots import plot_cumulative, plot_probabilities
from adwright.schema import Language

_N_OPEN_CARDS = 12
_N_OPEN_TESTS = 3


def render_report(figures: RunFigures, language: Language) -> str:
    """The page of a run: HTML with its style, its script and Plotly inside, readable without a network.

    Args:
        figures: The run. Everything in it is treated as data and escaped.
        language: Of the page; texts that have no such language show in whichever they have.

    Raises:
        UsageError: an unknown language or currency.
    """
    edition = Edition.of(figures, language)
    passed = [c for c in ranked(figures.contents) if c.content.status != "rejected"]
    rejected = [c for c in ranked(figures.contents) if c.content.status == "rejected"]
    targets = _targets(edition)
    tests = [_test(edition, test, key=str(i)) for i, test in enumerate(figures.tests, start=1)]
    intervals = plot_intervals(edition, passed)
    plots = [intervals, *(t["plot"] for t in targets), *(p for t in tests for p in t["plots"])]
    drawn = [p for p in plots if p is not None]
    return render(
        "report.html.j2",
        {
            "edition": edition,
            "figures": figures,
            "say": edition.messages.say,
            "name": edition.messages.name,
            "pick": edition.messages.pick,
            "write": edition.format,
            "labels": edition.labels,
            "language": language,
            "title": edition.messages.say("page.report_for", {"shop": figures.shop}),
            "content_languages": _languages(edition),
            "sections": _sections(figures),
            "absent": figures.absent,
            "sentences": sentences(edition),
            "key_figures": key_figures(edition),
            "intervals": intervals,
            "cards": cards(edition, passed),
            "n_open_cards": _N_OPEN_CARDS,
            "rejected": cards(edition, rejected),
            "targets": targets,
            "choices": _choices(edition),
            "tests": tests,
            "n_open_tests": _N_OPEN_TESTS,
            "methods": method_rows(edition),
            "plots": [{"id": p.id, "data": p.data, "layout": p.layout} for p in drawn],
            "plotly_js": plotly_js() if drawn else "",
        },
    )


def plotly_js() -> Markup:
    """Plotly's own script, to stand inside a script element."""
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs().replace("</script", "<\\/script"))  # noqa: S704  Plotly's, not data


def _sections(figures: RunFigures) -> list[str]:
    """The sections that the page has, in order: those with something in them, and those that say why not."""
    rejected = [c for c in figures.contents if c.content.status == "rejected"]
    filled: dict[str, bool] = {
        "data": figures.data is not None,
        "cohorts": bool(figures.cohorts),
        "contents": len(figures.contents) > len(rejected),
        "rejected": bool(figures.contents),
        "predictor": figures.predictor is not None,
        "decision": figures.decision is not None,
        "test": bool(figures.tests),
    }
    present = [name for name, is_filled in filled.items() if is_filled or name in figures.absent]
    return ["headline", *present, "appendix"]


def _languages(edition: Edition) -> str:
    languages = dict.fromkeys(c.content.language for c in edition.figures.contents)
    return edition.messages.series([edition.messages.name("language", x) for x in languages])


def _targets(edition: Edition) -> list[dict[str, Any]]:
    predictor = edition.figures.predictor
    targets: Sequence[TargetFigures] = () if predictor is None else predictor.targets
    return [
        {
            "target": target,
            "plot": plot_calibration(edition, target, key=str(i)),
            "spread": _spread(edition, target),
            "metrics": [
                {
                    "name": edition.messages.name("metric", m.name),
                    "value": written(edition, m, m.estimate.mean),
                    "bounds": edition.format.range(
                        written(edition, m, m.estimate.low), written(edition, m, m.estimate.high)
                    ),
                    "n": edition.format.count(m.n),
                    "baseline": written(edition, m, m.baseline),
                    "reading": reading(edition, m),
                }
                for m in target.metrics
            ],
        }
        for i, target in enumerate(targets, start=1)
    ]


def _spread(edition: Edition, target: TargetFigures) -> str:
    if target.k is None or target.level_sd is None or target.k <= 0:
        return ""
    values = {
        "level": edition.format.share(target.level_sd),
        "content": edition.format.share(target.k**-0.5),
    }
    return edition.messages.say("predictor.spread", values)


def _choices(edition: Edition) -> list[dict[str, Any]]:
    decision = edition.figures.decision
    return [
        {
            "choice": choice,
            "bars": sorted(choice.probabilities.items(), key=lambda pair: -pair[1]),
        }
        for choice in (() if decision is None else decision.choices)
    ]


def _test(edition: Edition, test: TestFigures, *, key: str) -> dict[str, Any]:
    plots: list[Plot | None] = [plot_differences(edition, test, key=key)]
    if test.traffic is not None:
        plots.append(plot_probabilities(edition, test.traffic, key=key))
        plots.append(plot_cumulative(edition, test.traffic, key=key, goal=test.metric))
    k_inside, n_inside = measured_inside(test)
    return {
        "test": test,
        "key": key,
        "plots": [p for p in plots if p is not None],
        "has_truth": any(a.truth is not None for a in test.arms),
        "ratio": _ratio(test),
        "unit": edition.unit(test.metric),
        "inside": edition.messages.say("headline.inside", {"k": k_inside, "n": n_inside}) if n_inside else "",
    }


def _ratio(test: TestFigures) -> str:
    if test.sample_ratio_p is None:
        return "ratio_unknown"
    return "ratio_bad" if test.decision == "invalid" or test.sample_ratio_p < 0.001 else "ratio_ok"
