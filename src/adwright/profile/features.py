"""What a customer did, in one row: recency, frequency, money, categories, price level, channel, hour, language.

Only what was known at `now` counts: an event that happened later, or happened before but arrived later,
does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from adwright.errors import DataError, UsageError

INTERACTION_WEIGHTS: Mapping[str, float] = {
    "Product Viewed": 1.0,
    "Product Clicked": 1.0,
    "Product Added": 3.0,
    "Order Completed": 5.0,
}
"""How much an event with a product says about taste; an order counts once for each of its lines."""

FEATURES: Mapping[str, Any] = {
    "customer_id": pl.String,
    "n_events": pl.Int64,
    "recency_days": pl.Float64,
    "n_orders": pl.Int64,
    "value_minor": pl.Int64,
    "currency": pl.String,
    "top_category": pl.String,
    "price_rank": pl.Float64,
    "price_level": pl.String,
    "channel": pl.String,
    "hour": pl.Int64,
    "language": pl.String,
}
"""The columns of `customer_features`."""

_LEVEL_CUTS = (1 / 3, 2 / 3)


def customer_features(
    events: pl.DataFrame,
    order_lines: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    now: datetime,
) -> pl.DataFrame:
    """One row a customer, sorted by id, with the columns of `FEATURES`.

    `value_minor` is net of refunds, and null where the customer ordered in several currencies. `hour` is
    the commonest hour of the day in UTC. `price_rank` in [0, 1] is where the products of interest stand
    among those of their own category by price, so that a lover of cheap shoes is not taken for a lover of
    dear socks; `price_level` cuts it at one third and two thirds. `language` is the commonest of the
    events, else the customer's own.

    Args:
        events: As the table `events`.
        order_lines: As the table `order_lines`.
        products: As the table `products`.
        customers: As the table `customers`; may be empty.
        now: The present, aware.

    Raises:
        UsageError: `now` has no time zone.
        DataError: an absent column.
    """
    if now.tzinfo is None:
        raise UsageError("a time without a zone", argument="now", value=now, allowed="an aware datetime")
    _need(events, "events", ("event", "at", "customer_id", "order_id", "value_minor", "product_id"))
    known = known_at(events, now)
    lines = order_lines.filter(pl.col("at") <= now, pl.col("message_id").is_in(known["message_id"].implode()))
    ids = pl.concat([known["customer_id"], customers["id"].alias("customer_id")]).drop_nulls().unique().sort()
    parts = [
        _activity(known, now),
        _money(known),
        _taste(known, lines, products),
        _modes(known),
        customers.select(customer_id="id", own_language="language").unique("customer_id", keep="last"),
    ]
    table = pl.DataFrame({"customer_id": ids})
    for part in parts:
        table = table.join(part, on="customer_id", how="left", maintain_order="left")
    return table.with_columns(
        pl.col("n_events", "n_orders").fill_null(0),
        pl.coalesce("language", "own_language").alias("language"),
    ).select(pl.col(name).cast(dtype) for name, dtype in FEATURES.items())


def known_at(events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The events that had happened and had arrived by `now`."""
    arrived = pl.col("received_at").is_null() | (pl.col("received_at") <= now)
    return events.filter((pl.col("at") <= now) & arrived)


def _need(frame: pl.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        raise DataError(f"{name} lacks a column", argument=name, value=", ".join(absent))


def _activity(events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    return events.group_by("customer_id").agg(
        n_events=pl.len(),
        recency_days=(pl.lit(now) - pl.col("at").max()).dt.total_seconds() / 86_400,
    )


def _money(events: pl.DataFrame) -> pl.DataFrame:
    """Orders and their value net of refunds; a refund without value takes back the whole order."""
    refunds = (
        events.filter(pl.col("event").is_in(["Order Refunded", "Order Cancelled"]))
        .group_by("order_id")
        .agg(
            taken=pl.col("value_minor").sum(),
            is_whole=(pl.col("value_minor").is_null() | (pl.col("event") == "Order Cancelled")).any(),
        )
    )
    value = pl.col("value_minor").fill_null(0)
    taken = pl.when("is_whole").then(value).otherwise(pl.min_horizontal(pl.col("taken").fill_null(0), value))
    return (
        events.filter(pl.col("event") == "Order Completed")
        .sort("at", "message_id")
        .unique("order_id", keep="first", maintain_order=True)
        .join(refunds, on="order_id", how="left")
        .with_columns(kept_minor=value - taken)
        .group_by("customer_id")
        .agg(
            n_orders=pl.len(),
            kept=pl.col("kept_minor").sum(),
            n_currencies=pl.col("currency").n_unique(),
            code=pl.col("currency").min(),
        )
        .select(
            "customer_id",
            "n_orders",
            value_minor=pl.when(pl.col("n_currencies") == 1).then("kept"),
            currency=pl.when(pl.col("n_currencies") == 1).then("code"),
        )
    )


def _taste(events: pl.DataFrame, lines: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """The category and the price rank that the customer's weighted interactions point to."""
    ranks = products.select(
        product_id="id",
        product_category="product_type",
        rank=((pl.col("price_minor").rank("average") - 0.5) / pl.col("price_minor").count()).over(
            pl.col("product_type").fill_null("")
        ),
    )
    event_category = pl.col("category") if "category" in events.columns else pl.lit(None, dtype=pl.String)
    seen = events.filter(pl.col("event") != "Order Completed").select(
        "customer_id", "event", "product_id", event_category.alias("event_category")
    )
    bought = lines.filter(pl.col("event") == "Order Completed").select(
        "customer_id", "event", "product_id", event_category=pl.lit(None, dtype=pl.String)
    )
    weighted = (
        pl.concat([seen, bought])
        .with_columns(
            weight=pl.col("event").replace_strict(INTERACTION_WEIGHTS, default=0.0, return_dtype=pl.Float64)
        )
        .filter(pl.col("weight") > 0)
        .join(ranks, on="product_id", how="left")
        .with_columns(category=pl.coalesce("product_category", "event_category"))
    )
    return _top_category(weighted).join(_price_rank(weighted), on="customer_id", how="full", coalesce=True)


def _top_category(weighted: pl.DataFrame) -> pl.DataFrame:
    return (
        weighted.drop_nulls("category")
        .group_by("customer_id", "category")
        .agg(pl.col("weight").sum())
        .sort(["customer_id", "weight", "category"], descending=[False, True, False])
        .group_by("customer_id", maintain_order=True)
        .agg(top_category=pl.col("category").first())
    )


def _price_rank(weighted: pl.DataFrame) -> pl.DataFrame:
    low, high = _LEVEL_CUTS
    return (
        weighted.drop_nulls("rank")
        .group_by("customer_id")
        .agg(price_rank=(pl.col("rank") * pl.col("weight")).sum() / pl.col("weight").sum())
        .with_columns(
            price_level=pl.when(pl.col("price_rank") < low)
            .then(pl.lit("low"))
            .when(pl.col("price_rank") > high)
            .then(pl.lit("high"))
            .otherwise(pl.lit("middle"))
        )
    )


def _modes(events: pl.DataFrame) -> pl.DataFrame:
    """The commonest channel, hour and language; the first in order where two are equally common."""
    hours = events.with_columns(hour=pl.col("at").dt.hour().cast(pl.Int64))
    table = hours.select("customer_id").unique()
    for name in ("channel", "hour", "language"):
        mode = (
            hours.drop_nulls(name)
            .group_by("customer_id", name)
            .agg(n=pl.len())
            .sort(["customer_id", "n", name], descending=[False, True, False])
            .group_by("customer_id", maintain_order=True)
            .agg(pl.col(name).first())
        )
        table = table.join(mode, on="customer_id", how="left")
    return table
