from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adwright.ingest.fields import FieldReader
from adwright.ingest.report import RowError
from adwright.ingest.segment import SegmentReader
from adwright.store.columns import EVENTS

Message = Callable[..., dict[str, Any]]


@pytest.fixture
def read(message: Message) -> Callable[..., dict[str, Any]]:
    """Reads a varied message; gives its columns by name, and `lines`."""

    def read_message(**changes: Any) -> dict[str, Any]:
        fields = FieldReader(now=datetime(2026, 1, 1, tzinfo=UTC))
        row = SegmentReader(fields).read(message(**changes))
        return dict(zip(EVENTS, row.values, strict=True)) | {"lines": row.lines}

    return read_message


def micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"messageId": None}, "missing_value", "messageId"),
        ({"messageId": ["m"]}, "wrong_type", "messageId"),
        ({"event": None}, "missing_value", "event"),
        ({"event": 5.5}, "wrong_type", "event"),
        ({"type": "dance"}, "wrong_type", "type"),
        ({"type": ["track"]}, "wrong_type", "type"),
        ({"userId": None}, "missing_value", "userId"),
        ({"timestamp": None}, "missing_value", "timestamp"),
        ({"timestamp": "soon"}, "unreadable_time", "timestamp"),
        ({"timestamp": "1999-01-01T00:00:00Z"}, "impossible_time", "timestamp"),
        ({"timestamp": "2026-02-01T00:00:00Z"}, "impossible_time", "timestamp"),
        ({"properties": []}, "wrong_type", "properties"),
        ({"context": "web"}, "wrong_type", "context"),
        ({"properties": {"price": -1, "currency": "USD"}}, "negative_value", "price"),
        ({"properties": {"price": -1}}, "out_of_range", "price"),
        ({"properties": {"price": 1.999, "currency": "USD"}}, "too_many_decimals", "price"),
        ({"properties": {"price": "9.99", "currency": "USD"}}, "wrong_type", "price"),
        ({"properties": {"quantity": -2}}, "negative_value", "quantity"),
        ({"properties": {"quantity": "2"}}, "wrong_type", "quantity"),
        ({"properties": {"currency": "XQX"}}, "unknown_currency", "currency"),
        ({"properties": {"category": "x" * 100_000}}, "text_too_long", "category"),
        ({"properties": {"note": "x" * 100_000}}, "text_too_long", "attributes"),
        ({"event": "Order Completed", "properties": {"revenue": 1}}, "missing_value", "order_id"),
        ({"event": "Order Completed", "properties": {"order_id": "o"}}, "missing_value", "revenue"),
        (
            {"event": "Order Completed", "properties": {"order_id": "o", "revenue": 1}},
            "missing_currency",
            "revenue",
        ),
        (
            {"event": "Order Completed", "properties": {"order_id": "o", "revenue": -1, "currency": "USD"}},
            "negative_value",
            "revenue",
        ),
        (
            {"event": "Order Completed", "properties": {"order_id": "o", "products": "p1"}},
            "wrong_type",
            "products",
        ),
        (
            {"event": "Order Completed", "properties": {"order_id": "o", "products": [{"price": 1}]}},
            "missing_value",
            "products.product_id",
        ),
        (
            {
                "event": "Order Completed",
                "properties": {"order_id": "o", "products": [{"product_id": "p", "quantity": 0}]},
            },
            "out_of_range",
            "products.quantity",
        ),
    ],
)
def test_each_fault_of_a_message_has_its_reason(
    read: Callable[..., Any], changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(RowError) as caught:
        read(**changes)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_product_view_is_read_with_its_context(read: Callable[..., Any]) -> None:
    row = read(
        context={
            "locale": "zh-CN",
            "ip": "203.0.113.7",
            "device": {"type": "ios", "id": "secret"},
            "traits": {"email": "a@b.example"},
            "campaign": {"name": "spring", "medium": "email", "content": "c_1", "aw_did": "d1"},
            "page": {"path": "/p/1", "url": "https://shop.example/p/1?email=a@b.example"},
        },
        properties={
            "product_id": 17,
            "category": "鞋",
            "position": 3,
            "variant": "red",
            "email": "a@b.example",
        },
    )
    assert row["product_id"] == "17"
    assert (row["language"], row["device"], row["channel"]) == ("zh", "ios", "email")
    assert (row["decision_id"], row["content_id"], row["position"]) == ("d1", "c_1", 3)
    assert row["at"] == micros("2025-12-01T10:00:00+00:00")
    assert json.loads(row["attributes"]) == {
        "variant": "red",
        "campaign_name": "spring",
        "campaign_medium": "email",
        "page_path": "/p/1",
    }


def test_the_decision_id_is_found_in_the_address_of_the_page(read: Callable[..., Any]) -> None:
    for page in ({"search": "?a=1&aw_did=d%2F7"}, {"url": "https://shop.example/?aw_did=d%2F7#top"}):
        assert read(context={"page": page})["decision_id"] == "d/7"


def test_an_order_has_lines_and_the_value_without_shipping_and_tax(read: Callable[..., Any]) -> None:
    row = read(
        event="Order Completed",
        properties={
            "order_id": "o1",
            "total": 27.5,
            "revenue": 25.0,
            "currency": "usd",
            "products": [{"product_id": "p1", "price": 10, "quantity": 2}, {"sku": "p2", "price": 5.0}],
        },
    )
    assert (row["value_minor"], row["currency"]) == (2500, "USD")
    at = row["at"]
    assert row["lines"] == [
        ("m1", "o1", "Order Completed", at, "u1", "p1", 2, 1000, "USD"),
        ("m1", "o1", "Order Completed", at, "u1", "p2", 1, 500, "USD"),
    ]


def test_an_order_without_total_is_worth_its_lines_and_a_refund_may_state_nothing(
    read: Callable[..., Any],
) -> None:
    products = [{"product_id": "p1", "price": 10, "quantity": 2}, {"product_id": "p2", "price": 5}]
    order = {"order_id": "o1", "currency": "USD", "products": products}
    assert read(event="Order Completed", properties=order)["value_minor"] == 2500
    assert read(event="Order Refunded", properties=order)["value_minor"] == 2500
    assert read(event="Order Refunded", properties={"order_id": "o1"})["value_minor"] is None
    assert read(event="Order Cancelled", properties={"order_id": "o1"})["value_minor"] is None


def test_other_events_pages_and_identifies_are_kept_under_their_names(read: Callable[..., Any]) -> None:
    assert read(event="Video Playback Started")["event"] == "Video Playback Started"
    assert read(event="Wishlist Shared By Owl")["event"] == "Wishlist Shared By Owl"
    assert read(type="page", event=None, name="Home")["event"] == "Page Viewed"
    assert read(type="screen", event=None)["event"] == "Screen Viewed"
    identified = read(type="identify", event=None, traits={"email": "a@b.example"})
    assert (identified["event"], "a@b" in str(identified)) == ("Identify", False)


def test_an_anonymous_visitor_and_a_named_promotion_place_are_read(read: Callable[..., Any]) -> None:
    row = read(
        userId=None,
        anonymousId="a1",
        event="Promotion Viewed",
        properties={"promotion_id": "c_1", "position": "home_banner_top"},
    )
    assert (row["customer_id"], row["placement"], row["position"]) == ("a1", "home_banner_top", None)


def test_without_timestamp_the_devices_clock_is_corrected_as_segment_does(read: Callable[..., Any]) -> None:
    row = read(
        timestamp=None,
        originalTimestamp="2025-12-01T10:00:00Z",
        sentAt="2025-12-01T10:00:10Z",
        receivedAt="2025-12-01T09:00:12Z",
    )
    # timestamp = receivedAt - (sentAt - originalTimestamp) = 09:00:12 - 10 s
    assert row["at"] == micros("2025-12-01T09:00:02+00:00")
