"""A world in which words matter: every customer buys what is of their theme, and a title says the theme.

A tenth of the products was never sold, and a tenth of the customers never bought; a customer's city tells the theme.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.models.model import FitData, Task
from adwright.store.columns import PRODUCTS
from recommend.shop_of_tastes import NOW

THEMES = ("garden", "kitchen", "travel", "厨房", "旅行")
N_OF_THEME, N_UNSOLD, N_CUSTOMERS, N_NEW, N_BOUGHT = 20, 4, 200, 40, 6
_KINDS = ("chair", "lamp", "box", "bag", "set")


def products() -> pl.DataFrame:
    """Product i is of theme i mod 5; the last `N_UNSOLD` of each theme were never sold."""
    rows = [
        dict.fromkeys(PRODUCTS)
        | {"id": f"p{i}", "title": f"{THEMES[i % 5]} {_KINDS[(i // 5) % 5]} no. {i}", "price_minor": 999}
        for i in range(5 * N_OF_THEME)
    ]
    return pl.DataFrame(rows, schema=dict(PRODUCTS))


def customers() -> pl.DataFrame:
    """Customer c is of theme c mod 5, and of the city of that theme; the last `N_NEW` never bought."""
    n = N_CUSTOMERS + N_NEW
    return pl.DataFrame({"id": [f"c{c}" for c in range(n)], "city": [f"city {c % 5}" for c in range(n)]})


def fit_data(config: RecommendConfig) -> FitData:
    """What was bought; nine times in ten of the customer's theme, and the first products are the popular ones."""
    rng = np.random.default_rng(7)
    rows = []
    for c in range(N_CUSTOMERS):
        for step in range(N_BOUGHT):
            theme = c % 5 if rng.random() < 0.9 else int(rng.integers(5))
            number = int((N_OF_THEME - N_UNSOLD) * rng.random() ** 2)
            rows.append(
                {"customer_id": f"c{c}", "product_id": f"p{theme + 5 * number}", "kind": "buy", "weight": 1.0}
                | {"at": NOW + timedelta(days=step - N_BOUGHT)}
            )
    frame = pl.DataFrame(rows).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    catalogue = products()
    ids = customers()["id"].to_list()[:N_CUSTOMERS]
    return FitData(
        histories=encode(frame, catalogue["id"], customer_ids=ids, customers=customers()),
        products=catalogue,
        now=NOW,
        config=config,
        rng=np.random.default_rng(0),
        progress=lambda _: None,
    )


def cold_products(data: FitData) -> Task:
    """The known customers, and the products of their theme that nobody ever bought."""
    item, customer = np.arange(5 * N_OF_THEME), np.arange(N_CUSTOMERS)
    unsold = item // 5 >= N_OF_THEME - N_UNSOLD
    return _task(data, data.histories.customer_ids, customer, unsold)


def cold_customers(data: FitData) -> Task:
    """Customers who never bought, and the products of their theme that are sold."""
    customer = np.arange(N_CUSTOMERS, N_CUSTOMERS + N_NEW)
    sold = np.arange(5 * N_OF_THEME) // 5 < N_OF_THEME - N_UNSOLD
    return _task(data, tuple(f"c{c}" for c in customer), customer, sold)


def _task(data: FitData, ids: tuple[str, ...], customer: np.ndarray, asked: np.ndarray) -> Task:
    from scipy import sparse

    frame = pl.DataFrame(
        {
            "customer_id": [data.histories.customer_ids[r] for r in data.histories.rows],
            "product_id": [f"p{i}" for i in data.histories.items],
            "kind": "buy",
            "weight": 1.0,
            "at": pl.from_epoch(pl.Series(data.histories.at_s.astype(np.int64)), "s")
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC"),
        }
    )
    histories = encode(frame, data.products["id"], customer_ids=ids, customers=customers())
    same = customer[:, None] % 5 == np.arange(5 * N_OF_THEME)[None, :] % 5
    targets = sparse.csr_matrix((same & asked[None, :]).astype(float))
    return Task(histories=histories, targets=targets, now=NOW)
