"""Each arm against the control on one metric: difference, relative effect, intervals, p-value.

Rates: Newcombe's interval; the pooled z test, or Fisher's exact test where an expected count is below 5; the
relative effect by the delta method on the logarithm. Values: Welch's t from sums and sums of squares or,
without squares, from the totals of at least ten days (a ratio of sums, days as clusters).

The variance is multiplied by the dispersion learned from the customers (see `unit_dispersion`) and, for
rates, from the days (see `dispersion`), whichever is larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import special

from adwright.errors import DataError
from adwright.experiment.dispersion import day_dispersion
from adwright.experiment.holm import holm
from adwright.experiment.result import Difference, Estimate, Metric
from adwright.experiment.totals import ArmTotals
from adwright.schema import F64, Experiment
from adwright.stats.intervals import log_ratio, newcombe, wilson
from adwright.stats.proportions import compare_proportions

MIN_DAYS = 10


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Comparison:
    """One metric over all arms: estimates by arm (None without exposures), differences, dispersion."""

    estimates: tuple[Estimate | None, ...]
    differences: tuple[Difference, ...]
    dispersion: float = 1.0


def compare_rates(experiment: Experiment, totals: ArmTotals, successes: F64, *, metric: Metric) -> Comparison:
    """The comparison of a rate per exposure.

    Args:
        experiment: Arms and level.
        totals: With exposures.
        successes: (n_arms,) clicks or conversions.
        metric: "click" or "conversion".
    """
    n = totals.exposures
    phi = _dispersion(totals, "n_clicks" if metric == "click" else "n_conversions")
    level_arm = 1.0 - experiment.alpha
    low, high = wilson(successes, n, level=level_arm, dispersion=phi)
    estimates = tuple(
        Estimate(mean=float(k / m), low=float(a), high=float(b)) if m > 0 else None
        for k, m, a, b in zip(successes, n, low, high, strict=True)
    )
    control, others = _sides(experiment, n)
    if not len(others):
        return Comparison(estimates=estimates, differences=(), dispersion=phi)
    level = 1.0 - experiment.alpha / (len(experiment.arms) - 1)
    k_a, n_a, k_b, n_b = successes[control], n[control], successes[others], n[others]
    test = compare_proportions(k_a, n_a, successes_b=k_b, trials_b=n_b, dispersion=phi)
    low, high = newcombe(k_a, n_a, successes_b=k_b, trials_b=n_b, level=level, dispersion=phi)
    p_a, p_b = k_a / n_a, k_b / n_b
    se_a, se_b = np.sqrt(phi * p_a * (1 - p_a) / n_a), np.sqrt(phi * p_b * (1 - p_b) / n_b)
    relative = log_ratio(p_a, se_a, mean_b=p_b, se_b=se_b, level=level)
    methods = [
        "Fisher's exact test, Newcombe's interval" if exact else "pooled z test, Newcombe's interval"
        for exact in test.exact
    ]
    differences = _differences(
        experiment,
        others,
        metric=metric,
        absolute=(test.difference, low, high),
        relative=relative,
        log_p=test.log_p,
        level=level,
        methods=methods,
    )
    return Comparison(estimates=estimates, differences=differences, dispersion=phi)


def compare_values(experiment: Experiment, totals: ArmTotals) -> Comparison | None:
    """The comparison of the value per exposure; None where its variance cannot be known.

    Args:
        experiment: Arms and level.
        totals: With `value`, and `value_squares` or at least ten days.
    """
    moments = _value_moments(totals)
    if moments is None:
        return None
    mean, se, freedom, method = moments
    t = _t_quantile(freedom, 1.0 - experiment.alpha)
    estimates = tuple(
        Estimate(mean=float(m), low=float(m - h), high=float(m + h))
        if np.isfinite(m) and np.isfinite(h)
        else None
        for m, h in zip(mean, t * se, strict=True)
    )
    control, others = _sides(experiment, np.where(np.isfinite(se), totals.exposures, 0.0))
    if not len(others):
        return Comparison(estimates=estimates, differences=())
    level = 1.0 - experiment.alpha / (len(experiment.arms) - 1)
    difference = mean[others] - mean[control]
    variance = se[others] ** 2 + se[control] ** 2
    joint = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        welch = variance**2 / (se[others] ** 4 / freedom[others] + se[control] ** 4 / freedom[control])
        statistic = np.where(joint > 0, difference / joint, 0.0)
    welch = np.where(np.isfinite(welch), welch, 1.0)
    half = _t_quantile(welch, level) * joint
    differences = _differences(
        experiment,
        others,
        metric="value",
        absolute=(difference, difference - half, difference + half),
        relative=log_ratio(mean[control], se[control], mean_b=mean[others], se_b=se[others], level=level),
        log_p=np.where(joint > 0, _log_p_of_t(statistic, welch), 0.0),
        level=level,
        methods=[method] * len(others),
    )
    return Comparison(estimates=estimates, differences=differences)


def _differences(
    experiment: Experiment,
    others: np.ndarray[tuple[int], np.dtype[np.intp]],
    *,
    metric: Metric,
    absolute: tuple[F64, F64, F64],
    relative: tuple[F64, F64, F64],
    log_p: F64,
    level: float,
    methods: list[str],
) -> tuple[Difference, ...]:
    adjusted = np.exp(holm(log_p))
    return tuple(
        Difference(
            content_id=experiment.arms[arm].content_id,
            metric=metric,
            absolute=float(absolute[0][i]),
            low=float(absolute[1][i]),
            high=float(absolute[2][i]),
            relative=float(relative[0][i]),
            relative_low=float(relative[1][i]),
            relative_high=float(relative[2][i]),
            p=float(np.exp(log_p[i])),
            log_p=float(log_p[i]),
            p_adjusted=float(adjusted[i]),
            level=level,
            method=methods[i],
        )
        for i, arm in enumerate(others)
    )


def _sides(experiment: Experiment, n: F64) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """The control's index, and those of the other arms that have data; none if the control has none."""
    control = next(i for i, arm in enumerate(experiment.arms) if arm.is_control)
    others = [i for i in range(len(experiment.arms)) if i != control and n[i] > 0 and n[control] > 0]
    return control, np.array(others, dtype=np.intp)


def _dispersion(totals: ArmTotals, column: str) -> float:
    """The larger of what the units and what the days say."""
    by_unit = totals.by_unit.get(column, 1.0)
    days = totals.by_day
    if days is None or column not in days.columns:
        return by_unit
    n_arms = len(totals.exposures)
    by_day = day_dispersion(_matrix(days, column, n_arms), _matrix(days, "n_exposures", n_arms))
    return max(by_unit, by_day)


def _matrix(days: pl.DataFrame, column: str, n_arms: int) -> F64:
    """(n_arms, n_days) sums; 0 where an arm has no row on a day."""
    day = days["at"].rank("dense").to_numpy().astype(np.intp) - 1
    out = np.zeros((n_arms, int(day.max(initial=-1)) + 1))
    np.add.at(out, (days["arm"].to_numpy(), day), days[column].to_numpy())
    return out


def _value_moments(totals: ArmTotals) -> tuple[F64, F64, F64, str] | None:
    """Mean, standard error and degrees of freedom by arm, and how they were obtained."""
    if totals.value is None:
        return None
    n = totals.exposures
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = totals.value / n
        if totals.value_squares is not None:
            spread = (totals.value_squares - n * mean**2) / (n - 1)
            if np.any(spread < -1e-6 * np.abs(totals.value_squares)):
                raise DataError(
                    "the sum of squares is too small for the sum",
                    argument="value_squares",
                    value=totals.value_squares.tolist(),
                    allowed="the sum over exposures of the squared value, in minor units squared",
                )
            phi = totals.by_unit.get("value_minor", 1.0)
            count = n if totals.units is None or not totals.by_unit else totals.units
            method = "Welch's t test" if not totals.by_unit else "Welch's t test by customers"
            return mean, np.sqrt(phi * np.maximum(spread, 0.0) / n), count - 1.0, method
    days = totals.by_day
    if days is None or "value_minor" not in days.columns:
        return None
    value, exposures = _matrix(days, "value_minor", len(n)), _matrix(days, "n_exposures", len(n))
    n_days = (exposures > 0).sum(axis=1).astype(np.float64)
    if np.any(n_days[n > 0] < MIN_DAYS):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.where(exposures > 0, value - mean[:, None] * exposures, 0.0)
        se = np.sqrt(n_days / (n_days - 1) * (residual**2).sum(axis=1)) / n
    return mean, se, n_days - 1.0, "Welch's t test on days"


def _t_quantile(freedom: F64, level: float) -> F64:
    usable = np.maximum(np.nan_to_num(freedom, nan=1.0), 1.0)
    return np.asarray(special.stdtrit(usable, 0.5 + level / 2.0), dtype=np.float64)


def _log_p_of_t(statistic: F64, freedom: F64) -> F64:
    """log of the two-sided p-value; by the normal law where the t law has no lighter tail to speak of."""
    size = -np.abs(statistic)
    with np.errstate(divide="ignore"):
        by_t = np.log(2.0 * special.stdtr(freedom, size))
    by_normal = np.log(2.0) + special.log_ndtr(size)
    return np.minimum(np.where((freedom > 1e6) | ~np.isfinite(by_t), by_normal, by_t), 0.0)
