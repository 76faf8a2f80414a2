"""The analysis of a test slice at its planned size, from summary statistics.

*Holds when* the test is read once, when every arm has its planned exposures (a fixed horizon), and exposures
are independent given the day. Looked at again and again, the same numbers would call a winner far too often:
therefore the answer before that is "go on", whatever they look like.
*Does not cover* customers who are exposed several times, unless `units` says who they are: then intervals and
p-values are those of independent customers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.experiment.compare import Comparison, compare_rates, compare_values
from adwright.experiment.reading import read_result
from adwright.experiment.result import Analysis, ArmResult, Metric
from adwright.experiment.sample_ratio import SampleRatio, check_shares
from adwright.experiment.totals import ArmTotals, arm_totals
from adwright.schema import Experiment, GoalKind

METRIC_OF_GOAL: Mapping[GoalKind, Metric] = {
    "click": "click",
    "conversion": "conversion",
    "revenue": "value",
    "margin": "value",
}


def analyse(experiment: Experiment, totals: pl.DataFrame, *, units: pl.DataFrame | None = None) -> Analysis:
    """What the test says: estimates, differences, sample ratio, decision and reasons.

    Args:
        experiment: Arms with shares, the metric that decides, level and planned size.
        totals: One row an arm, or an arm and day: `content_id`, `n_exposures`, and what is known of
            `n_clicks`, `n_conversions`, `value_minor` (revenue or margin, as the metric counts it),
            `value_squares` (sum of the squared value of single exposures), `n_units` (customers), `at`,
            `currency`. Of these the metric needs its own; a value needs `value_squares` or ten days.
        units: One row a customer (or whatever was assigned), see `unit_dispersion.unit_dispersion`: content_id,
            unit_id, n_exposures, n_clicks, n_conversions, value_minor, value_squares. Give it wherever a
            customer can be exposed more than once.

    Raises:
        DataError: what `totals` lacks or has wrong.
    """
    data = arm_totals(experiment, totals, units=units)
    comparisons = _comparisons(experiment, data)
    deciding = METRIC_OF_GOAL[experiment.metric]
    if deciding not in comparisons:
        needs = {"click": "n_clicks", "conversion": "n_conversions"}
        raise DataError(
            f"the metric {experiment.metric} cannot be computed from these totals",
            argument="totals",
            value=totals.columns,
            allowed=needs.get(deciding, "value_minor with value_squares, or with at least ten days in `at`"),
        )
    ratio = _sample_ratio(experiment, data)
    planned = [n for n, arm in zip(data.exposures, experiment.arms, strict=True) if arm.share > 0]
    reading = read_result(experiment, data, comparisons=comparisons, deciding=deciding, ratio=ratio)
    return Analysis(
        experiment_id=experiment.id,
        metric=experiment.metric,
        arms=_arm_results(experiment, data, comparisons),
        differences=tuple(d for c in comparisons.values() for d in c.differences),
        sample_ratio=ratio,
        dispersion={metric: c.dispersion for metric, c in comparisons.items()},
        n_planned=experiment.n_per_arm,
        n_reached=int(min(planned)),
        decision=reading.decision,
        winner=reading.winner,
        reasons=reading.reasons,
        notes=reading.notes,
    )


def _comparisons(experiment: Experiment, data: ArmTotals) -> dict[Metric, Comparison]:
    out: dict[Metric, Comparison] = {}
    if data.clicks is not None:
        out["click"] = compare_rates(experiment, data, data.clicks, metric="click")
    if data.conversions is not None:
        out["conversion"] = compare_rates(experiment, data, data.conversions, metric="conversion")
    values = compare_values(experiment, data)
    if values is not None:
        out["value"] = values
    return out


def _sample_ratio(experiment: Experiment, data: ArmTotals) -> SampleRatio:
    counts = data.exposures if data.units is None else data.units
    return check_shares(counts.tolist(), [arm.share for arm in experiment.arms])


def _arm_results(
    experiment: Experiment, data: ArmTotals, comparisons: Mapping[Metric, Comparison]
) -> tuple[ArmResult, ...]:
    def count(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None, i: int) -> int | None:
        return None if values is None else int(values[i])

    return tuple(
        ArmResult(
            content_id=arm.content_id,
            is_control=arm.is_control,
            share=arm.share,
            n_exposures=int(data.exposures[i]),
            n_clicks=count(data.clicks, i),
            n_conversions=count(data.conversions, i),
            value_minor=None if data.value is None else float(data.value[i]),
            click=comparisons["click"].estimates[i] if "click" in comparisons else None,
            conversion=comparisons["conversion"].estimates[i] if "conversion" in comparisons else None,
            value=comparisons["value"].estimates[i] if "value" in comparisons else None,
        )
        for i, arm in enumerate(experiment.arms)
    )
