"""The effect model as its report shows it: what it learned from, and how well it does on its test block."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adwright.pipeline.effects import EffectModel
from adwright.report.figures import (
    CalibrationPoint,
    Estimate,
    MetricFigures,
    PredictorFigures,
    TargetFigures,
)

_RATES = ("click", "conversion")
_LEVEL = 0.95  # of the intervals of `Predictor.evaluate`


def predictor_figures(model: EffectModel) -> PredictorFigures | None:
    """The figures of the effect model; None where there is none."""
    if model.predictor is None:
        return None
    card = model.predictor.card
    through = card["trained_through"]
    fitted = card["metrics"]
    targets = model.metrics["targets"]
    return PredictorFigures(
        model_version=model.version,
        data={
            "en": f"{model.n_rows:,} past contents with their results",
            "zh": f"{model.n_rows:,} 条有结果的历史文案",
        },
        split={
            "en": f"judged once, on the last block of four ({card['split']})",
            "zh": "历史数据按时间先后分为训练、调参、校准、测试四块（同一组不拆开），只在最后一块上评判一次"
            if "order of time" in str(card["split"])
            else "历史数据随机分为训练、调参、校准、测试四块（同一组不拆开），只在最后一块上评判一次",
        },
        n_train=int(card["n_rows"]["train"]),
        trained_through=None if through is None else datetime.fromisoformat(through),
        targets=tuple(
            _target(name, targets[name], fitted.get(name, {})) for name in _RATES if name in targets
        ),
        warnings=tuple(card["warnings"]),
    )


def _target(name: str, measured: Mapping[str, Any], fitted: Mapping[str, Any]) -> TargetFigures:
    effects = fitted.get("effects_on_calibrate", {})
    variance = effects.get("variance")
    return TargetFigures(
        name=name,
        n=int(measured["n_rows"]),
        base_rate=float(measured["mean_observed"]),
        metrics=tuple(_metrics(measured)),
        calibration=tuple(
            CalibrationPoint(
                predicted=point["predicted"],
                observed=Estimate(mean=point["observed"], low=point["low"], high=point["high"], level=_LEVEL),
                n=int(point["n"]),
            )
            for point in measured.get("calibration_curve", ())
        ),
        k=1 / variance if variance else None,
        level_sd=effects.get("level_sd"),
    )


def _metrics(measured: Mapping[str, Any]) -> list[MetricFigures]:
    n_rows = int(measured["n_rows"])
    found = [
        _metric(shown, measured[name], n_rows, baseline=baseline)
        for shown, name, baseline in (
            ("auc", "auc", 0.5),
            ("group_auc", "group_auc", 0.5),
            ("log_loss", "log_loss", None),
            ("calibration_slope", "calibration_slope", None),
            ("ece", "debiased_ece", None),
        )
        if measured.get(name) is not None
    ]
    pairs = measured.get("pair_accuracy") or {}
    if pairs.get("all"):
        found.append(_metric("pair_accuracy", pairs["all"], int(pairs["all"]["n"]), baseline=0.5))
    if measured.get("coverage_90"):
        found.append(_metric("coverage", measured["coverage_90"]["all"], n_rows))
    density = measured.get("log_predictive") or {}
    if density.get("model"):
        constant = density.get("constant")
        found.append(
            _metric(
                "log_predictive_density",
                density["model"],
                n_rows,
                baseline=None if constant is None else _mean(constant),
            )
        )
    return found


def _metric(
    name: str, estimate: Mapping[str, Any], n: int, *, baseline: float | None = None
) -> MetricFigures:
    return MetricFigures(
        name=name,
        estimate=Estimate(
            mean=_mean(estimate), low=estimate.get("low"), high=estimate.get("high"), level=_LEVEL
        ),
        n=n,
        baseline=baseline,
    )


def _mean(estimate: Mapping[str, Any]) -> float:
    value = estimate.get("value", estimate.get("mean"))
    return float("nan") if value is None else float(value)
