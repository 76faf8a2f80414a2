"""Orders with what was taken back from each."""

from __future__ import annotations

import polars as pl

from adwright.errors import DataError


def net_orders(events: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """One row an order: order_id, customer_id, at, decision_id, value_minor, refunded_minor, currency.

    An order that was reported twice under two message ids counts once, as first reported. A refund is
    worth what it states, else the sum of its lines (at their price, else at the price paid), else
    (as a cancellation) the whole order. Refunds never exceed the order, and a refund of an
    unknown order changes nothing.

    Args:
        events: As the table `events`.
        order_lines: As the table `order_lines`.

    Raises:
        DataError: orders in more than one currency, whose values cannot be added.
    """
    frame = events if "decision_id" in events.columns else events.with_columns(decision_id=None)
    orders = (
        frame.filter((pl.col("event") == "Order Completed") & pl.col("order_id").is_not_null())
        .sort("at", "message_id")
        .unique(subset="order_id", keep="first", maintain_order=True)
        .select(
            "order_id",
            "customer_id",
            "at",
            pl.col("decision_id").cast(pl.String),
            pl.col("value_minor").fill_null(0),
            "currency",
        )
    )
    codes = orders["currency"].drop_nulls().unique().sort().to_list()
    if len(codes) > 1:
        raise DataError(
            "orders in several currencies cannot be added up",
            argument="currency",
            value=", ".join(codes),
            allowed="one currency",
            hint="Attribute each currency on its own",
        )
    return (
        orders.join(_refunds(events, order_lines), on="order_id", how="left", maintain_order="left")
        .with_columns(
            refunded_minor=pl.when(pl.col("is_whole").fill_null(value=False))
            .then(pl.col("value_minor"))
            .otherwise(pl.min_horizontal(pl.col("stated_minor").fill_null(0), "value_minor"))
        )
        .drop("is_whole", "stated_minor")
    )


def _refunds(events: pl.DataFrame, order_lines: pl.DataFrame) -> pl.DataFrame:
    """What was taken back of each order: `stated_minor`, or `is_whole`."""
    paid = order_lines.filter(pl.col("event") == "Order Completed").select(
        "order_id", "product_id", paid_minor="price_minor"
    )
    price = pl.coalesce("price_minor", "paid_minor")
    of_lines = (
        order_lines.filter(pl.col("event") == "Order Refunded")
        .join(
            paid.unique(["order_id", "product_id"], keep="first", maintain_order=True),
            on=["order_id", "product_id"],
            how="left",
        )
        .group_by("message_id")
        .agg(
            lines_minor=(price * pl.col("quantity").fill_null(1)).sum(),
            is_priced=price.is_not_null().all(),
        )
    )
    refunds = (
        events.filter(pl.col("event").is_in(["Order Refunded", "Order Cancelled"]))
        .unique(subset="message_id", keep="first", maintain_order=True)
        .join(of_lines, on="message_id", how="left")
        .with_columns(
            pl.coalesce("value_minor", pl.when(pl.col("is_priced")).then(pl.col("lines_minor"))).alias(
                "taken_minor"
            ),
            is_cancelled=pl.col("event") == "Order Cancelled",
        )
    )
    return refunds.group_by("order_id").agg(
        stated_minor=pl.col("taken_minor").sum(),
        is_whole=(pl.col("taken_minor").is_null() | pl.col("is_cancelled")).any(),
    )
