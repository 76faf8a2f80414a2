"""A shop of at most ten products: as objects, as frames, and as the files that a shop has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from adwright.schema import Language, Product
from adwright.store.columns import CONTENTS, PRODUCTS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The present of the toy shop."""

_GOODS = (
    ("Linen Shirt", "亚麻衬衫"),
    ("Cotton Towel", "棉毛巾"),
    ("Oak Desk Lamp", "橡木台灯"),
    ("Steel Bottle", "不锈钢水瓶"),
    ("Wool Scarf", "羊毛围巾"),
    ("Leather Wallet", "皮革钱包"),
    ("Ceramic Mug", "陶瓷杯"),
    ("Travel Pillow", "旅行枕"),
    ("Bamboo Board", "竹砧板"),
    ("Running Socks", "跑步袜"),
)


def toy_products(n: int = 10, *, language: Language = "en") -> list[Product]:
    """n products (at most 10) in stock; the later in the list, the better rated and stocked."""
    return [
        Product(
            id=f"p{i}",
            title=names[0] if language == "en" else names[1],
            description=f"{names[0]} for every day." if language == "en" else f"{names[1]}，每天都用得上。",
            price_minor=1000 + 100 * i,
            currency="USD" if language == "en" else "CNY",
            availability="in_stock",
            quantity=5 + i,
            brand="Northwind",
            product_type="Home",
            rating=3.5 + 0.1 * i,
        )
        for i, names in enumerate(_GOODS[:n])
    ]


def products_frame(products: Sequence[Product]) -> pl.DataFrame:
    """Products as rows of the table `products`."""
    names = [name for name in PRODUCTS if name != "attributes"]
    rows = [
        {**{name: getattr(p, name) for name in names}, "attributes": json.dumps(dict(p.attributes))}
        for p in products
    ]
    return pl.DataFrame(rows, schema=dict(PRODUCTS), orient="row")


def toy_past_contents(
    products: Sequence[Product], *, n_groups: int = 100, rng: np.random.Generator
) -> pl.DataFrame:
    """Past contents with results, as rows of the table `contents`: `n_groups` tests of three texts each.

    One click in fifty; a text with the word "calm" has half as many again. One click in ten buys.
    """
    rows = []
    for group in range(n_groups):
        product = products[group % len(products)]
        level = float(np.exp(rng.normal(0, 0.3)))
        for i, word in enumerate(("calm", "plain", "bright")):
            n = int(rng.integers(800, 1200))
            n_clicks = int(rng.binomial(n, min(0.02 * level * (1.5 if word == "calm" else 1.0), 1.0)))
            n_conversions = int(rng.binomial(n_clicks, 0.1))
            rows.append(
                {
                    "content_id": f"past{group}-{i}",
                    "text": f"A {word} {product.title}\nNumber {group} of the {word} ones",
                    "kind": "ad_copy",
                    "channel": "onsite",
                    "language": "en",
                    "product_id": product.id,
                    "category": product.product_type,
                    "cohort_id": "everyone",
                    "group": f"g{group}",
                    "at": NOW - timedelta(days=n_groups - group + 1),
                    "n_exposures": n,
                    "n_clicks": n_clicks,
                    "n_conversions": n_conversions,
                    "value_minor": n_conversions * (product.price_minor or 0),
                    "currency": product.currency,
                    "attributes": None,
                }
            )
    return pl.DataFrame(rows, schema=dict(CONTENTS), orient="row")


def write_toy_shop(folder: Path, *, n_products: int = 10, n_customers: int = 0) -> dict[str, Path]:
    """The files of a toy shop: `catalog` (Merchant names, JSON) and, with customers, `events` (Segment).

    Each customer looks at a product and buys the next one, in turn, within the month before `NOW`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    products = toy_products(n_products)
    found = {"catalog": folder / "catalog.json"}
    found["catalog"].write_text(json.dumps([_merchant(p) for p in products]), encoding="utf-8")
    if n_customers:
        found["events"] = folder / "events.jsonl"
        lines = [json.dumps(e) for i in range(n_customers) for e in _visit(i, products)]
        found["events"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return found


def _merchant(product: Product) -> dict[str, object]:
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "price": f"{(product.price_minor or 0) / 100:.2f} {product.currency}",
        "availability": product.availability,
        "quantity": product.quantity,
        "brand": product.brand,
        "product_type": product.product_type,
        "rating": product.rating,
    }


def _visit(customer: int, products: Sequence[Product]) -> list[dict[str, object]]:
    at = NOW - timedelta(days=1 + customer % 28)
    seen, bought = products[customer % len(products)], products[(customer + 1) % len(products)]
    price = (bought.price_minor or 0) / 100
    line = {"product_id": bought.id, "quantity": 1, "price": price}
    order = {"order_id": f"o{customer}", "total": price, "currency": bought.currency, "products": [line]}
    steps = [("Product Viewed", {"product_id": seen.id}), ("Order Completed", order)]
    return [
        {
            "type": "track",
            "event": event,
            "messageId": f"m{customer}-{i}",
            "userId": f"u{customer}",
            "timestamp": (at + timedelta(minutes=i)).isoformat(),
            "properties": properties,
        }
        for i, (event, properties) in enumerate(steps)
    ]
