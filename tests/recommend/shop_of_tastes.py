"""A small world of known structure: customers of g groups who buy within their group's products, in a fixed order.

What comes next is known: each customer walks through the products of their group in a circle.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.models.model import FitData, Task
from adwright.recommend.network_config import SasrecConfig, SemanticConfig, TwoTowerConfig
from adwright.store.columns import PRODUCTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = RecommendConfig(
    sasrec=SasrecConfig(size=16, n_epochs=4, max_history=8),
    two_tower=TwoTowerConfig(size=16, n_hashes=512, n_epochs=4, batch=64),
    semantic=SemanticConfig(n_steps=3, batch=8, max_history=3, n_beams=4, n_codes=6, judge_every=2),
)
"""Networks of a size that is fitted in no time."""

N_GROUPS, N_OF_GROUP, N_CUSTOMERS, N_BOUGHT = 3, 6, 60, 3


def products(n_unsold: int = 2) -> pl.DataFrame:
    """The catalogue: `g-i` is product i of group g; the last have never been sold."""
    ids = [f"{g}-{i}" for g in range(N_GROUPS) for i in range(N_OF_GROUP)]
    ids += [f"unsold-{i}" for i in range(n_unsold)]
    rows = [
        dict.fromkeys(PRODUCTS)
        | {"id": p, "title": f"Thing {p}", "product_type": f"Group {p.split('-')[0]}", "price_minor": 100 + i}
        for i, p in enumerate(ids)
    ]
    return pl.DataFrame(rows, schema=dict(PRODUCTS))


def interactions(*, n_bought: int = N_BOUGHT, n_ahead: int = 0) -> pl.DataFrame:
    """What customers c0 .. bought before `NOW`, a product a day, and `n_ahead` days of what comes after."""
    rows = []
    for c in range(N_CUSTOMERS):
        group, start = c % N_GROUPS, c // N_GROUPS
        for step in range(n_bought + n_ahead):
            rows.append(
                {
                    "customer_id": f"c{c}",
                    "product_id": f"{group}-{(start + step) % N_OF_GROUP}",
                    "at": NOW + timedelta(days=step - n_bought + 0.5),
                    "kind": "buy",
                    "weight": 1.0,
                }
            )
    return pl.DataFrame(rows).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def task() -> Task:
    """Histories before `NOW`, and the product of the day after."""
    ahead = interactions(n_ahead=1)
    ids = products()["id"]
    known = encode(ahead.filter(pl.col("at") < NOW), ids)
    later = encode(ahead.filter(pl.col("at") >= NOW), ids, customer_ids=known.customer_ids)
    return Task(histories=known, targets=later.matrix(), now=NOW)


def fit_data(config: RecommendConfig | None = None, *, tune: Task | None = None) -> FitData:
    """The world as a model is fitted on it."""
    catalogue = products()
    customers = pl.DataFrame(
        {
            "id": [f"c{c}" for c in range(N_CUSTOMERS)],
            "cohort_id": [f"k{c % N_GROUPS}" for c in range(N_CUSTOMERS)],
        }
    )
    return FitData(
        histories=encode(interactions(), catalogue["id"], customers=customers),
        products=catalogue,
        now=NOW,
        config=config or SMALL,
        rng=np.random.default_rng(0),
        progress=lambda _: None,
        tune=tune,
    )
