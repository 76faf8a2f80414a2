"""Events as a table: one row an event, columns under our names or mapped to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwright.ingest.event_rows import LINE_EVENTS, ORDER_EVENTS, EventRow, order_value
from adwright.ingest.fields import FieldReader
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.report import RowError

EVENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "message_id": ("messageId", "event_id", "id"),
    "event": ("event_name", "event_type", "type"),
    "at": ("timestamp", "event_time", "originalTimestamp", "time", "date"),
    "received_at": ("receivedAt",),
    "customer_id": ("user_id", "userId", "anonymous_id", "anonymousId", "visitor_id"),
    "session_id": ("session",),
    "product_id": ("item_id", "sku"),
    "category": ("product_type",),
    "query": ("search_term",),
    "promotion_id": (),
    "order_id": ("transaction_id",),
    "value": ("revenue", "total", "amount"),
    "price": ("unit_price",),
    "currency": (),
    "quantity": ("qty",),
    "position": (),
    "channel": ("medium",),
    "placement": (),
    "device": (),
    "language": ("locale",),
    "decision_id": ("aw_did",),
    "content_id": (),
}
"""Our columns and the other names they are known by. `value` and `price` are in major units."""

REQUIRED = ("message_id", "event", "at", "customer_id")


class FlatEventReader:
    """Reads one row of an event table into an `EventRow`.

    Args:
        fields: Checks the values.
        columns: Which column is which; built over `EVENT_FIELDS`.
    """

    def __init__(self, fields: FieldReader, columns: ColumnMap) -> None:
        self._fields = fields
        self._columns = columns

    def read(self, row: Mapping[str, Any]) -> EventRow:
        """The event; `RowError` where the row is not a valid one."""
        fields = self._fields
        known, rest = self._columns.split(row)
        get = known.get
        message_id = fields.required(get("message_id"), "message_id")
        event = fields.required(get("event"), "event")
        at = fields.required_time(get("at"), "at")
        customer = fields.required(get("customer_id"), "customer_id")
        order_id = fields.identifier(get("order_id"), "order_id")
        product_id = fields.identifier(get("product_id"), "product_id")
        quantity = fields.integer(get("quantity"), "quantity")
        currency = fields.currency(get("currency"))
        value = price = None
        lines: list[tuple[str, int, int | None, str | None]] = []
        if event in ORDER_EVENTS:
            if order_id is None:
                raise RowError("missing_value", "order_id", "order_id is missing")
            price = fields.money(get("price"), "price", currency)
            if product_id is not None and event in LINE_EVENTS:
                lines = [(product_id, 1 if quantity is None else quantity, price, currency)]
            value = order_value(fields.money(get("value"), "value", currency), lines, event)
        else:
            fields.number(get("price"), "price", low=0.0, high=1e15)
            rest |= {k: known[k] for k in ("value", "price") if k in known}
        values = (
            message_id,
            event,
            at,
            fields.time(get("received_at"), "received_at"),
            customer,
            fields.identifier(get("session_id"), "session_id"),
            product_id,
            fields.text(get("category"), "category"),
            fields.text(get("query"), "query"),
            fields.identifier(get("promotion_id"), "promotion_id"),
            order_id,
            value,
            currency if value is not None else None,
            quantity,
            fields.integer(get("position"), "position"),
            fields.text(get("channel"), "channel"),
            fields.text(get("placement"), "placement"),
            fields.text(get("device"), "device"),
            fields.language(get("language"), "language"),
            fields.identifier(get("decision_id"), "decision_id"),
            fields.identifier(get("content_id"), "content_id"),
            fields.attributes(rest),
        )
        return EventRow(
            values,
            [(message_id, order_id, event, at, customer, p, q, c, cur) for p, q, c, cur in lines],
        )
