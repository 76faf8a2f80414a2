"""Exposures and clicks, and the decision that each belongs to."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from adwright.schema import Attribution

EXPOSURE_EVENTS = frozenset(
    {
        "Promotion Viewed",
        "Email Delivered",
        "Email Opened",
        "Push Notification Received",
        "SMS Delivered",
        "Content Viewed",
    }
)
"""Events that say that a content was shown; the first five are Segment's."""

CLICK_EVENTS = frozenset(
    {
        "Promotion Clicked",
        "Email Link Clicked",
        "Push Notification Tapped",
        "SMS Link Clicked",
        "Content Clicked",
    }
)
"""Events that say that a content was followed. So does any event of a visit whose link carried `aw_did`."""

_ORDERS = ("Order Completed", "Order Refunded", "Order Cancelled")
_COLUMNS = ("decision_id", "customer_id", "kind", "at", "matched_by")


def find_touches(decisions: pl.DataFrame, events: pl.DataFrame, *, rule: Attribution) -> pl.DataFrame:
    """The touches that belong to a decision: decision_id, customer_id, kind, at, matched_by.

    A click is a touch of both kinds' worth: whoever clicked was exposed. `kind` is "click" or "exposure".

    Args:
        decisions: With decision_id, customer_id, content_id, at and, if there is one, product_id.
        events: As the table `events`.
        rule: The windows, in hours: a touch without decision id belongs to a decision no older than the
            window of its kind.
    """
    touches = _touches(events)
    made = decisions.select(
        "decision_id", pl.col("customer_id").alias("decided_for"), pl.col("at").alias("decided_at")
    )
    by_id = (
        touches.join(made, on="decision_id", how="inner")
        .filter(pl.col("at") >= pl.col("decided_at"))
        .with_columns(customer_id=pl.col("decided_for"), matched_by=pl.lit("decision_id"))
        .select("message_id", *_COLUMNS)
    )
    left = touches.join(by_id, on="message_id", how="anti")
    found = [by_id]
    for column in ("content_id", "product_id"):
        if column in decisions.columns and column in left.columns:
            hit = _by_window(left, decisions, column, rule)
            found.append(hit)
            left = left.join(hit, on="message_id", how="anti")
    return pl.concat(found).select(_COLUMNS)


def _touches(events: pl.DataFrame) -> pl.DataFrame:
    """The events that are touches, with their kind; an absent optional column is null."""
    optional = [c for c in ("decision_id", "content_id", "product_id") if c not in events.columns]
    event = pl.col("event")
    return (
        events.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in optional)
        .with_columns(
            kind=pl.when(event.is_in(sorted(EXPOSURE_EVENTS)))
            .then(pl.lit("exposure"))
            .when(event.is_in(sorted(CLICK_EVENTS)))
            .then(pl.lit("click"))
            .when(pl.col("decision_id").is_not_null() & ~event.is_in(_ORDERS))
            .then(pl.lit("click"))
        )
        .filter(pl.col("kind").is_not_null())
        .unique(subset="message_id", keep="first", maintain_order=True)
        .select("message_id", "kind", "at", "customer_id", "decision_id", "content_id", "product_id")
    )


def _by_window(
    touches: pl.DataFrame, decisions: pl.DataFrame, column: str, rule: Attribution
) -> pl.DataFrame:
    """The touches matched to the last decision before them for the same customer and `column`."""
    made = (
        decisions.filter(pl.col(column).is_not_null())
        .select("customer_id", column, found="decision_id", decided_at="at")
        .sort("decided_at", "found")
    )
    hits = []
    for kind, hours in (("click", rule.click_window_h), ("exposure", rule.view_window_h)):
        some = touches.filter((pl.col("kind") == kind) & pl.col(column).is_not_null()).sort(
            "at", "message_id"
        )
        matched = some.join_asof(
            made,
            left_on="at",
            right_on="decided_at",
            by=["customer_id", column],
            strategy="backward",
            tolerance=timedelta(hours=hours),
            check_sortedness=False,
        )
        hits.append(matched.filter(pl.col("found").is_not_null()))
    return (
        pl.concat(hits)
        .with_columns(decision_id=pl.col("found"), matched_by=pl.lit("window"))
        .select("message_id", *_COLUMNS)
    )
