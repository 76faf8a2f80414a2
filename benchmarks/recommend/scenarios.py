"""What is measured. Ids are permanent.

A scenario gives the interactions before, the catalogue, and a task: customers with their histories and what they then
bought or liked. The test block is read once, after everything is fitted and weighed on the block before it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adwright.recommend import (
    EaseConfig,
    PopularityConfig,
    RecommendConfig,
    RepeatConfig,
    task_after,
    time_of_share,
)
from adwright.recommend.models.model import Task
from adwright.recommend.splits import task_of_rows
from adwright.store.columns import PRODUCTS

DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
UTC_US = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Asked:
    """One scenario's data.

    Args:
        past: Interactions that may be learned from.
        products: The catalogue, as the table `products`.
        customers: `id` and what else is known; None where nothing is.
        task: What is asked.
        config: The recipe's `[recommend]`.
    """

    past: pl.DataFrame
    products: pl.DataFrame
    customers: pl.DataFrame | None
    task: Task
    config: RecommendConfig


def ml100k_random(seed: int) -> Asked:
    """ML-100k, ratings of 4 and 5 as likes, rows at random 8 : 1 : 1; learned from the first nine tenths."""
    likes, films = _ml100k()
    now = likes["at"].max()
    rng = np.random.default_rng(seed)
    past, task = task_of_rows(likes, films["id"], share=0.9, now=now, rng=rng)  # type: ignore[arg-type]
    return Asked(past, films, None, task, RecommendConfig(split="rows", tune_share=1 / 9))


def ml100k_time(seed: int) -> Asked:
    """ML-100k, likes in the order of time 80 / 10 / 10; nine customers of ten in the last tenth are new."""
    likes, films = _ml100k()
    cut = time_of_share(likes, 0.9)
    task = task_after(likes, films["id"], cut=cut, repeats="no")
    return Asked(likes.filter(pl.col("at") < cut), films, None, task, RecommendConfig(tune_share=1 / 9))


def online_retail_next_basket(seed: int) -> Asked:
    """Online Retail, known customers and new ones: the next invoice of each within the last 30 days."""
    return _online_retail("next_basket")


def online_retail_month(seed: int) -> Asked:
    """Online Retail: everything that a customer bought in the last 30 days."""
    return _online_retail("all")


def _online_retail(target: Any) -> Asked:
    bought, goods = read_online_retail(DATA / "online_retail" / "invoices.parquet")
    cut = bought["at"].max() - timedelta(days=30)  # type: ignore[operator]
    task = task_after(bought, goods["id"], cut=cut, target=target, repeats="yes")
    keep = [row for row, name in enumerate(task.histories.customer_ids) if not name.startswith("guest")]
    known = Task(
        histories=task.histories.take(keep), targets=task.targets[keep], now=cut, seen_may_return=True
    )
    config = RecommendConfig(target=target, repeats="yes")
    return Asked(bought.filter(pl.col("at") < cut), goods, None, known, config)


def read_online_retail(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(interactions, catalogue). An invoice without a customer is a guest: learned from, never asked about."""
    rows = pl.read_parquet(path).filter(
        (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0) & pl.col("StockCode").str.contains(r"^\d{5}")
    )
    customer = pl.col("CustomerID").cast(pl.Int64).cast(pl.String)
    guest = pl.concat_str(pl.lit("guest-"), pl.col("InvoiceNo").cast(pl.String))
    bought = rows.select(
        customer_id=pl.when(pl.col("CustomerID") > 0).then(customer).otherwise(guest),
        product_id="StockCode",
        at=pl.col("InvoiceDate").str.to_datetime().dt.replace_time_zone("UTC").cast(UTC_US),
        kind=pl.lit("buy"),
        weight=pl.lit(1.0),
    ).unique(["customer_id", "product_id", "at"], maintain_order=True)
    goods = (
        rows.group_by("StockCode")
        .agg(
            title=pl.col("Description").drop_nulls().mode().sort().first(), price=pl.col("UnitPrice").median()
        )
        .sort("StockCode")
    )
    return bought, _catalogue(goods, id="StockCode", title="title", price_minor=pl.col("price") * 100)


def _ml100k() -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = pl.read_csv(DATA / "ml100k" / "ml-100k.inter", separator="\t")
    rows.columns = ["user", "item", "rating", "time"]
    likes = rows.filter(pl.col("rating") >= 4).select(
        customer_id=pl.col("user").cast(pl.String),
        product_id=pl.col("item").cast(pl.String),
        at=pl.from_epoch(pl.col("time").cast(pl.Int64), "s").dt.replace_time_zone("UTC").cast(UTC_US),
        kind=pl.lit("buy"),
        weight=pl.lit(1.0),
    )
    films = pl.read_csv(DATA / "ml100k" / "ml-100k.item", separator="\t", infer_schema=False, quote_char=None)
    films.columns = ["id", "title", "year", "classes"]
    genres = pl.col("classes").fill_null("").str.split(" ")
    tags = [
        json.dumps({t: "yes" for t in [*(row or []), f"year {year}"] if t})
        for row, year in films.select(genres, "year").iter_rows()
    ]
    films = films.with_columns(tags=pl.Series(tags), genre=genres.list.first())
    return likes, _catalogue(films, id="id", title="title", product_type="genre", attributes="tags")


def _catalogue(frame: pl.DataFrame, **columns: Any) -> pl.DataFrame:
    """The frame as the table `products`; columns that are not named are null."""
    given = {name: pl.col(c) if isinstance(c, str) else c for name, c in columns.items()}
    return frame.select(
        given.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in PRODUCTS.items()
    )


def million_products(n_products: int = 1_000_000, n_customers: int = 100_000, seed: int = 0) -> Asked:
    """An invented shop: a million products, a tenth of them sold, 100,000 customers, a million purchases."""
    rng = np.random.default_rng(seed)
    n = 10 * n_customers
    customer = rng.integers(0, n_customers, n)
    group = customer % 500
    item = (np.minimum(rng.zipf(1.3, n), n_products // 10) * 500 + group) % n_products
    now = datetime(2026, 1, 1, tzinfo=UTC)
    start = now - timedelta(days=365)
    bought = pl.DataFrame(
        {
            "customer_id": pl.Series([f"c{c}" for c in customer]),
            "product_id": pl.Series([f"p{i}" for i in item]),
            "at": pl.Series(
                [start + timedelta(seconds=int(s)) for s in rng.integers(0, 365 * 86_400, n)], dtype=UTC_US
            ),
            "kind": pl.repeat("buy", n, eager=True),
            "weight": pl.repeat(1.0, n, eager=True),
        }
    )
    ids = pl.DataFrame({"id": [f"p{i}" for i in range(n_products)], "g": np.arange(n_products) % 500})
    goods = _catalogue(
        ids,
        id="id",
        title=pl.format("Thing {}", "id"),
        product_type=pl.format("Area {}", "g"),
        price_minor=pl.lit(999),
    )
    cut = now - timedelta(days=7)
    task = task_after(bought, goods["id"], cut=cut, repeats="no")
    some = np.linspace(0, len(task.histories) - 1, 50).astype(int)  # each costs a score of every product
    part = Task(
        histories=task.histories.take(some), targets=task.targets[some], now=cut, seen_may_return=False
    )
    config = RecommendConfig(
        repeats="no",
        popularity=PopularityConfig(half_life_days=(30.0,)),
        ease=EaseConfig(l2=(250.0,), together=(1.0,), tags=(0.0,), max_items=2_000),
        repeat=RepeatConfig(half_life_days=(180.0,)),
    )
    return Asked(bought.filter(pl.col("at") < cut), goods, None, part, config)


SCENARIOS: Mapping[str, Callable[[int], Asked]] = {
    "ml100k-random": ml100k_random,
    "ml100k-time": ml100k_time,
    "online-retail-next-basket": online_retail_next_basket,
    "online-retail-month": online_retail_month,
    "million-products": lambda seed: million_products(seed=seed),
}
