"""From the results of a test to ship, stop, go on or invalid, with reasons that a marketer reads.

In this order: faults of the data or of the split make the test invalid; an arm is out that is shown to be worse, or
that a guardrail forbids; among the arms shown to be better the one with the largest effect ships; at the end of the
plan the control stays; before it the test goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from adwright.experiment.design import Design
from adwright.experiment.findings import DataFinding, blocking
from adwright.experiment.metric_result import MetricResult
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.phrases import LANGUAGES, p_value, percent
from adwright.experiment.sample_ratio import SUSPICIOUS as SUSPICIOUS_ONCE
from adwright.experiment.sample_ratio import SampleRatio
from adwright.experiment.sample_ratio_sequence import SUSPICIOUS, DimensionCheck
from adwright.experiment.verdict_phrases import SENTENCES
from adwright.schema import Experiment, Language

Decision = Literal["ship", "stop", "go on", "invalid"]
Standing = Literal["better", "worse", "unclear", "no answer"]
Safety = Literal["safe", "harmed", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision.

    Args:
        decision: "ship" an arm, "stop" and keep the control, "go on", or "invalid".
        winner: The arm to ship.
        standing: Arm -> how it stands on the deciding metric.
        reasons: Sentences by language; the first one is the headline.
    """

    decision: Decision
    winner: str | None
    standing: Mapping[str, Standing]
    reasons: Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    values: Mapping[str, Any]
    metric: MetricSpec | None = None


def decide(
    experiment: Experiment,
    metrics: Sequence[MetricSpec],
    results: Sequence[MetricResult],
    *,
    design: Design,
    n_reached: int,
    findings: Sequence[DataFinding],
    ratio: SampleRatio | None,
    ratio_p: float,
    dimensions: Sequence[DimensionCheck],
) -> Verdict:
    """The decision on a scorecard; see `Scorecard` for the arguments."""
    broken = ratio_p < (SUSPICIOUS_ONCE if design == "fixed" else SUSPICIOUS)
    if blocking(findings) or broken:
        return _invalid(findings, ratio if broken else None, ratio_p)
    deciding = next(m for m in metrics if m.role == "deciding")
    own = {r.arm: r for r in results if r.metric == deciding.name}
    at_end = experiment.n_per_arm > 0 and n_reached >= experiment.n_per_arm
    readable = design != "fixed" or at_end
    standing = {arm: _standing(r, deciding, design, experiment.alpha, readable) for arm, r in own.items()}
    safety = {arm: _guardrails(arm, metrics, results, experiment.alpha, readable) for arm in own}
    open_guardrail = {
        arm: [g for g, s in found if s == "unclear" and g.margin is not None] for arm, found in safety.items()
    }
    harmed = {arm: [g for g, s in found if s == "harmed"] for arm, found in safety.items()}
    better = sorted(
        (arm for arm, s in standing.items() if s == "better"),
        key=lambda arm: -deciding.sign * own[arm].relative[0],
    )
    free = [arm for arm in better if not harmed[arm] and not open_guardrail[arm]]
    lines: list[_Line] = []
    decision: Decision
    if free:
        decision, winner = "ship", free[0]
        lines.append(_Line("ship", _facts(own[winner], design), deciding))
    else:
        winner = None
        out = [arm for arm in own if standing[arm] == "worse" or harmed[arm]]
        ended = len(out) == len(own) or at_end
        decision = "stop" if ended else "go on"
        lines.append(
            _headline(decision, experiment, deciding, n_reached, design, all_out=len(out) == len(own))
        )
    lines += _per_arm(own, standing, winner, deciding, design)
    for arm in own:
        lines += [_Line("harmed", _facts_of(results, g.name, arm, design), g) for g in harmed[arm]]
        if arm in better and not harmed[arm]:
            lines += [
                _Line(
                    "not_safe",
                    _facts_of(results, g.name, arm, design) | {"margin": percent(g.margin or 0)},
                    g,
                )
                for g in open_guardrail[arm]
            ]
    lines += _notes(findings, dimensions, own, deciding)
    return Verdict(decision=decision, winner=winner, standing=standing, reasons=_write(lines))


def _invalid(findings: Sequence[DataFinding], ratio: SampleRatio | None, p: float) -> Verdict:
    lines = [_Line("invalid", {})]
    if ratio is not None:
        total = max(sum(ratio.counts), 1.0)
        lines.append(
            _Line(
                "split",
                {
                    "expected": " / ".join(percent(x / total) for x in ratio.expected),
                    "seen": " / ".join(percent(x / total) for x in ratio.counts),
                    "p": p_value(p),
                },
            )
        )
    lines += [_Line("finding", {"finding": f}) for f in findings]
    return Verdict(decision="invalid", winner=None, standing={}, reasons=_write(lines))


def _standing(
    result: MetricResult, metric: MetricSpec, design: Design, alpha: float, readable: bool
) -> Standing:
    if design == "fixed":
        if not readable:
            return "unclear"
        if not np.isfinite(result.p_adjusted):
            return "no answer"
        if result.p_adjusted >= alpha:
            return "unclear"
        return "better" if result.absolute[0] * metric.sign > 0 else "worse"
    assert result.path is not None
    if result.path.crossed is None:
        return "no answer" if result.path.reason else "unclear"
    return "better" if result.path.side * metric.sign > 0 else "worse"


def _guardrails(
    arm: str, metrics: Sequence[MetricSpec], results: Sequence[MetricResult], alpha: float, readable: bool
) -> list[tuple[MetricSpec, Safety]]:
    out: list[tuple[MetricSpec, Safety]] = []
    for metric in metrics:
        if metric.role != "guardrail":
            continue
        result = next(r for r in results if (r.metric, r.arm) == (metric.name, arm))
        low, high = _interval(result)
        worst, best = (low, high) if metric.sign > 0 else (-high, -low)
        state: Safety = "unclear"
        if readable and best < 0:
            state = "harmed"
        elif readable and worst > -(metric.margin or 0.0):
            state = "safe"
        out.append((metric, state))
    return out


def _interval(result: MetricResult) -> tuple[float, float]:
    """The relative effect's interval under the test's design."""
    if result.path is None:
        return result.relative[1], result.relative[2]
    return float(result.path.low[-1]), float(result.path.high[-1])


def _headline(
    decision: Decision,
    experiment: Experiment,
    deciding: MetricSpec,
    n_reached: int,
    design: Design,
    *,
    all_out: bool,
) -> _Line:
    if decision == "stop":
        return _Line("stop_all_out" if all_out else "stop", {}, deciding)
    if experiment.n_per_arm <= 0:
        return _Line("go_on_open", {"reached": f"{n_reached:,}"}, deciding)
    values = {
        "reached": f"{n_reached:,}",
        "planned": f"{experiment.n_per_arm:,}",
        "share": percent(n_reached / experiment.n_per_arm),
    }
    return _Line("go_on_fixed" if design == "fixed" else "go_on", values, deciding)


def _per_arm(
    own: Mapping[str, MetricResult],
    standing: Mapping[str, Standing],
    winner: str | None,
    deciding: MetricSpec,
    design: Design,
) -> list[_Line]:
    keys = {"better": "better", "worse": "worse", "unclear": "unclear", "no answer": "no_answer"}
    lines = []
    for arm, result in own.items():
        if arm != winner:
            key = keys[standing[arm]]
            if key == "no_answer" and result.path is not None and result.path.reason == "few_conversions":
                key = "no_answer_few"
            lines.append(_Line(key, _facts(result, design), deciding))
    return lines


def _notes(
    findings: Sequence[DataFinding],
    dimensions: Sequence[DimensionCheck],
    own: Mapping[str, MetricResult],
    deciding: MetricSpec,
) -> list[_Line]:
    lines = [_Line("finding", {"finding": f}) for f in findings]
    lines += [
        _Line("dimension", {"part": f"{d.dimension} = {d.value}", "p": p_value(d.p_adjusted)})
        for d in dimensions
        if d.broken
    ]
    for arm, result in own.items():
        if result.posterior is not None:
            read = result.posterior
            values = {
                "arm": arm,
                "alone": percent(float(np.expm1(read.without_prior)), signed=True),
                "mean": percent(float(np.expm1(read.mean)), signed=True),
                "share": percent(float(read.prior_share)),
                "chance": percent(float(read.chance_to_win)),
            }
            lines.append(_Line("bayes", values, deciding))
    return lines


def _facts_of(results: Sequence[MetricResult], metric: str, arm: str, design: Design) -> dict[str, Any]:
    return _facts(next(r for r in results if (r.metric, r.arm) == (metric, arm)), design)


def _facts(result: MetricResult, design: Design) -> dict[str, Any]:
    low, high = _interval(result)
    return {
        "arm": result.arm,
        "change": percent(result.relative[0], signed=True) if np.isfinite(result.relative[0]) else "-",
        "low": percent(low, signed=True) if np.isfinite(low) else "-",
        "high": percent(high, signed=True) if np.isfinite(high) else "-",
        "level": percent(result.level),
        "valid": "valid_once" if design == "fixed" else "valid_always",
    }


def _write(lines: Sequence[_Line]) -> dict[Language, tuple[str, ...]]:
    return {language: tuple(_sentence(line, language) for line in lines) for language in LANGUAGES}


def _sentence(line: _Line, language: Language) -> str:
    texts = SENTENCES[language]
    values = dict(line.values)
    if isinstance(values.get("finding"), DataFinding):
        values["finding"] = values["finding"].message(language)
    if "valid" in values:
        values["valid"] = texts[values["valid"]].format(**values)
    if line.metric is not None:
        values["metric"] = line.metric.words(language)
    return texts[line.key].format(**values)
