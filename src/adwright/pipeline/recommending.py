"""Recommendations on one workspace: its tables into interactions and customers, and a recommender from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from adwright.config import build, to_mapping
from adwright.errors import DataError, NotFoundError
from adwright.pipeline.settings import ProfileSection
from adwright.profile import build_cohorts
from adwright.recommend import (
    RecommendConfig,
    Recommender,
    evaluate,
    fit_recommender,
    load_recommender,
    product_interactions,
    task_after,
    time_of_share,
)
from adwright.recommend.evaluation import counts_of
from adwright.recommend.histories import encode
from adwright.recommend.metrics import n_relevant
from adwright.schema import EVERYONE
from adwright.workspace import Workspace

STAGE = "recommend"
_MOST_COHORTS = 12


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Behaviour:
    """What recommenders learn from.

    Args:
        interactions: customer_id, product_id, at, kind, weight.
        products: The catalogue.
        customers: id, cohort_id (null where there are no cohorts), language, of everyone with behaviour or in the
            table `customers`.
    """

    interactions: pl.DataFrame
    products: pl.DataFrame
    customers: pl.DataFrame


def recommend_config(workspace: Workspace) -> RecommendConfig:
    """The recipe's `[recommend]`."""
    return build(RecommendConfig, workspace.recipe.get("recommend", {}), where="recommend")


def read_behaviour(workspace: Workspace, config: RecommendConfig, *, now: datetime) -> Behaviour:
    """The workspace's tables as recommenders need them, as known at `now`.

    Raises:
        DataError: the catalogue is empty.
    """
    names = ("events", "order_lines", "products", "customers")
    events, lines, products, customers = (workspace.tables.read(name) for name in names)
    if products.is_empty():
        raise DataError(
            "the catalogue is empty",
            argument="products",
            value=0,
            hint="Ingest one first: adwright ingest catalog FILE",
        )
    profile = build(ProfileSection, workspace.recipe.get("profile", {}), where="profile")
    cohorts = build_cohorts(
        events, lines, products, customers, now=now, k=profile.k, max_cohorts=_MOST_COHORTS
    )
    known = cohorts.membership.join(
        cohorts.features.select("customer_id", "language"), on="customer_id", how="left"
    ).with_columns(cohort_id=pl.when(pl.col("cohort_id") != EVERYONE).then("cohort_id"))
    return Behaviour(
        interactions=product_interactions(events, lines, now=now, config=config),
        products=products,
        customers=known.rename({"customer_id": "id"}),
    )


def fit_for_shop(
    workspace: Workspace, *, now: datetime, seed: int, progress: Callable[[str], None]
) -> tuple[str, Recommender]:
    """(its reference in the workspace's models, the recommender), fitted on all that is known at `now`."""
    config = recommend_config(workspace)
    shop = read_behaviour(workspace, config, now=now)
    model = _fit(shop, config, now=now, seed=seed, progress=progress)
    digest = workspace.tables.digest("events", "order_lines", "products", "customers")
    card = {**model.card, "seed": seed, "data_digest": digest, "config": to_mapping(config)}
    return workspace.models.save(STAGE, model.save, card, now=now), model


def load_for_shop(workspace: Workspace, ref: str) -> Recommender:
    """The recommender of this reference.

    Raises:
        NotFoundError: none was fitted yet.
    """
    try:
        path = workspace.models.path(ref)
    except NotFoundError as error:
        raise NotFoundError(str(error), hint="Fit one: adwright recommend fit") from error
    return load_recommender(path)


def recommend_for_shop(
    workspace: Workspace, model: Recommender, customer_ids: list[str] | None, *, now: datetime, n: int
) -> pl.DataFrame:
    """The columns of `recommender.ANSWER` for these customers, or for everyone that the workspace knows.

    A customer without behaviour gets what is popular.
    """
    shop = read_behaviour(workspace, model.config, now=now)
    everyone = shop.customers["id"].sort().to_list()
    wanted = everyone if customer_ids is None else customer_ids
    return model.recommend(
        shop.interactions,
        shop.products,
        wanted,
        now=now,
        n=n,
        customers=shop.customers,
        rules=recommend_config(workspace).rules,
    )


def evaluate_for_shop(
    workspace: Workspace,
    *,
    ref: str | None,
    share: float,
    now: datetime,
    seed: int,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """The figures on what customers bought later.

    With a reference: of that recommender, on what came after it was fitted. Without: of one that is fitted on
    what came before the last `share` of the purchases, on these.

    Raises:
        DataError: nothing was bought in the block that judges.
    """
    config = recommend_config(workspace)
    shop = read_behaviour(workspace, config, now=now)
    held = None if ref is None else load_for_shop(workspace, ref)
    if held is not None:
        before = datetime.fromisoformat(held.card["fitted_at"])
        cut = before + timedelta(microseconds=1)
    else:
        cut = time_of_share(shop.interactions.filter(pl.col("kind") == "buy"), 1 - share)
        before = cut - timedelta(microseconds=1)
    # as it was known then: cohorts, what arrived late, and what was sent back later
    past = read_behaviour(workspace, config, now=before)
    if held is None:
        progress(f"fitting on {past.interactions.height:,} interactions before {cut.isoformat()}")
        model = _fit(past, config, now=before, seed=seed, progress=progress)
        how = f"fitted on what came before the last {share:.0%} of the purchases, judged on these"
    else:
        model, how = held, f"{ref}, on what was bought after it was fitted"
    task = task_after(
        pl.concat([past.interactions, shop.interactions.filter(pl.col("at") >= cut)]),
        model.product_ids,
        cut=cut,
        customers=past.customers,
        target=model.config.target,
        repeats="yes" if model.seen_may_return else "no",
    )
    if not (n_relevant(task.targets) > 0).any():
        raise DataError(
            "nothing was bought in the time that judges",
            argument="at",
            value=f"from {cut.isoformat()}",
            hint="Ingest later events first",
        )
    progress(f"judging by {len(task.histories):,} customers")
    known = encode(past.interactions, model.product_ids)
    found = evaluate(
        model.blend, task, sold=counts_of(known), rng=np.random.default_rng(seed), n_customers=len(known)
    )
    return {
        "split": how,
        "from": cut.isoformat(),
        "target": model.config.target,
        "weights": dict(model.blend.weights),
        **found.figures,
    }


def _fit(
    shop: Behaviour,
    config: RecommendConfig,
    *,
    now: datetime,
    seed: int,
    progress: Callable[[str], None],
) -> Recommender:
    return fit_recommender(
        shop.interactions,
        shop.products,
        shop.customers,
        now=now,
        config=config,
        rng=np.random.default_rng(seed),
        progress=progress,
    )
