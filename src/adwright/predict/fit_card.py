"""What a model's card says of its fit: blocks and split, what was chosen, what could not be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from adwright.predict.exposures import shows_purchases
from adwright.predict.fitting import FITTED_ON, Parts
from adwright.predict.recipe import PredictRecipe
from adwright.predict.table import Table


def describe_blocks(table: Table, blocks: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    """Name, rows, groups and time range of each block."""
    found = []
    for name in (*FITTED_ON, "test"):
        rows = blocks == name
        held = [] if table.times is None else table.times.filter(pl.Series(rows)).drop_nulls().to_list()
        times = [t for t in held if isinstance(t, datetime)]
        found.append(
            {
                "name": name,
                "n_rows": int(rows.sum()),
                "n_groups": None if table.group is None else len(np.unique(table.group[rows])),
                "first_at": min(times).isoformat() if times else None,
                "last_at": max(times).isoformat() if times else None,
            }
        )
    return found


def describe_split(recipe: PredictRecipe, table: Table) -> str:
    """The split in words."""
    order = recipe.split.order or ("rows" if table.times is None else "time")
    unit = f"whole groups of '{recipe.columns.group}'" if recipe.columns.group else "rows"
    shares = ", ".join(f"{share:.0%}" for share in recipe.split.shares)
    how = "in order of time" if order == "time" else "at random"
    return f"train, tune, calibrate, test = {shares}; {unit} {how}"


def fit_metrics(parts: Parts) -> dict[str, Any]:
    """What the fit chose and found, by target."""
    found: dict[str, Any] = {}
    for name, model in parts.rates.items():
        found[name] = {
            "model": list(model.model.models),
            **model.model.summary(),
            "slope_on_calibrate": model.slope,
            "intercept_on_calibrate": model.intercept,
            "calibration": dict(model.calibration),
            "half_life_of_the_level_on_calibrate": _number(model.level.half_life),
            "effects_on_calibrate": model.effects.to_json(),
            "constant_mean_on_calibrate": model.constant[0],
        }
        how = parts.observations.get(name)
        if how is not None and (how.thins or how.negative_rate < 1):
            found[name]["observed"] = {k: v for k, v in how.to_json().items() if k not in ("name", "notes")}
    if (corr := parts.correlation) is not None:
        found["correlation_on_calibrate"] = {
            "value": corr.value,
            "moment_estimate": _number(corr.raw),
            "low": _number(corr.low),
            "high": _number(corr.high),
            "n_contents": corr.n_contents,
        }
    if (order := parts.order_value) is not None:
        found["order_value"] = {"n_orders_in_train": order.n_orders, "sd_minor": _number(order.sd)}
    return found


def fit_warnings(parts: Parts, recipe: PredictRecipe) -> list[str]:
    """What could not be done in the fit, and why."""
    found = [f"{name}: {note}" for name, model in parts.rates.items() for note in model.notes]
    if parts.order_value is not None:
        found += [f"order value: {note}" for note in parts.order_value.notes]
    if parts.correlation is not None and parts.correlation.note:
        found.append(f"correlation of click and conversion: {parts.correlation.note}")
    if len(parts.rates) == 2 and not shows_purchases(recipe):
        found.append(
            "purchase: late conversions, positions or a negative_rate hide some exposures' purchases: "
            "click times conversion is not calibrated on exposures"
        )
    return found


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
