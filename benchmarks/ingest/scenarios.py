"""What is measured: files of Segment events of a stated size and share of bad rows. Ids are permanent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = ("Product Viewed", "Products Searched", "Product Added", "Promotion Viewed", "Order Completed")
SHARES = (0.55, 0.1, 0.12, 0.2, 0.03)


@dataclass(frozen=True)
class Scenario:
    """One file.

    Args:
        id: Permanent.
        n_events: Lines.
        p_bad: The part of the lines that are broken.
        n_customers: Distinct user ids.
    """

    id: str
    n_events: int
    p_bad: float = 0.001
    n_customers: int = 50_000


SCENARIOS = (
    Scenario("segment-100k", 100_000),
    Scenario("segment-1m", 1_000_000),
)


def write_events(scenario: Scenario, path: Path, *, seed: int = 0) -> None:
    """Writes the scenario's file; the same seed gives the same bytes."""
    rng = np.random.default_rng(seed)
    names = rng.choice(EVENTS, size=scenario.n_events, p=SHARES)
    customers = rng.integers(0, scenario.n_customers, size=scenario.n_events)
    products = rng.integers(0, 2_000, size=scenario.n_events)
    is_bad = rng.random(scenario.n_events) < scenario.p_bad
    with path.open("w", encoding="utf-8") as file:
        for i in range(scenario.n_events):
            at = NOW - timedelta(days=60) + timedelta(seconds=5 * i * 1_000_000 / scenario.n_events)
            message = _message(i, str(names[i]), int(customers[i]), int(products[i]), at)
            if is_bad[i]:
                del message["messageId"]
            file.write(json.dumps(message, ensure_ascii=False) + "\n")


def _message(i: int, event: str, customer: int, product: int, at: datetime) -> dict[str, Any]:
    stamp = at.isoformat().replace("+00:00", "Z")
    return {
        "type": "track",
        "event": event,
        "messageId": f"msg-{i:012d}-7f0c4a9e",
        "userId": f"user-{customer}",
        "anonymousId": f"anon-{customer:08x}",
        "timestamp": stamp,
        "originalTimestamp": stamp,
        "sentAt": stamp,
        "receivedAt": stamp,
        "context": {
            "locale": "zh-CN" if customer % 2 else "en-US",
            "ip": "203.0.113.7",
            "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148",
            "page": {"path": f"/p/{product}", "url": f"https://shop.example/p/{product}", "title": "商品"},
            "campaign": {"source": "news", "medium": "email", "aw_did": f"d{i}"} if i % 20 == 0 else {},
        },
        "properties": _properties(i, event, product),
    }


def _properties(i: int, event: str, product: int) -> dict[str, Any]:
    line = {"product_id": f"p{product}", "price": 19.99, "quantity": 1, "category": "shoes", "brand": "Acme"}
    if event == "Order Completed":
        return {"order_id": f"o{i}", "revenue": 39.98, "currency": "USD", "products": [line, line]}
    if event == "Products Searched":
        return {"query": "跑步鞋 轻便"}
    if event == "Promotion Viewed":
        return {"promotion_id": f"c_{product}", "position": "home_top", "decision_id": f"d{i}"}
    return line | {"currency": "USD", "name": "轻便跑鞋", "variant": "red"}
