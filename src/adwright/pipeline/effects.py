"""From past contents to an effect model, and from written contents to their predicted effects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adwright import __version__
from adwright.config import to_mapping
from adwright.errors import DataError
from adwright.learn.tuning import TuneConfig
from adwright.learn.tuning.watch import TuneScore
from adwright.pipeline.retuning import EffectTuning, Retuning
from adwright.pipeline.settings import PredictSection, default_predict_recipe
from adwright.predict import Predictor, PredictRecipe
from adwright.schema import Content, Effect, GoalKind, Product, Rate
from adwright.store import ModelVersion
from adwright.workspace import Workspace

STAGE = "effect"
WEAK_CLICK_RATE = 0.01
WEAK_K = 20.0
WEAK_LEVEL_SD = 1.0
"""The prior where nothing was learned yet: one click in a hundred, give or take a factor of e."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EffectModel:
    """The effect model of a run.

    Args:
        predictor: The fitted model; None where there was too little to learn from.
        version: `effect@N`, or `prior`.
        metrics: What `evaluate` said on the test block, from the model card.
        n_rows: Past contents that it rests on.
        note: Why there is no model; empty otherwise.
        retuning: What tuning did in this run; None where there was none.
    """

    predictor: Predictor | None
    version: str
    metrics: Mapping[str, Any]
    n_rows: int
    note: str = ""
    retuning: Retuning | None = None

    @property
    def can_value(self) -> bool:
        """Conversions and order values are predicted, so that money can be the goal."""
        return self.predicts("revenue")

    def predicts(self, goal: GoalKind) -> bool:
        """Whether the model has what the value of this goal is made of; the weak prior has clicks only."""
        if self.predictor is None:
            return goal == "click"
        targets = self.predictor.recipe.targets
        if goal == "click":
            return targets.click is not None
        has_conversions = targets.conversion is not None
        return has_conversions and (goal == "conversion" or targets.order_value is not None)

    def effect(self, contents: Sequence[Content], products: Mapping[str, Product]) -> Effect:
        """The predicted effect of each content, in order."""
        if self.predictor is not None:
            return self.predictor.score(scoring_frame(contents, products))
        n = len(contents)
        click = Rate(
            mean=np.full(n, WEAK_CLICK_RATE), k=np.full(n, WEAK_K), level_sd=np.full(n, WEAK_LEVEL_SD)
        )
        ids = tuple(c.id for c in contents)
        return Effect(
            content_ids=ids, click=click, in_domain=np.zeros(n, np.bool_), model_version=self.version
        )


def learn_effects(
    workspace: Workspace,
    products: Mapping[str, Product],
    section: PredictSection,
    *,
    tuning: TuneConfig | None = None,
    progress: Callable[[str], None],
) -> EffectModel:
    """The effect model for the workspace's past contents: the stored one if nothing changed, else a new one.

    Where the tune block says that its settings fall short, by the recipe's `[tune]`, they are tuned first.

    Args:
        workspace: Its table `contents` is learned from.
        products: By id; a past content's price is that of its product.
        section: The recipe's `[predict]`.
        tuning: The recipe's `[tune]`; None never tunes.
        progress: Told what is being done.
    """
    frame = training_frame(workspace.tables.read("contents"), products)
    if frame.height < section.min_rows:
        note = f"{frame.height} past contents with results; a model needs {section.min_rows}"
        return EffectModel(predictor=None, version="prior", metrics={}, n_rows=frame.height, note=note)
    tuner = _tuner(workspace, frame, section, tuning or TuneConfig())
    known, earlier = _stored(workspace, _digest(frame, tuner.recipe, section.seed))
    score = _score_of(known) or tuner.score(frame)
    retuned = tuner.start_if_due(frame, score, _score_of(earlier), progress=progress)
    score = None if retuned is not None else score
    return _in_use(workspace, frame, tuner, section.seed, score=score, retuned=retuned, progress=progress)


def tune_effects(
    workspace: Workspace,
    products: Mapping[str, Product],
    section: PredictSection,
    *,
    tuning: TuneConfig,
    wandb_project: str | None = None,
    mlflow_experiment: str | None = None,
    progress: Callable[[str], None],
) -> EffectModel:
    """The effect model after a study that somebody asked for; its `retuning` holds the result.

    Args:
        workspace: Its table `contents` is learned from.
        products: By id.
        section: The recipe's `[predict]`.
        tuning: The recipe's `[tune]`.
        wandb_project: Also log to this Weights & Biases project.
        mlflow_experiment: Also log to this MLflow experiment.
        progress: Told what is being done.

    Raises:
        DataError: too few past contents.
        UsageError: Optuna is not installed.
    """
    frame = training_frame(workspace.tables.read("contents"), products)
    if frame.height < section.min_rows:
        raise DataError(
            "too few past contents with results to tune on",
            argument="contents",
            value=frame.height,
            allowed=f"at least predict.min_rows = {section.min_rows}",
        )
    tuner = _tuner(workspace, frame, section, tuning)
    retuned = tuner.study(
        frame,
        reason=None,
        wandb_project=wandb_project,
        mlflow_experiment=mlflow_experiment,
        progress=progress,
    )
    return _in_use(workspace, frame, tuner, section.seed, score=None, retuned=retuned, progress=progress)


def _tuner(
    workspace: Workspace, frame: pl.DataFrame, section: PredictSection, tuning: TuneConfig
) -> EffectTuning:
    recipe = section.recipe or _recipe_for(frame)
    if "@" in (start := recipe.model.warm_start):
        recipe = replace(recipe, model=replace(recipe.model, warm_start=str(workspace.models.path(start))))
    return EffectTuning(workspace, recipe, tuning, seed=section.seed)


def _in_use(
    workspace: Workspace,
    frame: pl.DataFrame,
    tuner: EffectTuning,
    seed: int,
    *,
    score: TuneScore | None,
    retuned: Retuning | None,
    progress: Callable[[str], None],
) -> EffectModel:
    """The stored model of this table and these settings, else one that is fitted (by the study, if there was one)."""
    digest = _digest(frame, tuner.recipe, seed)
    known, _ = _stored(workspace, digest)
    if known is None:
        fitted = None if retuned is None else retuned.result.model
        predictor = fitted or Predictor.fit(frame, tuner.recipe, seed=seed, progress=progress)
        score = score or tuner.score(frame)
        return _kept(workspace, frame, predictor, score, retuned, digest=digest, seed=seed, progress=progress)
    progress(f"effect model: {known.ref}, nothing changed since it was fitted")
    return EffectModel(
        predictor=Predictor.load(workspace.models.path(known.ref), version=known.ref),
        version=known.ref,
        metrics=known.card["metrics"],
        n_rows=frame.height,
        retuning=retuned,
    )


def _stored(workspace: Workspace, digest: str) -> tuple[ModelVersion | None, ModelVersion | None]:
    """The version of that digest, and the one before it (the last one, where there is none)."""
    versions = workspace.models.list(STAGE)
    found = [version for version in versions if version.card.get("data_digest") == digest]
    before = [v for v in versions if not found or v.version < found[-1].version]
    return found[-1] if found else None, before[-1] if before else None


def _score_of(version: ModelVersion | None) -> TuneScore | None:
    held = None if version is None else version.card.get("tune_score")
    return None if held is None else TuneScore.from_json(held)


def _kept(
    workspace: Workspace,
    frame: pl.DataFrame,
    predictor: Predictor,
    score: TuneScore | None,
    retuned: Retuning | None,
    *,
    digest: str,
    seed: int,
    progress: Callable[[str], None],
) -> EffectModel:
    """The fitted model, evaluated and put into the registry."""
    progress("effect model: evaluated once, on the test block")
    metrics = predictor.evaluate(frame)
    card: dict[str, Any] = {
        "data_digest": digest,
        "metrics": metrics,
        "seed": seed,
        "config": to_mapping(predictor.recipe),
        "n_rows": frame.height,
    }
    if score is not None:
        card["tune_score"] = score.to_json()
    if retuned is not None:
        card["tuned"] = {
            "because": None if retuned.due is None else str(retuned.due),
            "study": retuned.result.folder.name,
            "values": retuned.result.figures["values"],
        }

    def write(folder: Path) -> None:
        predictor.save(folder)

    version = workspace.models.save(STAGE, write, card)
    return EffectModel(
        predictor=replace(predictor, version=version),
        version=version,
        metrics=metrics,
        n_rows=frame.height,
        retuning=retuned,
    )


def training_frame(contents: pl.DataFrame, products: Mapping[str, Product]) -> pl.DataFrame:
    """Past contents with results, and the price of the product that each is about."""
    seen = contents.filter(pl.col("n_exposures") > 0)
    return seen.with_columns(_price(seen["product_id"], products))


def scoring_frame(contents: Sequence[Content], products: Mapping[str, Product]) -> pl.DataFrame:
    """Written contents as rows of the same columns as past ones."""
    first = [products.get(c.product_ids[0]) if c.product_ids else None for c in contents]
    ids = pl.Series("product_id", [c.product_ids[0] if c.product_ids else None for c in contents], pl.String)
    return pl.DataFrame(
        {
            "content_id": [c.id for c in contents],
            "text": [c.text for c in contents],
            "kind": [c.kind for c in contents],
            "channel": [c.channel for c in contents],
            "language": [c.language for c in contents],
            "cohort_id": [c.cohort_id for c in contents],
            "product_id": ids,
            "category": pl.Series([None if p is None else p.product_type for p in first], dtype=pl.String),
            "price_minor": _price(ids, products),
        }
    )


def _price(product_ids: pl.Series, products: Mapping[str, Product]) -> pl.Series:
    prices = {i: p.price_minor for i, p in products.items()}
    found = [None if i is None else prices.get(i) for i in product_ids.to_list()]
    return pl.Series("price_minor", found, dtype=pl.Float64)


def _recipe_for(frame: pl.DataFrame) -> PredictRecipe:
    conversions = frame.filter(pl.col("n_conversions") > 0)
    currencies = conversions["currency"].drop_nulls().unique().to_list()
    return default_predict_recipe(
        has_conversions=conversions.height > 0, currency=currencies[0] if len(currencies) == 1 else None
    )


def _digest(frame: pl.DataFrame, recipe: PredictRecipe, seed: int) -> str:
    rows = int(frame.hash_rows(seed=1).sum()) % 2**64
    parts = json.dumps([rows, frame.height, to_mapping(recipe), seed, __version__], sort_keys=True)
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()
