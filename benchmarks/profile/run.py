"""Profiles of a million events: python benchmarks/profile/run.py [N_EVENTS]

One JSON object: seconds of the clock and of the processor for each step.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adwright.profile import build_cohorts, customer_features, features_at, rfm, update_profile
from adwright.store.columns import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=90)
N_PRODUCTS = 20_000
EVENT_NAMES = np.array(["Product Viewed", "Product Added", "Order Completed", "Page Viewed"])


def main() -> None:
    """Each step once, on one invented shop."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    events, lines, products, customers = shop(n)
    folder = Path(tempfile.mkdtemp())
    yesterday = NOW - timedelta(days=1)
    rows = events.head(100_000).select("customer_id", "at")
    features = customer_features(events.head(0), lines.head(0), products, customers, now=NOW)
    steps: dict[str, Callable[[], Any]] = {
        "features": lambda: customer_features(events, lines, products, customers, now=NOW),
        "cohorts": lambda: build_cohorts(events, lines, products, customers, now=NOW),
        "store the first 89 days": lambda: update_profile(folder, events.lazy(), lines.lazy(), now=yesterday),
        "take in the last day": lambda: update_profile(folder, events.lazy(), lines.lazy(), now=NOW),
        "features at the time of 100,000 rows": lambda: features_at(rows, events, lines, products, customers),
    }
    found: dict[str, Any] = {"n_events": n}
    for name, step in steps.items():
        start, cpu = time.perf_counter(), time.process_time()
        result = step()
        found[name] = {
            "s": round(time.perf_counter() - start, 2),
            "cpu_s": round(time.process_time() - cpu, 2),
        }
        features = result if name == "features" else features
        print(name, found[name], file=sys.stderr, flush=True)
    found["segments"] = dict(rfm(features)["segment"].value_counts().iter_rows())
    print(json.dumps(found))


def shop(n: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(events, order_lines, products, customers): ten events a customer in 90 days, a tenth of them orders."""
    rng = np.random.default_rng(0)
    base = pl.DataFrame(
        {
            "message_id": pl.int_range(n, eager=True).cast(pl.String),
            "event": EVENT_NAMES[rng.choice(4, n, p=[0.6, 0.1, 0.1, 0.2])],
            "customer_id": pl.Series(rng.integers(0, n // 10, n)).cast(pl.String),
            "seconds": rng.integers(0, 90 * 86_400, n),
            "product_id": pl.Series(rng.integers(0, N_PRODUCTS, n)).cast(pl.String),
            "channel": np.array(["email", "ads", "onsite"])[rng.integers(0, 3, n)],
            "language": np.array(["zh", "en"])[rng.integers(0, 2, n)],
        }
    ).with_columns(at=pl.lit(START) + pl.duration(seconds="seconds"))
    ordered = pl.col("event") == "Order Completed"
    events = base.with_columns(
        received_at="at",
        product_id=pl.when(~ordered).then("product_id"),
        order_id=pl.when(ordered).then("message_id"),
        value_minor=pl.when(ordered).then(1999),
        currency=pl.lit("USD"),
    )
    lines = base.filter(ordered).with_columns(order_id="message_id", quantity=1, price_minor=1999)
    number = pl.int_range(N_PRODUCTS, eager=True)
    products = pl.DataFrame({"id": number.cast(pl.String), "price_minor": number}).with_columns(
        product_type=pl.format("Area {}", pl.col("price_minor") % 30),
        brand=pl.format("Brand {}", pl.col("price_minor") % 99),
    )
    return (
        typed(events, EVENTS),
        typed(lines, ORDER_LINES),
        typed(products, PRODUCTS),
        typed(pl.DataFrame({"id": ["0"]}), CUSTOMERS),
    )


def typed(frame: pl.DataFrame, columns: Any) -> pl.DataFrame:
    """The frame with exactly the table's columns."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in columns.items()
    )


if __name__ == "__main__":
    main()
