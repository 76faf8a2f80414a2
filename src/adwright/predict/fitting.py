"""Fitting every part of the effect on one table: the order of the steps, and which block each may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.correlation import EffectCorrelation, estimate_correlation
from adwright.predict.domain import Domain, strangeness
from adwright.predict.features import FeatureMap
from adwright.predict.models.choice import choose_models
from adwright.predict.models.model import FitData
from adwright.predict.models.text_contrasts import some_texts
from adwright.predict.order_value import OrderRows, OrderValueModel, fit_order_value
from adwright.predict.outcomes import read_counts, read_orders
from adwright.predict.rate_model import RateModel, fit_rate_model
from adwright.predict.table import Table
from adwright.schema import F64, Bools

Progress = Callable[[str], None]

FITTED_ON = ("train", "tune", "calibrate")


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What was fitted."""

    features: FeatureMap
    domain: Domain
    rates: dict[str, RateModel]
    order_value: OrderValueModel | None
    correlation: EffectCorrelation | None


@dataclass(frozen=True, slots=True, eq=False)
class _Blocked:
    """The blocks of the fit: masks over the table, features and novelty of their rows."""

    table: Table
    masks: dict[str, Bools]
    x: dict[str, sparse.csr_matrix]
    novelty: dict[str, F64]


def fit_parts(
    table: Table, blocks: npt.NDArray[np.str_], *, rng: np.random.Generator, progress: Progress
) -> Parts:
    """Features from train; choices on tune, weights on both; calibration and spread on calibrate.

    Args:
        table: The data.
        blocks: (n,) block names; rows of `test` are never touched.
        rng: Of the bootstrap.
        progress: Takes a line a step.
    """
    recipe = table.recipe
    masks = {name: blocks == name for name in FITTED_ON}
    for name in ("train", "calibrate"):
        if not masks[name].any():
            raise DataError(f"the {name} block is empty", argument="split.shares", value=recipe.split.shares)
    progress(f"features of {int(masks['train'].sum())} training rows")
    learned = table.frame.filter(masks["train"])
    features = FeatureMap.learn(learned, recipe)
    domain = Domain.learn(learned, recipe).bounded(table.frame.filter(masks["calibrate"]))
    parts = {name: table.frame.filter(mask) for name, mask in masks.items()}
    x = {name: features.transform(part) for name, part in parts.items()}
    novelty = {name: domain.novelty(part) for name, part in parts.items()}
    data = _Blocked(table, masks, x, novelty)
    rates = {
        name: _fit_rate(name, data, rng=np.random.default_rng(rng.integers(2**63)), progress=progress)
        for name in recipe.rates
    }
    order_value = _fit_order_value(data, rates, progress) if recipe.targets.order_value else None
    correlation = _correlate(data, rates, rng) if len(rates) == 2 else None
    return Parts(features, domain, rates, order_value, correlation)


def _fit_rate(name: str, data: _Blocked, *, rng: np.random.Generator, progress: Progress) -> RateModel:
    rows, places = {}, {}
    for block, mask in data.masks.items():
        rows[block], places[block] = data.table.rows(name, mask, data.x[block])
    progress(f"{name}: {len(rows['train'])} rows, {int(rows['train'].successes.sum())} successes in train")
    if not len(rows["train"]) or not len(rows["calibrate"]):
        raise DataError(
            f"no outcomes of '{name}' in the train or calibrate block",
            argument=f"targets.{name}",
            value=(len(rows["train"]), len(rows["calibrate"])),
            allowed="at least one row with trials in each",
        )
    novelty = data.novelty["calibrate"][places["calibrate"]]
    recipe = data.table.recipe
    choice = choose_models(recipe, len(rows["train"]), some_texts(rows["train"].frame, recipe.columns.text))
    progress(f"{name}: {' + '.join(choice.kinds)} ({choice.reason})")
    fit_data = FitData(
        train=rows["train"],
        tune=rows["tune"],
        config=recipe.model,
        roles=recipe.roles,
        rng=rng,
        progress=progress,
        notes=list(choice.notes),
    )
    return fit_rate_model(
        fit_data,
        rows["calibrate"],
        kinds=choice.kinds,
        strangeness=lambda disagreement, spread: strangeness(novelty, disagreement, spread),
    )


def _fit_order_value(data: _Blocked, rates: dict[str, RateModel], progress: Progress) -> OrderValueModel:
    table = data.table
    target = table.recipe.targets.order_value
    orders = read_orders(table.frame, table.recipe)
    rows = {}
    for block, mask in data.masks.items():
        place = np.flatnonzero(orders.count[mask] > 0)
        count = orders.count[mask][place]
        rows[block] = OrderRows(
            x=data.x[block][place],
            value=orders.sum_minor[mask][place] / count,
            count=count,
            content=table.content[mask][place],
            strangeness=data.novelty[block][place],
        )
    progress(f"order value: {int(rows['train'].count.sum())} orders in train")
    if not len(rows["train"].count) and not len(rows["calibrate"].count):
        raise DataError("no orders to learn an order value from", argument="targets.order_value", value=0)
    return fit_order_value(
        rows["train"],
        rows["tune"],
        rows["calibrate"],
        ridges=table.recipe.model.ridges,
        currency=target.currency if target else "",
    )


def _correlate(data: _Blocked, rates: dict[str, RateModel], rng: np.random.Generator) -> EffectCorrelation:
    """On calibrate, whose residuals are honest: train's are shrunk by the fit."""
    table, mask = data.table, data.masks["calibrate"]
    observed: dict[str, tuple[F64, F64]] = {}
    for name, model in rates.items():
        counts = read_counts(table.frame, table.recipe, name)
        mean = model.mean(model.score(data.x["calibrate"], table.features(mask))[0])
        trials = counts.trials[mask]
        observed[name] = (counts.successes[mask], trials * mean)
    level: Any = table.level(mask)
    variances = tuple(_relative_variance(model) for model in rates.values())
    return estimate_correlation(
        clicks=observed["click"],
        conversions=observed["conversion"],
        variances=(variances[0], variances[1]),
        content=table.content[mask],
        group=np.zeros(int(mask.sum()), np.intp) if level is None else level,
        rng=rng,
    )


def _relative_variance(model: RateModel) -> float:
    """The content effect's variance relative to the rate; the logistic family's is of the log-odds."""
    if model.effects.family == "gamma":
        return model.effects.variance
    return model.effects.variance * (1 - model.constant[0]) ** 2
