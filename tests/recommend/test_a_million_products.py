"""A catalogue of a million: an answer with its evidence for a known customer and for a stranger.

How long it takes is measured by `benchmarks/recommend/run.py million-products`.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from adwright.recommend import EaseConfig, RecommendConfig, RulesConfig, fit_recommender
from adwright.store.columns import PRODUCTS
from recommend.shop_of_tastes import NOW

N = 1_000_000


@pytest.mark.slow
def test_a_million_products_are_answered_for() -> None:
    rng = np.random.default_rng(0)
    customer = rng.integers(0, 2_000, 20_000)
    item = (rng.zipf(1.3, 20_000) % 2_000) * 500 + customer % 500
    bought = pl.DataFrame(
        {
            "customer_id": pl.Series(customer).cast(pl.String),
            "product_id": pl.Series(item).cast(pl.String),
            "at": pl.Series([NOW - timedelta(minutes=int(m)) for m in rng.integers(20_000, 500_000, 20_000)]),
            "kind": pl.repeat("buy", 20_000, eager=True),
            "weight": pl.repeat(1.0, 20_000, eager=True),
        }
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    goods = pl.DataFrame({"id": pl.int_range(N, eager=True).cast(pl.String)}).select(
        (pl.col(name) if name == "id" else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in PRODUCTS.items()
    )
    config = RecommendConfig(
        tune_share=0.0005,  # too few to choose weights: even ones
        ease=EaseConfig(l2=(250.0,), together=(1.0,), tags=(0.0,), max_items=1_000),
        rules=RulesConfig(diversity=0.2),
    )
    model = fit_recommender(bought, goods, now=NOW, config=config)
    assert any("1,000 products" in note for note in model.card["notes"])
    answer = model.recommend(bought, goods, ["7", "stranger"], now=NOW, n=10)
    assert answer["customer_id"].to_list() == ["7"] * 10 + ["stranger"] * 10
    assert answer["evidence_en"].str.len_chars().min() > 10
    stranger = answer.filter(customer_id="stranger")
    assert set(stranger["because"]) == {"popular"}
    assert set(stranger["product_id"]) <= set(bought["product_id"])
