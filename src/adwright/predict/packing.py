"""The fitted parts as plain values and arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from adwright.predict.calibration.curve import Curve
from adwright.predict.calibration.platt import Line
from adwright.predict.calibration.registry import curve_named
from adwright.predict.calibration.segments import Segments
from adwright.predict.conformal import ConformalBand
from adwright.predict.correlation import EffectCorrelation
from adwright.predict.domain import Domain
from adwright.predict.features import FeatureMap
from adwright.predict.fitting import Parts
from adwright.predict.level import LevelState
from adwright.predict.models.blend import Blend, unpack_blend
from adwright.predict.models.logistic import LinearScore, Logistic
from adwright.predict.observation.observation import Observation
from adwright.predict.order_packing import pack_order_value, unpack_order_value
from adwright.predict.purchase import PurchaseModel
from adwright.predict.rate_model import RateModel
from adwright.schema import F64
from adwright.stats.content_effects import ContentEffects

_NO_LEVEL: Mapping[str, Any] = {"successes": 1.0, "trials": 1.0, "at": None, "half_life": float("inf")}
_PLATT: Mapping[str, Any] = {
    "method": "platt",
    "reason": "there was no other",
    "gain_in_log_loss_over_platt": {},
}


def pack(parts: Parts) -> tuple[dict[str, Any], dict[str, F64]]:
    """(values for JSON, arrays)."""
    features, arrays = parts.features.to_json()
    rates = {}
    for name, model in parts.rates.items():
        packed, held = model.model.pack()
        arrays |= {f"{name}/model/{key}": array for key, array in held.items()}
        arrays[f"{name}/offset"] = model.offset
        rates[name] = {
            "model": packed,
            "intercept": model.intercept,
            "curve": {"name": model.calibration["method"], **model.curve.to_json()},
            "segments": model.segments.to_json(),
            "calibration": dict(model.calibration),
            "negative_rate": model.negative_rate,
            "conformal": None if model.conformal is None else model.conformal.to_json(),
            "spread": model.spread,
            "effects": model.effects.to_json(),
            "constant": list(model.constant),
            "level": asdict(model.level),
            "notes": list(model.notes),
        }
    order, held = pack_order_value(parts.order_value)
    arrays |= {f"order_value/{key}": array for key, array in held.items()}
    return {
        "features": features,
        "domain": parts.domain.to_json(),
        "rates": rates,
        "observations": {name: held.to_json() for name, held in parts.observations.items()},
        "order_value": order,
        "correlation": None if parts.correlation is None else asdict(parts.correlation),
        "purchase": None if parts.purchase is None else asdict(parts.purchase),
    }, arrays


def unpack(values: Mapping[str, Any], arrays: Mapping[str, F64]) -> Parts:
    """The inverse of `pack`."""
    rates = {
        name: RateModel(
            model=_model(name, held, arrays),
            offset=np.asarray(arrays[f"{name}/offset"]),
            intercept=held["intercept"],
            curve=_curve(held),
            segments=Segments.from_json(held["segments"]) if "segments" in held else Segments(),
            spread=held["spread"],
            effects=ContentEffects.from_json(held["effects"]),
            constant=(held["constant"][0], held["constant"][1]),
            level=LevelState(**held.get("level", _NO_LEVEL)),
            calibration=held.get("calibration", _PLATT),
            negative_rate=held.get("negative_rate", 1.0),
            conformal=ConformalBand.from_json(held["conformal"]) if held.get("conformal") else None,
            notes=tuple(held["notes"]),
        )
        for name, held in values["rates"].items()
    }
    order = values["order_value"]
    return Parts(
        features=FeatureMap.from_json(values["features"], arrays),
        domain=Domain.from_json(values["domain"]),
        rates=rates,
        order_value=None if order is None else unpack_order_value(order, _below(arrays, "order_value/")),
        correlation=None if values["correlation"] is None else EffectCorrelation(**values["correlation"]),
        observations={
            name: Observation.from_json(held) for name, held in values.get("observations", {}).items()
        },
        purchase=PurchaseModel(**values["purchase"]) if values.get("purchase") else None,
    )


def _model(name: str, held: Mapping[str, Any], arrays: Mapping[str, Any]) -> Blend:
    """The rate's model; one of the first format held a logistic regression and nothing else."""
    if "model" in held:
        return unpack_blend(held["model"], _below(arrays, f"{name}/model/"))
    only = LinearScore(np.asarray(arrays[f"{name}/beta"]), held["ridge"])
    return Blend({Logistic.name: only}, {Logistic.name: 1.0})


def _curve(held: Mapping[str, Any]) -> Curve:
    """The rate's map; up to the second format there was Platt's slope and nothing else."""
    if "curve" in held:
        return curve_named(held["curve"]["name"]).from_json(held["curve"])
    return Line(held["slope"])


def _below(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): held for key, held in arrays.items() if key.startswith(prefix)}
