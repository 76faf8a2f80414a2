"""Which decision an order is owed to: decision -> exposure -> click -> order -> refund.

A touch (an exposure or a click) finds its decision by the decision id where it carries one; else it is of
the last decision before it, within the window, for the same customer and content, or for the same
customer and product. An order finds its decision by the decision id where it carries one; else by the
customer's last click within the click window; else by the last exposure within the view window. So one
order is owed to at most one decision. Everything is joined by when it happened, so late and out-of-order
events find their place; a refund takes back from the order with its id, whenever it comes.

Holds when: customers are known across decision, touch and order by one pseudonym.
Does not cover: what would have been bought anyway. A decision to send nothing has no touch and is owed no
order; compare arms by the outcomes of their customers, not by these.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from adwright.errors import DataError
from adwright.ingest.orders import net_orders
from adwright.ingest.touches import find_touches
from adwright.schema import Attribution

_NEEDED = {
    "decisions": ("decision_id", "customer_id", "content_id", "at"),
    "events": ("message_id", "event", "at", "customer_id", "order_id", "value_minor", "currency"),
    "order_lines": ("message_id", "order_id", "event", "product_id", "quantity", "price_minor"),
}


def attribute(
    decisions: pl.DataFrame,
    events: pl.DataFrame,
    order_lines: pl.DataFrame,
    *,
    rule: Attribution,
) -> pl.DataFrame:
    """What became of every decision.

    Args:
        decisions: (n, ...) with decision_id (or id, as `Ledger.decisions` names it; unique), customer_id,
            content_id, at; where there is a product_id, touches without content are matched by it. Other
            columns are carried through.
        events: As the table `events`.
        order_lines: As the table `order_lines`; gives the value of refunds that state none.
        rule: The windows, in hours.

    Returns:
        (n, ...) the decisions in their order, with exposed, clicked, converted (bool), exposed_at,
        clicked_at, converted_at (the first; null if never), n_orders, value_minor (of all its orders,
        before refunds), refunded_minor (at most that), currency, and matched_by: "decision_id" or
        "window", how its order was found, or if it has none its touch; null where there is neither.

    Raises:
        DataError: an absent column, a decision id twice, or orders in several currencies.
    """
    if "decision_id" not in decisions.columns and "id" in decisions.columns:
        decisions = decisions.rename({"id": "decision_id"})
    _check(decisions, events, order_lines)
    touches = find_touches(decisions, events, rule=rule)
    orders = _owed(net_orders(events, order_lines), decisions, touches, rule=rule)
    return _summary(decisions, touches, orders)


def _check(decisions: pl.DataFrame, events: pl.DataFrame, order_lines: pl.DataFrame) -> None:
    frames = {"decisions": decisions, "events": events, "order_lines": order_lines}
    for name, columns in _NEEDED.items():
        absent = [c for c in columns if c not in frames[name].columns]
        if absent:
            raise DataError(
                f"{name} lacks a column", argument=name, value=", ".join(absent), allowed=", ".join(columns)
            )
    if decisions["decision_id"].is_duplicated().any():
        twice = decisions.filter(pl.col("decision_id").is_duplicated())["decision_id"][0]
        raise DataError("a decision id stands twice", argument="decision_id", value=twice)


def _owed(
    orders: pl.DataFrame, decisions: pl.DataFrame, touches: pl.DataFrame, *, rule: Attribution
) -> pl.DataFrame:
    """The orders that are owed to a decision, with `owed_to` and `matched_by`."""
    made = decisions.select(pl.col("decision_id").alias("owed_to"), pl.col("at").alias("decided_at"))
    by_id = (
        orders.filter(pl.col("decision_id").is_not_null())
        .join(made, left_on="decision_id", right_on="owed_to", how="inner", coalesce=False)
        .filter(pl.col("at") >= pl.col("decided_at"))
        .with_columns(matched_by=pl.lit("decision_id"))
    )
    found = [by_id]
    left = orders.join(by_id, on="order_id", how="anti")
    for kind, hours in (("click", rule.click_window_h), ("exposure", rule.view_window_h)):
        last = (
            touches.filter(pl.col("kind") == kind)
            .select("customer_id", touched_at="at", owed_to="decision_id")
            .sort("touched_at", "owed_to")
        )
        matched = left.sort("at", "order_id").join_asof(
            last,
            left_on="at",
            right_on="touched_at",
            by="customer_id",
            strategy="backward",
            tolerance=timedelta(hours=hours),
            check_sortedness=False,
        )
        hit = matched.filter(pl.col("owed_to").is_not_null()).with_columns(matched_by=pl.lit("window"))
        found.append(hit)
        left = left.join(hit, on="order_id", how="anti")
    columns = ["order_id", "owed_to", "at", "value_minor", "refunded_minor", "currency", "matched_by"]
    return pl.concat([frame.select(columns) for frame in found])


def _summary(decisions: pl.DataFrame, touches: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """One row a decision, in the order of the decisions."""
    by_kind = touches.group_by("decision_id").agg(
        exposed_at=pl.col("at").min(),
        clicked_at=pl.col("at").filter(pl.col("kind") == "click").min(),
        touched_by=pl.col("matched_by").min(),  # "decision_id" sorts before "window"
    )
    by_decision = orders.group_by(pl.col("owed_to").alias("decision_id")).agg(
        converted_at=pl.col("at").min(),
        n_orders=pl.len().cast(pl.Int64),
        value_minor=pl.col("value_minor").sum(),
        refunded_minor=pl.col("refunded_minor").sum(),
        currency=pl.col("currency").min(),
        ordered_by=pl.col("matched_by").min(),
    )
    joined = decisions.join(by_kind, on="decision_id", how="left", maintain_order="left").join(
        by_decision, on="decision_id", how="left", maintain_order="left"
    )
    return joined.with_columns(
        pl.col("exposed_at").is_not_null().alias("exposed"),
        pl.col("clicked_at").is_not_null().alias("clicked"),
        pl.col("converted_at").is_not_null().alias("converted"),
        pl.col("n_orders", "value_minor", "refunded_minor").fill_null(0),
        pl.coalesce("ordered_by", "touched_by").alias("matched_by"),
    ).drop("ordered_by", "touched_by")
