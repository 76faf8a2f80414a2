"""The analytical tables and the type of each of their columns.

Every table is a folder of Parquet parts under `tables/`. Columns that a file has beyond these are kept as
one JSON object in `attributes`, so nothing that a shop sends is lost.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

UTC = pl.Datetime("us", "UTC")

EVENTS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "message_id": pl.String,
    "event": pl.String,  # Segment's name, for example "Product Viewed"
    "at": UTC,
    "received_at": UTC,
    "customer_id": pl.String,  # pseudonym
    "session_id": pl.String,
    "product_id": pl.String,
    "category": pl.String,
    "query": pl.String,
    "promotion_id": pl.String,
    "order_id": pl.String,
    "value_minor": pl.Int64,  # of the whole order, or of the refund
    "currency": pl.String,
    "quantity": pl.Int64,
    "position": pl.Int64,
    "channel": pl.String,
    "placement": pl.String,
    "device": pl.String,
    "language": pl.String,
    "decision_id": pl.String,  # from the link parameter aw_did
    "content_id": pl.String,
    "attributes": pl.String,  # JSON object of what is left
}
"""One row an event. An order's products are in `ORDER_LINES`."""

ORDER_LINES: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "message_id": pl.String,
    "order_id": pl.String,
    "event": pl.String,  # "Order Completed" or "Order Refunded"
    "at": UTC,
    "customer_id": pl.String,
    "product_id": pl.String,
    "quantity": pl.Int64,
    "price_minor": pl.Int64,  # of one piece
    "currency": pl.String,
}

PRODUCTS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "title": pl.String,
    "description": pl.String,
    "link": pl.String,
    "image_link": pl.String,
    "price_minor": pl.Int64,
    "sale_price_minor": pl.Int64,
    "sale_starts_at": UTC,
    "sale_ends_at": UTC,
    "currency": pl.String,
    "availability": pl.String,
    "quantity": pl.Int64,
    "brand": pl.String,
    "product_type": pl.String,
    "item_group_id": pl.String,
    "cost_minor": pl.Int64,
    "rating": pl.Float64,
    "attributes": pl.String,  # JSON object of strings
}

CUSTOMERS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,  # pseudonym
    "consent": pl.String,  # space-separated purpose:channel
    "language": pl.String,
    "attributes": pl.String,
}

CONTENTS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "content_id": pl.String,
    "text": pl.String,
    "kind": pl.String,
    "channel": pl.String,
    "language": pl.String,
    "product_id": pl.String,
    "category": pl.String,
    "cohort_id": pl.String,
    "group": pl.String,  # the test, campaign or placement that shares noise
    "at": UTC,
    "n_exposures": pl.Int64,
    "n_clicks": pl.Int64,
    "n_conversions": pl.Int64,
    "value_minor": pl.Int64,  # of all its orders, net of refunds
    "currency": pl.String,
    "attributes": pl.String,
}
"""Past contents with their results: what the effect model learns from."""

TOTALS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "content_id": pl.String,
    "at": UTC,
    "channel": pl.String,
    "cohort_id": pl.String,
    "n_exposures": pl.Int64,
    "n_clicks": pl.Int64,
    "n_conversions": pl.Int64,
    "value_minor": pl.Int64,
    "cost_minor": pl.Int64,
    "currency": pl.String,
    "attributes": pl.String,
}
"""Content x day x context, as ad platforms report it."""

TABLES: Mapping[str, Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "events": EVENTS,
    "order_lines": ORDER_LINES,
    "products": PRODUCTS,
    "customers": CUSTOMERS,
    "contents": CONTENTS,
    "totals": TOTALS,
}
