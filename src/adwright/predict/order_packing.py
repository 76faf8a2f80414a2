"""A fitted order value as plain values and arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.predict.models.fusion_orders import FusionOrders
from adwright.predict.order_value import LinearOrders, OrderBase, OrderValueModel


def pack_order_value(
    model: OrderValueModel | None,
) -> tuple[dict[str, Any] | None, dict[str, npt.NDArray[Any]]]:
    """(values for JSON, arrays)."""
    if model is None:
        return None, {}
    values = {
        "shift": model.shift,
        "slope": model.slope,
        "limits": list(model.limits),
        "sd": model.sd,
        "sd_strange": model.sd_strange,
        "currency": model.currency,
        "n_orders": model.n_orders,
        "residuals": None if model.residuals is None else list(model.residuals),
        "notes": list(model.notes),
    }
    if isinstance(model.base, LinearOrders):
        return values | {"intercept": model.base.intercept}, {"beta": model.base.beta}
    assert isinstance(model.base, FusionOrders)
    held, arrays = model.base.pack()
    return values | {"fusion": held}, arrays


def unpack_order_value(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> OrderValueModel:
    """The inverse of `pack_order_value`; older models held the recalibrated weights themselves."""
    base: OrderBase
    if "fusion" in values:
        base = FusionOrders.unpacked(values["fusion"], arrays)
    else:
        base = LinearOrders(np.asarray(arrays["beta"], np.float64), values["intercept"])
    residuals = values.get("residuals")
    return OrderValueModel(
        base=base,
        shift=values.get("shift", 0.0),
        slope=values.get("slope", 1.0),
        limits=(values["limits"][0], values["limits"][1]),
        sd=values["sd"],
        sd_strange=values["sd_strange"],
        currency=values["currency"],
        n_orders=values["n_orders"],
        residuals=None if residuals is None else tuple(residuals),
        notes=tuple(values["notes"]),
    )
