"""Features as they were at the time of each row, for tables that a model learns from: no row sees its own future."""

from __future__ import annotations

import polars as pl

from adwright.errors import DataError
from adwright.profile.features import FEATURES, features_of
from adwright.profile.tallies import known_since, tally

_PAIRS_AT_ONCE = 3_000_000
_BETWEEN = "\x1f"


def features_at(
    rows: pl.DataFrame,
    events: pl.DataFrame,
    order_lines: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame,
) -> pl.DataFrame:
    """The features of each row's customer from what was known before the row's moment; in the rows' order.

    An event at the very moment is not yet known: it may be the outcome that the row asks about. What is known
    of products and customers is taken as it is today.

    Args:
        rows: customer_id and `at`, aware; a customer may stand there many times.
        events: As the table `events`.
        order_lines: As the table `order_lines`.
        products: As the table `products`.
        customers: As the table `customers`.

    Returns:
        (n, ...) the columns of `FEATURES`; a customer without behaviour before has 0 events and nulls.

    Raises:
        DataError: an absent column, or a row without a time or a customer.
    """
    for name in ("customer_id", "at"):
        if name not in rows.columns or rows[name].null_count():
            raise DataError("a row needs its customer and its time", argument=name, value="absent or null")
    asked = rows.select("customer_id", now=pl.col("at").cast(pl.Datetime("us", "UTC"))).with_row_index("row")
    asked = asked.with_columns(key=pl.format("{}{}{}", "customer_id", pl.lit(_BETWEEN), "row"))
    owned = _with_owner(events)
    per_customer = owned.group_by("customer_id").agg(n=pl.len())
    work = (
        asked.join(per_customer, on="customer_id", how="left", maintain_order="left")["n"]
        .fill_null(0)
        .cum_sum()
    )
    parts = [
        _some(part, owned, order_lines, products, customers)
        for part in asked.with_columns(block=work // _PAIRS_AT_ONCE).partition_by(
            "block", maintain_order=True
        )
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict(FEATURES))


def _with_owner(events: pl.DataFrame) -> pl.DataFrame:
    """Refunds and cancellations that name no customer are those of whoever ordered."""
    buyers = (
        events.filter((pl.col("event") == "Order Completed") & pl.col("customer_id").is_not_null())
        .sort("at", "message_id")
        .unique("order_id", keep="first", maintain_order=True)
        .select("order_id", buyer="customer_id")
    )
    back = pl.col("event").is_in(["Order Refunded", "Order Cancelled"])
    joined = events.join(buyers, on="order_id", how="left", maintain_order="left")
    return joined.with_columns(
        owner=pl.when(back).then(pl.coalesce("buyer", "customer_id")).otherwise("customer_id")
    )


def _some(
    asked: pl.DataFrame,
    owned: pl.DataFrame,
    order_lines: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame,
) -> pl.DataFrame:
    """Every row becomes a customer of its own, with the events that were known before it."""
    keys = asked.select("key", "now", owner="customer_id")
    mine = owned.join(keys, on="owner", how="inner").filter(known_since() < pl.col("now"))
    within = pl.format("{}{}{}", "key", pl.lit(_BETWEEN), "order_id")
    named = pl.format("{}{}{}", "key", pl.lit(_BETWEEN), "message_id")
    own_event = pl.when(pl.col("customer_id") == pl.col("owner")).then("key")
    lines = order_lines.join(mine.select("message_id", "key"), on="message_id", how="inner").with_columns(
        customer_id="key", message_id=named, order_id=within
    )
    mine = mine.with_columns(customer_id=own_event, message_id=named, order_id=within)
    own = asked.select(id="key", own="customer_id").join(
        customers.unique("id", keep="last"), left_on="own", right_on="id", how="left"
    )
    found = features_of(
        tally(mine.select(owned.columns), lines.select(order_lines.columns)),
        products,
        own.select("id", "language"),
        now=asked.select("now", customer_id="key"),
    )
    ordered = asked.select("key", "customer_id").join(
        found.rename({"customer_id": "key"}), on="key", how="left", maintain_order="left"
    )
    return ordered.select(*FEATURES)
