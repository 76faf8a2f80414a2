from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.profile import customer_features
from adwright.store.columns import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def table(columns: Any, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], schema=dict(columns))


def event(i: int, name: str, days_ago: float, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(days=days_ago)
    return {"message_id": f"m{i}", "event": name, "customer_id": "ann", "at": at, "received_at": at} | more


PRODUCT_ROWS = table(
    PRODUCTS,
    {"id": "s1", "product_type": "shoes", "price_minor": 1000},
    {"id": "s2", "product_type": "shoes", "price_minor": 2000},
    {"id": "s3", "product_type": "shoes", "price_minor": 3000},
    {"id": "t1", "product_type": "tea", "price_minor": 100},
)


def features(
    *rows: dict[str, Any], lines: tuple[dict[str, Any], ...] = (), now: datetime = NOW
) -> dict[str, Any]:
    found = customer_features(
        table(EVENTS, *rows), table(ORDER_LINES, *lines), PRODUCT_ROWS, table(CUSTOMERS), now=now
    )
    return found.row(0, named=True) if found.height else {}


def test_recency_frequency_and_money_are_counted_net_of_refunds() -> None:
    found = features(
        event(1, "Order Completed", 10, order_id="o1", value_minor=5000, currency="USD"),
        event(2, "Order Completed", 5, order_id="o2", value_minor=3000, currency="USD"),
        event(3, "Order Completed", 5, order_id="o2", value_minor=3000, currency="USD"),
        event(4, "Order Refunded", 4, order_id="o1", value_minor=2000),
        event(5, "Order Cancelled", 3, order_id="o2"),
    )
    assert (found["n_events"], found["recency_days"]) == (5, 3.0)
    assert (found["n_orders"], found["value_minor"], found["currency"]) == (2, 3000, "USD")


def test_orders_in_two_currencies_have_no_sum() -> None:
    found = features(
        event(1, "Order Completed", 2, order_id="o1", value_minor=1, currency="USD"),
        event(2, "Order Completed", 1, order_id="o2", value_minor=1, currency="CNY"),
    )
    assert (found["n_orders"], found["value_minor"], found["currency"]) == (2, None, None)


def test_a_purchase_says_more_of_taste_than_four_views() -> None:
    views = [event(i, "Product Viewed", 5, product_id="t1") for i in range(4)]
    bought = event(9, "Order Completed", 1, order_id="o1", value_minor=1000, currency="USD")
    line = {"message_id": "m9", "order_id": "o1", "event": "Order Completed", "at": bought["at"]}
    lines = (line | {"customer_id": "ann", "product_id": "s1"},)
    assert features(*views)["top_category"] == "tea"
    assert features(*views, bought, lines=lines)["top_category"] == "shoes"


def test_the_price_level_is_relative_to_the_category() -> None:
    # Among three shoes the ranks are 1/6, 3/6 and 5/6; the one tea stands in the middle of its own.
    for product, rank, level in [
        ("s1", 1 / 6, "low"),
        ("s2", 0.5, "middle"),
        ("s3", 5 / 6, "high"),
        ("t1", 0.5, "middle"),
    ]:
        found = features(event(1, "Product Viewed", 1, product_id=product))
        assert found["price_rank"] == pytest.approx(rank)
        assert found["price_level"] == level


def test_the_commonest_channel_hour_and_language_are_taken() -> None:
    found = features(
        event(1, "Page Viewed", 1.5, channel="email", language="zh"),  # at 12:00
        event(2, "Page Viewed", 2.5, channel="email", language="zh"),
        event(3, "Page Viewed", 3.25, channel="ads", language="en"),
    )
    assert (found["channel"], found["hour"], found["language"]) == ("email", 12, "zh")


def test_nothing_later_than_now_counts_neither_what_arrived_later() -> None:
    rows = (
        event(1, "Product Viewed", 9, product_id="t1"),
        event(2, "Product Viewed", 1, product_id="s1"),
        event(3, "Product Viewed", 9, product_id="s1", received_at=NOW - timedelta(days=1)),
    )
    early = features(*rows, now=NOW - timedelta(days=5))
    assert (early["n_events"], early["top_category"]) == (1, "tea")
    assert early == features(rows[0], now=NOW - timedelta(days=5))


def test_customers_without_behaviour_keep_their_own_language() -> None:
    customers = table(CUSTOMERS, {"id": "bob", "language": "en"})
    found = customer_features(table(EVENTS), table(ORDER_LINES), PRODUCT_ROWS, customers, now=NOW).row(
        0, named=True
    )
    assert (found["customer_id"], found["n_events"], found["language"]) == ("bob", 0, "en")


def test_a_naive_now_and_an_absent_column_are_the_callers_fault() -> None:
    with pytest.raises(UsageError, match="zone"):
        features(now=datetime(2026, 1, 1))
    with pytest.raises(DataError, match="event"):
        customer_features(
            table(EVENTS).drop("event"), table(ORDER_LINES), PRODUCT_ROWS, table(CUSTOMERS), now=NOW
        )
