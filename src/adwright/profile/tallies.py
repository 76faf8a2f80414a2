"""What is kept of behaviour so that features follow from it: sums, orders and the latest events, each of which can be
added to without looking at what was counted before.

    tally(events a) + tally(events b) = tally(events a and b)

so a stored profile takes in a day's events in the time that the day takes, and a feature of a moment in the past is
the same computation over the events before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from adwright.errors import DataError

INTERACTION_WEIGHTS: Mapping[str, float] = {
    "Product Viewed": 1.0,
    "Product Clicked": 1.0,
    "Product Added": 3.0,
    "Order Completed": 5.0,
}
"""How much an event with a product says about taste; an order counts once for each of its lines."""

N_RECENT = 50
"""So many of a customer's latest events with a product are kept in their order."""

_MODES = ("channel", "hour", "language")
_NEEDED = ("event", "at", "customer_id", "order_id", "value_minor", "product_id")
_UTC = pl.Datetime("us", "UTC")

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "activity": {"customer_id": pl.String, "n_events": pl.Int64, "first_at": _UTC, "last_at": _UTC},
    "orders": {
        "order_id": pl.String,
        "customer_id": pl.String,
        "at": _UTC,
        "message_id": pl.String,
        "value_minor": pl.Int64,
        "currency": pl.String,
    },
    "returns": {"order_id": pl.String, "taken": pl.Int64, "is_whole": pl.Boolean},
    "tastes": {
        "customer_id": pl.String,
        "product_id": pl.String,
        "event_category": pl.String,
        "weight": pl.Float64,
    },
    "modes": {"customer_id": pl.String, "name": pl.String, "value": pl.String, "n": pl.Int64},
    "recent": {
        "customer_id": pl.String,
        "at": _UTC,
        "message_id": pl.String,
        "event": pl.String,
        "product_id": pl.String,
    },
}
"""The frames of `Tallies` and their columns."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tallies:
    """Sums over events, from `tally`.

    Args:
        activity: How many events, the first and the last, by customer.
        orders: The first completion of each order.
        returns: What came back of each order: its value, and whether it was the whole of it.
        tastes: Weighted interactions by customer and product (and the event's own category).
        modes: How often each channel, hour and language, by customer.
        recent: The latest events with a product, at most `N_RECENT` a customer.
    """

    activity: pl.DataFrame
    orders: pl.DataFrame
    returns: pl.DataFrame
    tastes: pl.DataFrame
    modes: pl.DataFrame
    recent: pl.DataFrame

    def plus(self, other: Tallies) -> Tallies:
        """The tallies of both; the events of the two must be others."""
        both = {name: pl.concat([getattr(self, name), getattr(other, name)]) for name in SCHEMAS}
        return Tallies(
            activity=both["activity"]
            .group_by("customer_id")
            .agg(pl.col("n_events").sum(), pl.col("first_at").min(), pl.col("last_at").max())
            .sort("customer_id"),
            orders=_first_of_each(both["orders"]),
            returns=both["returns"]
            .group_by("order_id")
            .agg(pl.col("taken").sum(), pl.col("is_whole").any())
            .sort("order_id"),
            tastes=_summed(both["tastes"], "weight"),
            modes=_summed(both["modes"], "n"),
            recent=_latest(both["recent"]),
        )


def tally(events: pl.DataFrame, order_lines: pl.DataFrame) -> Tallies:
    """The tallies of these events.

    Args:
        events: As the table `events`; all of them count, see `known_at`.
        order_lines: As the table `order_lines`; those of the events count.

    Raises:
        DataError: an absent column.
    """
    absent = [c for c in _NEEDED if c not in events.columns]
    if absent:
        raise DataError("events lacks a column", argument="events", value=", ".join(absent))
    lines = order_lines.join(events.select("message_id").unique(), on="message_id", how="semi")
    whose = events.filter(pl.col("customer_id").is_not_null())
    found = {
        "activity": whose.group_by("customer_id")
        .agg(n_events=pl.len(), first_at=pl.col("at").min(), last_at=pl.col("at").max())
        .sort("customer_id"),
        "orders": _first_of_each(
            events.filter(pl.col("event") == "Order Completed").select(*SCHEMAS["orders"])
        ),
        "returns": _returns(events),
        "tastes": _summed(_interactions(whose, lines), "weight"),
        "modes": _summed(_modes(whose), "n"),
        "recent": _latest(
            _with_product(whose, lines).filter(pl.col("product_id").is_not_null()).select(*SCHEMAS["recent"])
        ),
    }
    typed = {
        name: frame.select(pl.col(c).cast(dtype) for c, dtype in SCHEMAS[name].items())
        for name, frame in found.items()
    }
    return Tallies(**typed)


def known_at(events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The events that had happened and had arrived by `now`."""
    return events.filter(known_since() <= now)


def known_since() -> pl.Expr:
    """When an event became known: when it had happened and arrived."""
    return pl.max_horizontal("at", "received_at")


def _returns(events: pl.DataFrame) -> pl.DataFrame:
    """By order; a refund without value takes back the whole order, and so does a cancellation."""
    return (
        events.filter(pl.col("event").is_in(["Order Refunded", "Order Cancelled"]))
        .group_by("order_id")
        .agg(
            taken=pl.col("value_minor").sum(),
            is_whole=(pl.col("value_minor").is_null() | (pl.col("event") == "Order Cancelled")).any(),
        )
        .sort("order_id")
    )


def _with_product(events: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Events with their products: an order once for each of its lines."""
    category = pl.col("category") if "category" in events.columns else pl.lit(None, dtype=pl.String)
    columns = ("customer_id", "at", "message_id", "event", "product_id")
    seen = events.filter(
        (pl.col("event") != "Order Completed") & pl.col("event").is_in(list(INTERACTION_WEIGHTS))
    )
    bought = lines.filter((pl.col("event") == "Order Completed") & pl.col("customer_id").is_not_null())
    return pl.concat(
        [
            seen.select(*columns, event_category=category),
            bought.select(*columns, event_category=pl.lit(None, dtype=pl.String)),
        ]
    )


def _interactions(events: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    return _with_product(events, lines).select(
        "customer_id",
        "product_id",
        "event_category",
        weight=pl.col("event").replace_strict(INTERACTION_WEIGHTS, return_dtype=pl.Float64),
    )


def _modes(events: pl.DataFrame) -> pl.DataFrame:
    hours = events.with_columns(hour=pl.col("at").dt.hour().cast(pl.String).str.zfill(2))
    return pl.concat(
        [
            hours.drop_nulls(name)
            .group_by("customer_id", value=pl.col(name).cast(pl.String))
            .agg(n=pl.len().cast(pl.Int64))
            .select("customer_id", "value", "n", name=pl.lit(name))
            for name in _MODES
        ]
    ).select("customer_id", "name", "value", "n")


def _summed(frame: pl.DataFrame, what: str) -> pl.DataFrame:
    """Sums by the other columns, in their order, so that equal tallies are equal frames."""
    keys = [c for c in frame.columns if c != what]
    return frame.group_by(keys).agg(pl.col(what).sum()).sort(keys)


def _first_of_each(orders: pl.DataFrame) -> pl.DataFrame:
    return (
        orders.sort("at", "message_id").unique("order_id", keep="first", maintain_order=True).sort("order_id")
    )


def _latest(events: pl.DataFrame) -> pl.DataFrame:
    order = ["customer_id", "at", "message_id", "product_id"]
    return events.sort(order).group_by("customer_id", maintain_order=True).tail(N_RECENT).sort(order)
