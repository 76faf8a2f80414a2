"""Random events of a few customers, with all that makes them hard: late arrivals, refunds, orders sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from adwright.store.columns import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 20
_NAMES = (
    "Product Viewed",
    "Product Added",
    "Order Completed",
    "Order Refunded",
    "Order Cancelled",
    "Page Viewed",
)


def table(columns: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], schema=dict(columns))


def random_shop(seed: int, n: int = 60) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(events, order_lines, products, customers)."""
    rng = np.random.default_rng(seed)
    events, lines = [], []
    for i in range(n):
        name = str(rng.choice(_NAMES, p=[0.3, 0.1, 0.3, 0.1, 0.05, 0.15]))
        at = START + timedelta(hours=int(rng.integers(0, DAYS * 24)))
        late = timedelta(hours=int(rng.choice([0, 0, 30, 200])))
        row: dict[str, Any] = {
            "message_id": f"m{i}",
            "event": name,
            "customer_id": f"c{rng.integers(3)}",
            "at": at,
        }
        row |= {"received_at": at + late if rng.random() < 0.8 else None}
        row |= {"channel": str(rng.choice(["email", "ads"])), "language": str(rng.choice(["zh", "en"]))}
        if name.startswith("Product"):
            row["product_id"] = f"p{rng.integers(6)}"
        if name.startswith("Order"):
            order = int(rng.integers(9))  # of one customer, whoever sends it
            row |= {"order_id": f"o{order}", "customer_id": f"c{order % 3}", "currency": "USD"}
            row["value_minor"] = int(rng.integers(1, 9)) * 100 if rng.random() < 0.9 else None
        if name in ("Order Refunded", "Order Cancelled") and rng.random() < 0.5:
            row["customer_id"] = None
        if name == "Order Completed":
            for _ in range(int(rng.integers(1, 3))):
                line = {k: row[k] for k in ("message_id", "order_id", "event", "at", "customer_id")}
                lines.append(line | {"product_id": f"p{rng.integers(6)}", "quantity": 1})
        events.append(row)
    products = [
        {
            "id": f"p{i}",
            "product_type": ["shoes", "tea", None][i % 3],
            "brand": ["A", None][i % 2],
            "price_minor": 100 * i,
        }
        | {"brand": ["A", None][i % 2]}
        for i in range(6)
    ]
    customers = [{"id": "c0", "language": "en"}, {"id": "quiet", "language": "zh"}]
    return (
        table(EVENTS, events),
        table(ORDER_LINES, lines),
        table(PRODUCTS, products),
        table(CUSTOMERS, customers),
    )
