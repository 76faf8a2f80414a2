"""What a customer did, in one row: recency, frequency, money, category, brand, price level, channel, hour, language.

Only what was known at `now` counts: an event that happened later, or happened before but arrived later,
does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from adwright.errors import UsageError
from adwright.profile.tallies import Tallies, known_at, tally

FEATURES: Mapping[str, Any] = {
    "customer_id": pl.String,
    "n_events": pl.Int64,
    "recency_days": pl.Float64,
    "tenure_days": pl.Float64,
    "n_orders": pl.Int64,
    "value_minor": pl.Int64,
    "currency": pl.String,
    "top_category": pl.String,
    "top_brand": pl.String,
    "price_rank": pl.Float64,
    "price_level": pl.String,
    "channel": pl.String,
    "hour": pl.Int64,
    "language": pl.String,
}
"""The columns of `customer_features`."""

_LEVEL_CUTS = (1 / 3, 2 / 3)
_DAY_S = 86_400


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
    check_aware(now)
    return features_of(tally(known_at(events, now), order_lines), products, customers, now=now)


def features_of(
    tallies: Tallies, products: pl.DataFrame, customers: pl.DataFrame, *, now: datetime | pl.DataFrame
) -> pl.DataFrame:
    """The features that follow from tallies, as `customer_features`.

    Args:
        tallies: Of what was known at `now`.
        products: As the table `products`.
        customers: As the table `customers`; those without behaviour get a row, too.
        now: The present; or customer_id and `now`, where each has one of their own.
    """
    active = tallies.activity["customer_id"]
    ids = pl.concat([active, customers["id"].alias("customer_id")]).drop_nulls().unique().sort()
    parts = [
        _activity(tallies, now),
        _money(tallies),
        _taste(tallies, products),
        _modes(tallies),
        customers.select(customer_id="id", own_language="language").unique("customer_id", keep="last"),
    ]
    table = pl.DataFrame({"customer_id": ids})
    for part in parts:
        table = table.join(part, on="customer_id", how="left", maintain_order="left")
    return table.with_columns(
        pl.col("n_events", "n_orders").fill_null(0),
        pl.coalesce("language", "own_language").alias("language"),
    ).select(pl.col(name).cast(dtype) for name, dtype in FEATURES.items())


def check_aware(now: datetime) -> None:
    """Raises `UsageError` for a time without a zone."""
    if now.tzinfo is None:
        raise UsageError("a time without a zone", argument="now", value=now, allowed="an aware datetime")


def _activity(tallies: Tallies, now: datetime | pl.DataFrame) -> pl.DataFrame:
    own = (
        tallies.activity.join(now, on="customer_id", how="inner")
        if isinstance(now, pl.DataFrame)
        else tallies.activity.with_columns(now=pl.lit(now))
    )
    return own.select(
        "customer_id",
        "n_events",
        recency_days=(pl.col("now") - pl.col("last_at")).dt.total_seconds() / _DAY_S,
        tenure_days=(pl.col("now") - pl.col("first_at")).dt.total_seconds() / _DAY_S,
    )


def _money(tallies: Tallies) -> pl.DataFrame:
    """Orders and their value net of what came back."""
    value = pl.col("value_minor").fill_null(0)
    taken = pl.when("is_whole").then(value).otherwise(pl.min_horizontal(pl.col("taken").fill_null(0), value))
    return (
        tallies.orders.join(tallies.returns, on="order_id", how="left")
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


def _taste(tallies: Tallies, products: pl.DataFrame) -> pl.DataFrame:
    """The category, the brand and the price rank that the customer's weighted interactions point to."""
    ranks = products.select(
        "brand",
        product_id="id",
        product_category="product_type",
        rank=((pl.col("price_minor").rank("average") - 0.5) / pl.col("price_minor").count()).over(
            pl.col("product_type").fill_null("")
        ),
    )
    weighted = tallies.tastes.join(ranks, on="product_id", how="left", maintain_order="left").with_columns(
        category=pl.coalesce("product_category", "event_category")
    )
    taste = _price_rank(weighted)
    for name, column in (("top_category", "category"), ("top_brand", "brand")):
        taste = taste.join(_heaviest(weighted, column, name), on="customer_id", how="full", coalesce=True)
    return taste


def _heaviest(weighted: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return (
        weighted.drop_nulls(column)
        .group_by("customer_id", column)
        .agg(pl.col("weight").sum())
        .sort(["customer_id", "weight", column], descending=[False, True, False])
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col(column).first().alias(name))
    )


def _price_rank(weighted: pl.DataFrame) -> pl.DataFrame:
    low, high = _LEVEL_CUTS
    return (
        weighted.drop_nulls("rank")
        .sort("customer_id", "product_id", "event_category")
        .group_by("customer_id", maintain_order=True)
        .agg(price_rank=(pl.col("rank") * pl.col("weight")).sum() / pl.col("weight").sum())
        .with_columns(
            price_level=pl.when(pl.col("price_rank") < low)
            .then(pl.lit("low"))
            .when(pl.col("price_rank") > high)
            .then(pl.lit("high"))
            .otherwise(pl.lit("middle"))
        )
    )


def _modes(tallies: Tallies) -> pl.DataFrame:
    """The commonest channel, hour and language; the first in order where two are equally common."""
    commonest = (
        tallies.modes.sort(["customer_id", "name", "n", "value"], descending=[False, False, True, False])
        .group_by("customer_id", "name", maintain_order=True)
        .agg(pl.col("value").first())
    )
    table = tallies.activity.select("customer_id")
    for name in ("channel", "hour", "language"):
        mode = commonest.filter(pl.col("name") == name).select("customer_id", pl.col("value").alias(name))
        table = table.join(mode, on="customer_id", how="left")
    return table.with_columns(pl.col("hour").cast(pl.Int64))
