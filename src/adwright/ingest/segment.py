"""Events as Segment writes them: one JSON object a line, the names and fields of its e-commerce spec.

Source: Segment's "Spec: Common Fields", "Spec: V2 Ecommerce Events" and "Spec: Video". An event of
another name is kept under its name. Of `context` only what is listed below is read, never the IP address,
the traits or the device's id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from adwright.ingest.event_rows import LINE_EVENTS, ORDER_EVENTS, EventRow, order_value, read_line
from adwright.ingest.fields import FieldReader
from adwright.ingest.report import RowError

_TYPES = {"page": "Page Viewed", "screen": "Screen Viewed", "identify": "Identify"}
_OTHER_TYPES = {"group": "Group", "alias": "Alias"}
_DECISION_IN_URL = re.compile(r"[?&]aw_did=([^&#]+)")
_NOTHING: Mapping[str, Any] = {}

_READ_PROPERTIES = frozenset(
    """
    product_id category query promotion_id order_id revenue total value currency quantity position channel
    placement decision_id content_id session_id
    """.split()  # noqa: SIM905
)


class SegmentReader:
    """Reads one Segment message into an `EventRow`.

    Args:
        fields: Checks the values.
    """

    def __init__(self, fields: FieldReader) -> None:
        self._fields = fields

    def read(self, message: Mapping[str, Any]) -> EventRow:
        """The event; `RowError` where the message is not a valid one."""
        fields = self._fields
        message_id = fields.required(message.get("messageId"), "messageId")
        event = self._event(message)
        at, received_at = self._times(message)
        customer = self._customer(message)
        properties = _object(message, "properties")
        context = _object(message, "context")
        campaign = _object(context, "campaign")
        currency = fields.currency(properties.get("currency"))
        order_id = fields.identifier(properties.get("order_id"), "order_id")
        lines: list[tuple[str, int, int | None, str | None]] = []
        value = None
        if event in ORDER_EVENTS:
            value, lines = self._order(event, order_id, properties, currency)
        self._check_price(properties, currency)
        position, placement = self._place(properties)
        left = {k: v for k, v in properties.items() if k not in _READ_PROPERTIES}
        if event in LINE_EVENTS:
            left.pop("products", None)
        values = (
            message_id,
            event,
            at,
            received_at,
            customer,
            fields.identifier(properties.get("session_id", context.get("sessionId")), "session_id"),
            fields.identifier(properties.get("product_id"), "product_id"),
            fields.text(properties.get("category"), "category"),
            fields.text(properties.get("query"), "query"),
            fields.identifier(properties.get("promotion_id"), "promotion_id"),
            order_id,
            value,
            currency if value is not None else None,
            fields.integer(properties.get("quantity"), "quantity"),
            position,
            fields.text(properties.get("channel", campaign.get("medium")), "channel"),
            placement,
            self._device(context),
            fields.language(context.get("locale"), "locale"),
            self._decision(properties, context, campaign),
            fields.identifier(properties.get("content_id", campaign.get("content")), "content_id"),
            fields.attributes(self._with_context(left, message, campaign, context)),
        )
        return EventRow(
            values,
            [(message_id, order_id, event, at, customer, p, q, price, c) for p, q, price, c in lines],
        )

    def _event(self, message: Mapping[str, Any]) -> str:
        kind = message.get("type", "track")
        if kind == "track":
            return self._fields.required(message.get("event"), "event")
        name = _TYPES.get(kind) or _OTHER_TYPES.get(kind) if isinstance(kind, str) else None
        if name is None:
            raise RowError(
                "wrong_type", "type", "type is none of track, page, screen, identify, group, alias"
            )
        return name

    def _times(self, message: Mapping[str, Any]) -> tuple[int, int | None]:
        """When it happened by the server's clock, as Segment computes `timestamp`; and when it arrived."""
        fields = self._fields
        received_at = fields.time(message.get("receivedAt"), "receivedAt")
        stamp = message.get("timestamp")
        if stamp is not None:
            return fields.required_time(stamp, "timestamp"), received_at
        at = fields.required_time(message.get("originalTimestamp"), "timestamp")
        sent_at = fields.time(message.get("sentAt"), "sentAt")
        if sent_at is not None and received_at is not None and sent_at != received_at:
            fields.counts["clock_corrected"] += 1
            at += received_at - sent_at
        return at, received_at

    def _customer(self, message: Mapping[str, Any]) -> str:
        raw = self._fields.identifier(message.get("userId"), "userId")
        raw = raw or self._fields.identifier(message.get("anonymousId"), "anonymousId")
        if raw is None:
            raise RowError("missing_value", "userId", "both userId and anonymousId are missing")
        return raw

    def _order(
        self, event: str, order_id: str | None, properties: Mapping[str, Any], currency: str | None
    ) -> tuple[int | None, list[tuple[str, int, int | None, str | None]]]:
        if order_id is None:
            raise RowError("missing_value", "order_id", "order_id is missing")
        products = properties.get("products", [])
        if not isinstance(products, list):
            raise RowError("wrong_type", "products", "products is not a list")
        lines = [read_line(p, self._fields, currency) for p in products] if event in LINE_EVENTS else []
        stated = None
        for name in ("value", "total", "revenue"):  # revenue, without shipping and tax, wins
            amount = self._fields.money(properties.get(name), name, currency)
            stated = stated if amount is None else amount
        return order_value(stated, lines, event), lines

    def _check_price(self, properties: Mapping[str, Any], currency: str | None) -> None:
        """The price of a product event stays among the attributes; it is only checked."""
        price = properties.get("price")
        if price is not None and currency is not None:
            self._fields.money(price, "price", currency)
        elif price is not None:
            self._fields.number(price, "price", low=0.0, high=1e15)

    def _place(self, properties: Mapping[str, Any]) -> tuple[int | None, str | None]:
        """Segment's `position` is a number in a list, and a name on a promotion ("home_banner_top")."""
        position = properties.get("position")
        placement = self._fields.text(properties.get("placement"), "placement")
        if isinstance(position, str):
            return None, placement or self._fields.text(position, "position")
        return self._fields.integer(position, "position"), placement

    def _decision(
        self, properties: Mapping[str, Any], context: Mapping[str, Any], campaign: Mapping[str, Any]
    ) -> str | None:
        stated = properties.get("decision_id") or campaign.get("aw_did") or campaign.get("did")
        if stated is None:
            page = context.get("page")
            for part in ("search", "url"):
                text = page.get(part) if type(page) is dict else None
                match = _DECISION_IN_URL.search(text) if isinstance(text, str) and "aw_did" in text else None
                if match:
                    stated = unquote(match[1])
                    break
        return self._fields.identifier(stated, "decision_id")

    def _device(self, context: Mapping[str, Any]) -> str | None:
        device = context.get("device")
        if type(device) is dict and isinstance(device.get("type"), str):
            return self._fields.text(device["type"], "context.device.type")
        agent = context.get("userAgent")
        if isinstance(agent, str) and agent:
            return "mobile" if "Mobi" in agent else "desktop"
        return None

    @staticmethod
    def _with_context(
        left: dict[str, Any],
        message: Mapping[str, Any],
        campaign: Mapping[str, Any],
        context: Mapping[str, Any],
    ) -> dict[str, Any]:
        for name in ("name", "source", "medium", "term"):
            if campaign.get(name):
                left[f"campaign_{name}"] = campaign[name]
        page = context.get("page")
        if type(page) is dict and page.get("path"):
            left.setdefault("page_path", page["path"])
        if message.get("type") in ("page", "screen") and message.get("name"):
            left["name"] = message["name"]
        return left


def _object(owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = owner.get(name)
    if found is None:
        return _NOTHING
    if type(found) is not dict:
        raise RowError("wrong_type", name, f"{name} is not an object")
    return found
