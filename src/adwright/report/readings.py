"""What a measure of the predictor means in plain words, judged by its interval and not by its mean alone."""

from __future__ import annotations

from adwright.report.edition import Edition
from adwright.report.figures import Estimate, MetricFigures

_RATES = frozenset({"coverage", "pair_accuracy", "ece"})


def reading(edition: Edition, metric: MetricFigures) -> str:
    """One sentence for a measure; empty for one that has none."""
    key, x = _key(metric.name, metric.estimate), metric.estimate.mean
    if key is None:
        return ""
    written = edition.format.rate(x) if metric.name == "ece" else edition.format.count(100 * x)
    return edition.messages.say(f"reading.{key}", {"x": written})


def written(edition: Edition, metric: MetricFigures, x: float | None) -> str:
    """A value of the measure in its own unit: per cent for shares, else a plain number."""
    return edition.format.rate(x) if metric.name in _RATES else edition.format.decimal(x)


def _key(name: str, estimate: Estimate) -> str | None:
    low = estimate.mean if estimate.low is None else estimate.low
    high = estimate.mean if estimate.high is None else estimate.high
    if name in ("auc", "group_auc"):
        return f"{name}_sure" if low > 0.5 else f"{name}_unsure"
    if name == "pair_accuracy":
        return "pair_accuracy_sure" if low > 0.5 else "pair_accuracy_unsure"
    if name == "calibration_slope":
        return "slope_low" if high < 1 else "slope_high" if low > 1 else "slope_good"
    if name == "coverage":
        return "coverage_low" if high < 0.9 else "coverage_high" if low > 0.9 else "coverage_good"
    return name if name in ("log_loss", "ece", "log_predictive_density") else None
