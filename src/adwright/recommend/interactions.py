"""Views, additions and kept purchases of products, out of the tables of a workspace."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from adwright.recommend.config import RecommendConfig

_KINDS = {"Product Viewed": "view", "Product Clicked": "view", "Product Added": "add"}


def product_interactions(
    events: pl.DataFrame, order_lines: pl.DataFrame, *, now: datetime, config: RecommendConfig
) -> pl.DataFrame:
    """One row an interaction known at `now`: customer_id, product_id, at, kind (view, add, buy), weight.

    A bought line counts once whatever its quantity, and not at all once it was refunded in full or its
    order was cancelled.

    Args:
        events: As the table `events`.
        order_lines: As the table `order_lines`.
        now: The present, aware.
        config: What a view and an addition weigh; a purchase weighs 1.
    """
    arrived = pl.col("received_at").is_null() | (pl.col("received_at") <= now)
    known = events.filter((pl.col("at") <= now) & arrived)
    seen = (
        known.filter(pl.col("event").is_in(list(_KINDS)) & pl.col("product_id").is_not_null())
        .with_columns(kind=pl.col("event").replace_strict(_KINDS))
        .select("customer_id", "product_id", "at", "kind")
    )
    bought = _kept_lines(known, order_lines).select(
        "customer_id", "product_id", "at", kind=pl.lit("buy", dtype=pl.String)
    )
    weights = {"view": config.view_weight, "add": config.add_weight, "buy": 1.0}
    return pl.concat([seen, bought]).with_columns(
        weight=pl.col("kind").replace_strict(weights, return_dtype=pl.Float64)
    )


def _kept_lines(known: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """The bought order lines that were not taken back."""
    lines = order_lines.filter(pl.col("message_id").is_in(known["message_id"].implode()))
    line = ["order_id", "product_id"]
    returned = (
        lines.filter(pl.col("event") == "Order Refunded")
        .group_by(line)
        .agg(returned=pl.col("quantity").fill_null(1).sum())
    )
    refunds = known.filter(pl.col("event") == "Order Refunded").join(
        lines.select("message_id").unique(), on="message_id", how="anti"
    )
    cancelled = known.filter(pl.col("event") == "Order Cancelled")
    whole = pl.concat([_whole(refunds, known), cancelled.select("order_id")]).unique()
    return (
        lines.filter(pl.col("event") == "Order Completed")
        .sort("at", "message_id")
        .group_by(line, maintain_order=True)
        .agg(
            pl.col("customer_id", "at").first(),
            quantity=pl.col("quantity").fill_null(1).sum(),
        )
        .join(whole, on="order_id", how="anti")
        .join(returned, on=line, how="left")
        .filter(pl.col("returned").fill_null(0) < pl.col("quantity"))
    )


def _whole(refunds: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The orders that refunds without lines took back altogether: no value stated, or all of it."""
    orders = (
        known.filter(pl.col("event") == "Order Completed")
        .unique("order_id", keep="first", maintain_order=True)
        .select("order_id", order_minor="value_minor")
    )
    return (
        refunds.group_by("order_id")
        .agg(taken=pl.col("value_minor").sum(), is_whole=pl.col("value_minor").is_null().any())
        .join(orders, on="order_id", how="inner")
        .filter(pl.col("is_whole") | (pl.col("taken") >= pl.col("order_minor")))
        .select("order_id")
    )
