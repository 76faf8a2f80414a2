"""A test over all its metrics, arms and segments, from summary statistics, with the decision.

| design | when it may decide | how |
|---|---|---|
| group_sequential (default where the largest size is known) | at every look | alpha spending; rates exactly |
| anytime (default where it is not) | at every look | log-ratio sequence; exact counts while few |
| fixed | at the planned size | rates: pooled z or Fisher's exact test; else Welch's t on the log scale |

The deciding metric is corrected for the number of arms (Bonferroni over looks, Holm for one look), secondary
metrics by Benjamini-Hochberg, or while the test is looked at by e-BH on their anytime evidence. Guardrails are read
with the design's own intervals, each at the test's level: they can stop an arm at any look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adwright.errors import DataError, unknown_name
from adwright.experiment.design import DESIGNS, Design
from adwright.experiment.findings import DataFinding, blocking
from adwright.experiment.holm import holm
from adwright.experiment.inference import (
    Posterior,
    ProportionSummary,
    TestResult,
    bayesian_reading,
    lift,
    t_test,
)
from adwright.experiment.inference.summaries import Summary
from adwright.experiment.metric_result import MetricResult
from adwright.experiment.metrics import MetricSpec, check_metrics, summary_of
from adwright.experiment.multiple import adjust, e_bh
from adwright.experiment.sample_ratio import SampleRatio, check_shares
from adwright.experiment.sample_ratio_sequence import DimensionCheck, check_dimensions, watch_shares
from adwright.experiment.segments import SegmentEffects, shrink
from adwright.experiment.sequential.log_ratio import planned_information
from adwright.experiment.sequential.path import (
    LookPath,
    anytime_path,
    anytime_path_counts,
    group_path,
    group_path_counts,
)
from adwright.experiment.sequential.spending import Spending
from adwright.experiment.summary_table import SummaryTable
from adwright.experiment.verdict import Verdict, decide
from adwright.schema import F64, Experiment
from adwright.stats.proportions import compare_proportions

DEFAULT_EFFECT = 0.1
"""Relative effect that an anytime test is tuned to where the experiment plans none."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scorecard:
    """What the test says.

    Args:
        experiment: The test.
        design: How it is read.
        n_reached: Units of the smallest arm.
        share_done: Of the planned size.
        results: Metric by metric, arm by arm.
        segments: (metric, arm, dimension) -> names and effects by segment; a segment "device=phone" belongs to
            the dimension device, and only segments of one dimension are drawn towards each other.
        sample_ratio: At this look; `sample_ratio_p` is the one that decides, valid at every look.
        dimensions: The split inside each segment.
        findings: Faults of the data.
        verdict: The decision and its reasons.
    """

    experiment: Experiment
    design: Design
    n_reached: int
    share_done: float
    results: tuple[MetricResult, ...]
    segments: Mapping[tuple[str, str, str], tuple[tuple[str, ...], SegmentEffects]]
    sample_ratio: SampleRatio | None
    sample_ratio_p: float
    dimensions: tuple[DimensionCheck, ...]
    findings: tuple[DataFinding, ...]
    verdict: Verdict

    def result(self, metric: str, arm: str) -> MetricResult | None:
        """The comparison of this arm on this metric."""
        return next((r for r in self.results if (r.metric, r.arm) == (metric, arm)), None)


def analyse_metrics(
    experiment: Experiment,
    metrics: Sequence[MetricSpec],
    summaries: pl.DataFrame,
    *,
    design: Design | None = None,
    spending: Spending | None = None,
    findings: Sequence[DataFinding] = (),
    dispersion: Mapping[str, float] | None = None,
    assigned: Sequence[float] | None = None,
) -> Scorecard:
    """The scorecard of a test.

    Args:
        experiment: Arms with shares, level; `n_per_arm` 0 where the largest size is not known.
        metrics: One of them decides.
        summaries: See `metrics`; cumulative at each `look` where there are several.
        design: None takes group_sequential with a known largest size, else anytime.
        spending: Of the group-sequential design.
        findings: Faults found in the rows that the summaries come from.
        dispersion: Metric -> variance of its counts over that of independent units, where that is above 1.
        assigned: Units by arm that were assigned, for the sample-ratio check, where rows count exposures instead.

    Raises:
        UsageError: metrics or a design that are none.
        DataError: summaries that lack an arm's numbers or a column.
    """
    chosen: Design = design or ("group_sequential" if experiment.n_per_arm > 0 else "anytime")
    if chosen not in DESIGNS:
        raise unknown_name("design", chosen, DESIGNS)
    deciding = check_metrics(metrics)
    table = SummaryTable.of(experiment, metrics, summaries)
    found = (*findings, *table.findings)
    units = table.units(deciding)
    planned = experiment.n_per_arm * len(table.active)
    share_done = float(units.sum() / planned) if planned > 0 else float("nan")
    split = units if assigned is None else np.asarray(assigned, np.float64)
    ratio, ratio_p = _sample_ratio(experiment, split, looked_at=chosen != "fixed")
    reader = _Reader(experiment, table, chosen, spending, dispersion or {})
    results = () if blocking(found) else _results(reader, metrics)
    dimensions = table.dimension_counts(deciding)
    checks = check_dimensions(dimensions, [a.share for a in experiment.arms]) if dimensions else ()
    reached = int(min((units[i] for i in table.active), default=0.0))
    return Scorecard(
        experiment=experiment,
        design=chosen,
        n_reached=reached,
        share_done=share_done,
        results=results,
        segments={} if blocking(found) else _segments(reader, metrics),
        sample_ratio=ratio,
        sample_ratio_p=ratio_p,
        dimensions=checks,
        findings=found,
        verdict=decide(
            experiment,
            metrics,
            results,
            design=chosen,
            n_reached=reached,
            findings=found,
            ratio=ratio,
            ratio_p=ratio_p,
            dimensions=checks,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """What every comparison needs."""

    experiment: Experiment
    table: SummaryTable
    design: Design
    spending: Spending | None
    dispersion: Mapping[str, float]

    def path(self, metric: MetricSpec, arm: str, *, alpha: float) -> LookPath | None:
        """The comparison over its looks under the design; None where it is read once."""
        if self.design == "fixed":
            return None
        control, treatment = self.table.looks(metric, self.table.control), self.table.looks(metric, arm)
        a, b = summary_of(metric, control), summary_of(metric, treatment)
        phi = max(1.0, self.dispersion.get(metric.name, 1.0))
        counts = isinstance(a, ProportionSummary) and isinstance(b, ProportionSummary)
        if self.design == "anytime" or metric.role == "secondary":  # evidence that e-BH can take
            information = planned_information(self.experiment.minimum_effect or DEFAULT_EFFECT)
            if counts:
                share = self._share(arm)
                return anytime_path_counts(
                    a,  # type: ignore[arg-type]
                    b,  # type: ignore[arg-type]
                    share_b=share,
                    information=information,
                    alpha=alpha,
                    dispersion=phi,
                )
            return anytime_path(a, b, information=information, alpha=alpha, dispersion=phi)
        t = self._t(control, treatment)
        if counts:
            return group_path_counts(
                a,  # type: ignore[arg-type]
                b,  # type: ignore[arg-type]
                t=t,
                alpha=alpha,
                spending=self.spending,
                dispersion=phi,
            )
        return group_path(a, b, t=t, alpha=alpha, spending=self.spending)

    def _t(
        self, control: pl.DataFrame, treatment: pl.DataFrame
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if self.experiment.n_per_arm <= 0:
            raise DataError(
                "a group-sequential test needs its largest size",
                argument="n_per_arm",
                value=0,
                allowed="above 0",
            )
        n = control["n"].cast(pl.Float64).to_numpy() + treatment["n"].cast(pl.Float64).to_numpy()
        return np.asarray(n / (2.0 * self.experiment.n_per_arm), np.float64)

    def _share(self, arm: str) -> float:
        shares = {a.content_id: a.share for a in self.experiment.arms}
        return shares[arm] / (shares[arm] + shares[self.table.control])


def _results(reader: _Reader, metrics: Sequence[MetricSpec]) -> tuple[MetricResult, ...]:
    arms = reader.table.treatments
    out: list[MetricResult] = []
    for metric in metrics:
        last = [reader.table.last(metric, arm) for arm in arms]
        a = summary_of(metric, reader.table.last(metric, reader.table.control), shape=(1,))
        b = summary_of(metric, pl.concat(last))
        out += _of_metric(reader, metric, a, b)
    return tuple(_corrected(out, metrics, looked_at=reader.design != "fixed"))


def _of_metric(reader: _Reader, metric: MetricSpec, a: Summary, b: Summary) -> list[MetricResult]:
    """All arms of one metric at once, corrected over arms for the deciding one."""
    arms, alpha = reader.table.treatments, reader.experiment.alpha
    absolute = t_test(lift(a, b, scale="absolute"), alpha=alpha)
    log = lift(a, b, scale="log")
    relative = t_test(log, alpha=alpha)
    log_p = _log_p(a, b, relative, absolute, phi=max(1.0, reader.dispersion.get(metric.name, 1.0)))
    adjusted = np.exp(holm(np.minimum(log_p, 0.0)))
    means = a.pair(b)
    each = alpha / len(arms) if metric.role == "deciding" else alpha
    posterior = (
        None
        if metric.prior is None
        else bayesian_reading(log, prior=metric.prior, alpha=alpha, lower_is_better=metric.lower_is_better)
    )
    return [
        MetricResult(
            metric=metric.name,
            arm=arm,
            control_mean=float(np.broadcast_to(means[0].raw_mean, (len(arms),))[i]),
            mean=float(means[1].raw_mean[i]),
            absolute=(float(absolute.point[i]), float(absolute.low[i]), float(absolute.high[i])),
            relative=(
                float(np.expm1(relative.point[i])),
                float(np.expm1(relative.low[i])),
                float(np.expm1(relative.high[i])),
            ),
            p=float(np.exp(log_p[i])),
            p_adjusted=float(adjusted[i]),
            level=1.0 - alpha,
            path=reader.path(metric, arm, alpha=each),
            posterior=None if posterior is None else _one(posterior, i),
        )
        for i, arm in enumerate(arms)
    ]


def _log_p(a: Summary, b: Summary, relative: TestResult, absolute: TestResult, *, phi: float) -> F64:
    """Of one reading: rates by the pooled z or Fisher's exact test, others by t, on the log scale if they can."""
    if isinstance(a, ProportionSummary) and isinstance(b, ProportionSummary):
        found = compare_proportions(a.successes, a.n, successes_b=b.successes, trials_b=b.n, dispersion=phi)
        return found.log_p
    return np.where(np.isfinite(relative.log_p), relative.log_p, absolute.log_p)


def _one(posterior: Posterior, i: int) -> Posterior:
    """The reading of one arm."""
    names = Posterior.__dataclass_fields__
    return Posterior(**{name: np.asarray(np.atleast_1d(getattr(posterior, name))[i]) for name in names})


def _corrected(
    results: Sequence[MetricResult], metrics: Sequence[MetricSpec], *, looked_at: bool
) -> list[MetricResult]:
    """Secondary metrics corrected together: e-BH where looks have e-values, else Benjamini-Hochberg."""
    secondary = {m.name for m in metrics if m.role == "secondary"}
    rows = [i for i, r in enumerate(results) if r.metric in secondary]
    if not rows:
        return list(results)
    evidence = [_log_e(results[i]) for i in rows]
    if looked_at and np.any(np.isfinite(evidence)):
        adjusted = e_bh(evidence)
    else:
        adjusted = adjust([results[i].p for i in rows], "fdr_bh")
    out = list(results)
    for i, p in zip(rows, adjusted, strict=True):
        r = results[i]
        out[i] = MetricResult(**{n: getattr(r, n) for n in r.__dataclass_fields__} | {"p_adjusted": float(p)})
    return out


def _log_e(result: MetricResult) -> float:
    return float("nan") if result.path is None else float(result.path.log_e[-1])


def _segments(
    reader: _Reader, metrics: Sequence[MetricSpec]
) -> dict[tuple[str, str, str], tuple[tuple[str, ...], SegmentEffects]]:
    out, level = {}, 1.0 - reader.experiment.alpha
    for metric in metrics:
        for arm in reader.table.treatments:
            names, control, treatment = reader.table.by_segment(metric, arm)
            if names:
                log = lift(summary_of(metric, control), summary_of(metric, treatment), scale="log")
                for dimension in dict.fromkeys(name.partition("=")[0] for name in names):
                    own = [i for i, name in enumerate(names) if name.partition("=")[0] == dimension]
                    effects = shrink(log.point[own], log.se[own], level=level)
                    out[metric.name, arm, dimension] = (tuple(names[i] for i in own), effects)
    return out


def _sample_ratio(
    experiment: Experiment, units: np.ndarray[tuple[int], np.dtype[np.float64]], *, looked_at: bool
) -> tuple[SampleRatio | None, float]:
    shares = [arm.share for arm in experiment.arms]
    if not np.isfinite(units).all() or units.min() < 0 or units.sum() <= 0:  # a finding says so
        return None, 1.0
    ratio = check_shares(units.tolist(), shares)
    return ratio, watch_shares(units.tolist(), shares).p if looked_at else ratio.p
