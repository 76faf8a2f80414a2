"""From the numbers of a test to a decision and its reasons.

In this order: a broken split makes the test invalid; below the planned size it goes on; then an arm ships
that is better on the deciding metric (Holm over the arms) and not worse on a metric further down the funnel
(clicks that lower the value are no success); else the control stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from adwright.experiment.compare import Comparison
from adwright.experiment.phrases import LANGUAGES, METRICS, SENTENCES, amount, p_value, percent
from adwright.experiment.result import Difference, Metric, Verdict
from adwright.experiment.sample_ratio import SampleRatio
from adwright.experiment.totals import ArmTotals
from adwright.schema import Experiment, GoalKind, Language

_FUNNEL: tuple[Metric, ...] = ("click", "conversion", "value")


@dataclass(frozen=True, slots=True)
class Reading:
    """A decision with its reasons and notes, by language."""

    decision: Verdict
    winner: str | None
    reasons: Mapping[Language, tuple[str, ...]]
    notes: Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence to be filled in: its key, and what it is about."""

    key: str
    difference: Difference | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def read_result(
    experiment: Experiment,
    data: ArmTotals,
    *,
    comparisons: Mapping[Metric, Comparison],
    deciding: Metric,
    ratio: SampleRatio,
) -> Reading:
    """The decision on the test, and why.

    Args:
        experiment: Level, planned size, arms.
        data: What the arms did.
        comparisons: By metric; the deciding one is among them.
        deciding: The metric that decides.
        ratio: The sample-ratio check.
    """
    planned = [n for n, arm in zip(data.exposures, experiment.arms, strict=True) if arm.share > 0]
    reached = int(min(planned))
    winner: str | None = None
    decision: Verdict
    if ratio.broken:
        decision, lines = "invalid", [_broken(ratio), _Line("invalid_why")]
    elif reached < experiment.n_per_arm:
        share = percent(reached / experiment.n_per_arm)
        values = {"reached": f"{reached:,}", "planned": f"{experiment.n_per_arm:,}", "share": share}
        decision, lines = "go on", [_Line("go_on", values=values), _Line("go_on_why")]
    else:
        winner, lines = _verdict(experiment, comparisons, deciding)
        decision = "ship" if winner is not None else "stop"
    writer = _Writer(experiment, data, comparisons)
    notes = _notes(experiment, data, comparisons)
    return Reading(
        decision=decision,
        winner=winner,
        reasons={language: writer.write(lines, language) for language in LANGUAGES},
        notes={language: writer.write(notes, language) for language in LANGUAGES},
    )


def _broken(ratio: SampleRatio) -> _Line:
    def shares(counts: Sequence[float]) -> str:
        total = max(sum(counts), 1.0)
        return " / ".join(percent(count / total) for count in counts)

    values = {"expected": shares(ratio.expected), "seen": shares(ratio.counts), "p": p_value(ratio.p)}
    return _Line("invalid", values=values)


def _verdict(
    experiment: Experiment, comparisons: Mapping[Metric, Comparison], deciding: Metric
) -> tuple[str | None, list[_Line]]:
    differences = comparisons[deciding].differences
    better = [d for d in differences if d.absolute > 0 and d.p_adjusted < experiment.alpha]
    worse = [d for d in differences if d.absolute < 0 and d.p_adjusted < experiment.alpha]
    losses = {d.content_id: _loss(experiment, comparisons, d) for d in better}
    sound = sorted((d for d in better if losses[d.content_id] is None), key=lambda d: -d.absolute)
    lines = [_Line("ship", sound[0])] if sound else [_Line("stop_blocked" if better else "stop")]
    lines += [_Line("also_better", d) for d in sound[1:]]
    lines += [_Line("blocked", losses[d.content_id]) for d in better if losses[d.content_id] is not None]
    lines += [_Line("worse", d) for d in worse]
    lines += [_Line("unclear", d) for d in differences if d not in better and d not in worse]
    return (sound[0].content_id if sound else None), lines


def _loss(
    experiment: Experiment, comparisons: Mapping[Metric, Comparison], won: Difference
) -> Difference | None:
    """Where an arm that wins loses further down the funnel, by the p-value there alone."""
    for metric in _FUNNEL[_FUNNEL.index(won.metric) + 1 :]:
        for difference in comparisons[metric].differences if metric in comparisons else ():
            same = difference.content_id == won.content_id
            if same and difference.absolute < 0 and difference.p < experiment.alpha:
                return difference
    return None


def _notes(experiment: Experiment, data: ArmTotals, comparisons: Mapping[Metric, Comparison]) -> list[_Line]:
    notes = [
        _Line("no_data", values={"arm": arm.content_id})
        for arm, n in zip(experiment.arms, data.exposures, strict=True)
        if n == 0
    ]
    if data.n_left_out:
        notes.append(_Line("left_out", values={"n": f"{data.n_left_out:,}"}))
    if data.value is not None and "value" not in comparisons:
        notes.append(_Line("no_value"))
    for metric, comparison in comparisons.items():
        if comparison.dispersion > 1.0:
            values = {"factor": f"{comparison.dispersion:.2f}", "metric_key": metric}
            notes.append(_Line("dispersion", values=values))
        exact = [d for d in comparison.differences if d.method.startswith("Fisher")]
        notes += [_Line("exact", exact[0])] if exact else []
    return notes


def _relative_is_sound(difference: Difference) -> bool:
    """Whether the relative interval exists and agrees with the absolute one about 0; at low counts it may not."""
    low, high = difference.relative_low, difference.relative_high
    agrees = (low > 0) == (difference.low > 0) and (high < 0) == (difference.high < 0)
    return bool(np.isfinite(low) and np.isfinite(high) and agrees)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Fills sentences in."""

    experiment: Experiment
    data: ArmTotals
    comparisons: Mapping[Metric, Comparison]

    def write(self, lines: Sequence[_Line], language: Language) -> tuple[str, ...]:
        return tuple(self._sentence(line, language) for line in lines)

    def _sentence(self, line: _Line, language: Language) -> str:
        names = METRICS[language]
        values: dict[str, object] = {
            "metric": names[self.experiment.metric],
            "won": names[self.experiment.metric],
        }
        values.update(line.values)
        if "metric_key" in values:
            values["metric"] = names[self._goal(str(values["metric_key"]))]
        if line.difference is not None:
            values.update(self._facts(line.difference, language))
            if line.key == "blocked":  # decided by the p-value of that metric alone
                values["p"] = p_value(line.difference.p)
        return SENTENCES[language][line.key].format(**values)

    def _facts(self, difference: Difference, language: Language) -> dict[str, object]:
        texts = SENTENCES[language]
        arms = [arm.content_id for arm in self.experiment.arms]
        control = next(i for i, arm in enumerate(self.experiment.arms) if arm.is_control)
        estimates = self.comparisons[difference.metric].estimates
        means = [0.0 if e is None else e.mean for e in estimates]
        relative = _relative_is_sound(difference)
        ends = (
            (difference.relative_low, difference.relative_high)
            if relative
            else (difference.low, difference.high)
        )

        def change(x: float) -> str:
            if relative:
                return percent(x, signed=True)
            if difference.metric == "value":
                return self._amount(x, "value", language)
            return texts["points"].format(x=100 * x)

        n = len(self.comparisons[difference.metric].differences)
        return {
            "arm": difference.content_id,
            "metric": METRICS[language][self._goal(difference.metric)],
            "a": self._amount(means[control], difference.metric, language),
            "b": self._amount(means[arms.index(difference.content_id)], difference.metric, language),
            "change": change(difference.relative if relative else difference.absolute),
            "interval": texts["interval"].format(
                level=percent(difference.level), low=change(ends[0]), high=change(ends[1])
            ),
            "p": p_value(difference.p_adjusted) + (texts["several"].format(n=n) if n > 1 else ""),
        }

    def _amount(self, value: float, metric: Metric, language: Language) -> str:
        return amount(value, self.data.currency, language) if metric == "value" else percent(value)

    def _goal(self, metric: str) -> GoalKind:
        if metric == "value":
            return "margin" if self.experiment.metric == "margin" else "revenue"
        return "click" if metric == "click" else "conversion"
