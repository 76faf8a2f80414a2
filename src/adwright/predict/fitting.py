"""Fitting every part of the effect on one table: the order of the steps, and which block each may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.correlation import EffectCorrelation, estimate_correlation
from adwright.predict.domain import Domain, strangeness
from adwright.predict.exposures import (
    Exposures,
    learns_over_exposures,
    read_exposures,
    shows_purchases,
)
from adwright.predict.features import FeatureMap
from adwright.predict.linear_source import LinearSource
from adwright.predict.models.choice import Choice, choose_models, warm_kinds
from adwright.predict.models.fusion_orders import FusionOrders, fit_fusion_orders
from adwright.predict.models.model import FitData, Streamed
from adwright.predict.models.registry import model_named
from adwright.predict.models.text_contrasts import some_texts
from adwright.predict.novelty import row_novelty
from adwright.predict.observation.observation import Observation, ObservedRows, fit_observation
from adwright.predict.order_value import LinearOrders, OrderRows, OrderValueModel, fit_order_value
from adwright.predict.outcomes import read_orders
from adwright.predict.purchase import PurchaseModel, fit_purchase
from adwright.predict.rate_model import RateModel, fit_rate_model
from adwright.predict.rows import Rows
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
    observations: dict[str, Observation] = field(default_factory=dict)
    purchase: PurchaseModel | None = None

    def design(self, frame: pl.DataFrame) -> Any:
        """(n, p) sparse features of a prepared frame; (n, 0) where no model reads them."""
        linear = self.order_value is not None and isinstance(self.order_value.base, LinearOrders)
        if linear or any(model.model.reads_design for model in self.rates.values()):
            return self.features.transform(frame)
        return sparse.csr_matrix((frame.height, 0))


@dataclass(frozen=True, slots=True, eq=False)
class _Blocked:
    """The blocks of the fit: masks over the table, features and novelty of their rows."""

    table: Table
    masks: dict[str, Bools]
    x: dict[str, sparse.csr_matrix]
    novelty: dict[str, F64]
    sources: Mapping[str, LinearSource]
    stream: Stream | None


class Stream(Protocol):
    """All training rows, where the table holds but a sample of them."""

    @property
    def n_rows(self) -> int:
        """How many."""
        ...

    @property
    def n_values(self) -> int:
        """Different values of their categorical columns."""
        ...

    def rows(self, name: str) -> Iterator[Rows]:
        """Those with outcomes of a rate, in batches."""
        ...

    def exposures(self) -> Iterator[Exposures]:
        """Those with all that came of them, in batches."""
        ...

    def observed(self, thinned: Mapping[str, tuple[Observation, float]]) -> Stream:
        """The same with trials counted as far as successes would have been seen, at each rate's mean."""
        ...


def fit_parts(
    table: Table,
    blocks: npt.NDArray[np.str_],
    *,
    rng: np.random.Generator,
    progress: Progress,
    sources: Mapping[str, LinearSource] = MappingProxyType({}),
    stream: Stream | None = None,
) -> Parts:
    """Features from train; choices on tune, weights on both; calibration and spread on calibrate.

    Args:
        table: The data.
        blocks: (n,) block names; rows of `test` are never touched.
        rng: Of the bootstrap.
        progress: Takes a line a step.
        sources: By rate, what a model trained elsewhere says of a row.
        stream: All training rows, where the table holds but a sample of them.
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
    novelty = {name: row_novelty(domain, part, recipe) for name, part in parts.items()}
    table, observations = with_effective_trials(table, masks, x, progress)
    if stream is not None:
        stream = _observed_stream(stream, table, masks, observations)
    data = _Blocked(table, masks, x, novelty, sources, stream)
    rates = {
        name: _fit_rate(
            name, data, rng=np.random.default_rng(rng.integers(2**63)), progress=progress
        ).unsampled(recipe.rates[name].negative_rate, observations[name].notes)
        for name in recipe.rates
    }
    order_value = _fit_order_value(data, rng, progress) if recipe.targets.order_value else None
    correlation = _correlate(data, rates, rng) if len(rates) == 2 else None
    purchase = _fit_purchase(data, rates, rng) if len(rates) == 2 else None
    return Parts(features, domain, rates, order_value, correlation, observations, purchase)


def with_effective_trials(
    table: Table, masks: Mapping[str, Bools], x: Mapping[str, sparse.csr_matrix], progress: Progress
) -> tuple[Table, dict[str, Observation]]:
    """The table with trials counted as far as successes would have been seen, and how each rate is observed.

    Args:
        table: The data.
        masks: By part, (n,) its rows; the parts do not overlap.
        x: By part, (rows, p) their features.
        progress: Told of each rate whose successes are not all seen.
    """
    rows = np.flatnonzero(np.any(list(masks.values()), axis=0))
    order = np.argsort(np.concatenate([np.flatnonzero(mask) for mask in masks.values()]))
    stacked = sparse.csr_matrix(sparse.vstack([x[name] for name in masks], format="csr")[order])
    found, effective = {}, {}
    for name in table.recipe.rates:
        counts = table.counts(name)
        observed = ObservedRows(table.frame[rows], counts.take(rows), stacked, table.content[rows])
        held, own = fit_observation(name, table.recipe, observed)
        found[name] = held
        if held.thins:
            progress(f"{name}: successes are seen as far as {held.said()}")
            trials = counts.trials.copy()
            trials[rows] = own.trials
            effective[name] = replace(counts, trials=trials)
    return replace(table, effective=effective), found


def _observed_stream(
    stream: Stream, table: Table, masks: dict[str, Bools], observations: Mapping[str, Observation]
) -> Stream:
    """The stream as the sample is observed; what a row is worth is told by the sample's mean rate, not the row's own.

    Off by the factor 1 - (1 - t)(p - mean), nearly: little where rates are low, and `calibrate` has the rows' own.
    """
    train, thinned = masks["train"], {}
    for name, held in observations.items():
        if held.thins:
            counts = table.counts(name)
            trials = float(counts.trials[train].sum())
            thinned[name] = held, float(counts.successes[train].sum()) / max(trials, 1e-9)
    return stream.observed(thinned) if thinned else stream


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
    texts = some_texts(rows["train"].frame, recipe.columns.text)
    choice = choose_models(recipe, len(rows["train"]), texts, streamed=data.stream is not None)
    source = data.sources.get(name)
    if source is not None:
        choice = replace(choice, kinds=warm_kinds(choice.kinds))
    progress(f"{name}: {' + '.join(choice.kinds)} ({choice.reason})")
    streamed = _streamed(data, name, len(rows["train"]))
    exposed, on_clicks = _exposed(data) if name == "conversion" and choice.wants_exposures else (None, [])
    fit_data = FitData(
        train=rows["train"],
        tune=rows["tune"],
        config=recipe.model,
        roles=recipe.roles,
        rng=rng,
        progress=progress,
        notes=[*choice.notes, *_sampled(choice, streamed, len(rows["train"])), *on_clicks],
        source=source,
        streamed=streamed,
        candidates=recipe.candidates,
        exposed=exposed,
    )
    return fit_rate_model(
        fit_data,
        rows["calibrate"],
        kinds=choice.kinds,
        strangeness=lambda disagreement, spread: strangeness(novelty, disagreement, spread),
        calibration=recipe.calibration,
    )


def _streamed(data: _Blocked, name: str, n_sample: int) -> Streamed | None:
    stream = data.stream
    if stream is None:
        return None
    n_rows = round(stream.n_rows * n_sample / max(int(data.masks["train"].sum()), 1))
    return Streamed(lambda: stream.rows(name), stream.exposures, n_rows, stream.n_values)


def _sampled(choice: Choice, streamed: Streamed | None, n_sample: int) -> list[str]:
    """What a model that does not stream has missed."""
    if streamed is None:
        return []
    return [
        f"'{name}' does not stream: it is learned from {n_sample} of {streamed.n_rows} training rows "
        f"({n_sample / max(streamed.n_rows, 1):.2%}), drawn at random"
        for name in choice.kinds
        if not getattr(model_named(name), "streams", False) and n_sample < streamed.n_rows
    ]


def _exposed(data: _Blocked) -> tuple[dict[str, Exposures] | None, list[str]]:
    """The exposures of each block, where conversions can be learned from them; else why not."""
    if data.table.recipe.targets.click is None:
        return None, []
    if not learns_over_exposures(data.table.recipe):
        return None, ["conversions come late or failures were left out: they are learned on clicks alone"]
    return {name: read_exposures(data.table, mask) for name, mask in data.masks.items()}, []


def _fit_purchase(
    data: _Blocked, rates: dict[str, RateModel], rng: np.random.Generator
) -> PurchaseModel | None:
    """On the exposures of calibrate; None where they do not show every purchase."""
    if not shows_purchases(data.table.recipe):
        return None
    mask = data.masks["calibrate"]
    frame = data.table.features(mask)
    click, conversion = (m.mean(m.score(data.x["calibrate"], frame)[0], frame) for m in rates.values())
    place = np.flatnonzero(data.table.counts("click").known[mask])
    return fit_purchase((click * conversion)[place], read_exposures(data.table, mask), rng)


def _fit_order_value(data: _Blocked, rng: np.random.Generator, progress: Progress) -> OrderValueModel:
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
            frame=table.features(mask)[place],
        )
    progress(f"order value: {int(rows['train'].count.sum())} orders in train")
    if not len(rows["train"].count) and not len(rows["calibrate"].count):
        raise DataError("no orders to learn an order value from", argument="targets.order_value", value=0)
    base: FusionOrders | None = None
    notes: list[str] = []
    if table.recipe.model.order_value == "fusion":
        base, notes = _order_networks(data, np.random.default_rng(rng.integers(2**63)), progress)
    fitted = fit_order_value(
        rows["train"],
        rows["tune"],
        rows["calibrate"],
        ridges=table.recipe.model.ridges,
        currency=target.currency if target else "",
        base=base,
    )
    return replace(fitted, notes=(*notes, *fitted.notes))


def _order_networks(
    data: _Blocked, rng: np.random.Generator, progress: Progress
) -> tuple[FusionOrders | None, list[str]]:
    recipe = data.table.recipe
    exposed = {name: read_exposures(data.table, mask) for name, mask in data.masks.items()}
    fit_data = FitData(
        train=exposed["train"].first,
        tune=exposed["tune"].first,
        config=recipe.model,
        roles=recipe.roles,
        rng=rng,
        progress=progress,
        candidates=recipe.candidates,
        exposed=exposed,
        streamed=_streamed(data, next(iter(recipe.rates)), len(exposed["train"])),
    )
    return fit_fusion_orders(fit_data), fit_data.notes


def _correlate(data: _Blocked, rates: dict[str, RateModel], rng: np.random.Generator) -> EffectCorrelation:
    """On calibrate, whose residuals are honest: train's are shrunk by the fit."""
    table, mask = data.table, data.masks["calibrate"]
    observed: dict[str, tuple[F64, F64]] = {}
    for name, model in rates.items():
        counts = table.counts(name)
        frame = table.features(mask)
        mean = model.sampled_mean(model.score(data.x["calibrate"], frame)[0], frame)
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
