"""The shape that every reader of events gives: a tuple of `EVENTS` columns and the order's lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from adwright.ingest.fields import FieldReader
from adwright.ingest.frames import columns_of_rows, frame_of_columns
from adwright.ingest.report import RowError
from adwright.store.columns import EVENTS, ORDER_LINES

ORDER_EVENTS = frozenset({"Order Completed", "Order Refunded", "Order Cancelled"})
"""Events that carry money and an order id. Other order events of Segment's are kept as they come."""

LINE_EVENTS = frozenset({"Order Completed", "Order Refunded"})

_PRODUCT_ALIASES = ("product_id", "productId", "id", "sku")


class EventRow(NamedTuple):
    """One event: values in the order of `EVENTS` (times in microseconds, customer id still raw), and lines."""

    values: tuple[Any, ...]
    lines: list[tuple[Any, ...]]


def read_line(
    product: object, fields: FieldReader, currency: str | None
) -> tuple[str, int, int | None, str | None]:
    """An order line (product id, quantity, price in minor units, currency) of an entry of `products`."""
    if not isinstance(product, Mapping):
        raise RowError("wrong_type", "products", "an entry of products is not an object")
    raw_id = next((product[a] for a in _PRODUCT_ALIASES if product.get(a) is not None), None)
    product_id = fields.required(raw_id, "products.product_id")
    quantity = fields.integer(product.get("quantity"), "products.quantity", minimum=1)
    if quantity is None:
        fields.counts["quantity_assumed"] += 1
        quantity = 1
    price = fields.money(product.get("price"), "products.price", currency)
    return product_id, quantity, price, currency


def order_value(
    stated: int | None, lines: Sequence[tuple[str, int, int | None, str | None]], event: str
) -> int | None:
    """The value of an order or refund: the one stated, else the sum over its priced lines.

    A completed order has to have one. A refund or cancellation without any is of the whole order: None.
    """
    if stated is not None:
        return stated
    prices = [price * quantity for _, quantity, price, _ in lines if price is not None]
    if prices and len(prices) == len(lines):
        return sum(prices)
    if event == "Order Completed":
        raise RowError(
            "missing_value", "revenue", "the order has neither revenue, total, value nor priced products"
        )
    return None


def event_frame(rows: Sequence[EventRow], pseudonyms: Mapping[str, str]) -> pl.DataFrame:
    """The events as a frame with the columns of `EVENTS`, customers as pseudonyms."""
    return _frame([row.values for row in rows], EVENTS, pseudonyms)


def line_frame(rows: Sequence[EventRow], pseudonyms: Mapping[str, str]) -> pl.DataFrame:
    """The order lines of the events, with the columns of `ORDER_LINES`."""
    return _frame([line for row in rows for line in row.lines], ORDER_LINES, pseudonyms)


def _frame(
    rows: Sequence[tuple[Any, ...]], columns: Mapping[str, Any], pseudonyms: Mapping[str, str]
) -> pl.DataFrame:
    values = columns_of_rows(rows, columns)
    values["customer_id"] = tuple(map(pseudonyms.__getitem__, values["customer_id"]))
    return frame_of_columns(values, columns)
