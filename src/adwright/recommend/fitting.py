"""Fitting several recommenders and blending them: fit on the past, weigh on `tune`, fit again on all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.recommend.blend import Blend, choose_weights
from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.metrics import n_relevant
from adwright.recommend.models.model import FitData, FittedRecommender, Progress, Task
from adwright.recommend.models.registry import recommender_named
from adwright.recommend.splits import task_after, task_of_rows, time_of_share

_FEWEST_TO_TUNE = 20


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fitted:
    """What a fit gives.

    Args:
        blend: The recommenders and their weights.
        on_tune: NDCG@10 on tune by name, and of the `blend`; empty without a tune block.
        seen_may_return: Customers buy the same again, so what they had may be recommended.
        notes: What could not be done and why.
    """

    blend: Blend
    on_tune: Mapping[str, float]
    seen_may_return: bool
    notes: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        """For the card."""
        return {
            "weights": dict(self.blend.weights),
            "ndcg@10 on tune": dict(self.on_tune),
            "seen_may_return": self.seen_may_return,
            "models": {name: model.summary() for name, model in self.blend.models.items()},
            "notes": list(self.notes),
        }


def fit_blend(
    interactions: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame | None,
    *,
    config: RecommendConfig,
    now: datetime,
    rng: np.random.Generator,
    progress: Progress,
) -> Fitted:
    """Recommenders fitted on all interactions, blended with weights that the last part of the time chose.

    Args:
        interactions: `histories.COLUMNS`, up to `now`.
        products: The catalogue; row i is item i.
        customers: `id`, `cohort_id` and what else is known; None where nothing is.
        config: The recipe's `[recommend]`.
        now: The present, aware.
        rng: Of whatever is random.
        progress: Takes a line a step.

    Raises:
        DataError: an empty catalogue.
        NotFoundError: an unknown recommender.
    """
    if products.is_empty():
        raise DataError("the catalogue is empty", argument="products", value=0, hint="Ingest a catalogue")
    kinds = {name: recommender_named(name) for name in config.models}
    notes: list[str] = []
    past, tune = tune_block(interactions, products, customers, config=config, now=now, rng=rng, notes=notes)
    whole = FitData(
        histories=encode(interactions, products["id"], customers=customers),
        products=products,
        now=now,
        config=config,
        rng=rng,
        progress=progress,
        notes=notes,
    )
    if tune is None:
        models = {name: kind.fit(whole) for name, kind in kinds.items()}
        weights = dict.fromkeys(models, 1.0)
        may_return = config.repeats == "yes"
        return Fitted(
            blend=Blend(models, weights), on_tune={}, seen_may_return=may_return, notes=tuple(notes)
        )
    before = replace(
        whole, histories=encode(past, products["id"], customers=customers), now=tune.now, tune=tune
    )
    tried: dict[str, FittedRecommender] = {}
    for name, kind in kinds.items():
        progress(f"{name}: fitting on {past.height:,} interactions")
        tried[name] = kind.fit(before)
    weights, on_tune = choose_weights(tried, tune, progress=progress)
    models = {}
    for name in weights:
        progress(f"{name}: fitting on all {interactions.height:,} interactions")
        models[name] = kinds[name].refit(tried[name], whole)
    return Fitted(
        blend=Blend(models, weights),
        on_tune=on_tune,
        seen_may_return=tune.seen_may_return,
        notes=tuple(notes),
    )


def tune_block(
    interactions: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame | None,
    *,
    config: RecommendConfig,
    now: datetime,
    rng: np.random.Generator,
    notes: list[str],
) -> tuple[pl.DataFrame, Task | None]:
    """The interactions before, and the tune block as a task; None where too little is in it."""
    why = "the weights are even, nothing chose them"
    share = 1 - config.tune_share
    try:
        if config.split == "rows":
            past, task = task_of_rows(
                interactions, products["id"], share=share, now=now, customers=customers, rng=rng
            )
        else:
            cut = time_of_share(interactions.filter(pl.col("kind") == "buy"), share)
            past = interactions.filter(pl.col("at") < cut)
            task = task_after(
                interactions,
                products["id"],
                cut=cut,
                customers=customers,
                target=config.target,
                repeats=config.repeats,
            )
    except DataError as error:
        notes.append(f"{why}: {error}")
        return interactions, None
    n_asked = int((n_relevant(task.targets) > 0).sum())
    if n_asked < _FEWEST_TO_TUNE:
        notes.append(f"{why}: {n_asked} customers bought in the tune block, {_FEWEST_TO_TUNE} are needed")
        return interactions, None
    return past, task
