"""Recency, frequency and money as scores from 1 to 5, and the segment that they name."""

from __future__ import annotations

import polars as pl

_N = 5

SEGMENTS = ("new", "champions", "loyal", "promising", "at_risk", "asleep")
"""What `rfm` calls buyers; a customer without an order has none."""


def rfm(features: pl.DataFrame) -> pl.DataFrame:
    """customer_id, r, f, m (1 to 5, 5 best; null without an order) and segment.

    Scores are fifths among buyers; equal values get equal scores. Segments: new (one order, recent), champions
    (recent and often), loyal (often), promising (recent), at_risk (often, but long ago), asleep (the others).

    Args:
        features: As `customer_features` gives them. Recency is that of any event.
    """
    buys = pl.col("n_orders") > 0
    scored = features.with_columns(
        r=_fifth(-pl.col("recency_days"), buys),
        f=_fifth(pl.col("n_orders"), buys),
        m=_fifth(pl.col("value_minor"), buys),
    )
    recent, often = pl.col("r") >= 4, pl.col("f") >= 4
    segment = (
        pl.when(~buys)
        .then(None)
        .when((pl.col("n_orders") == 1) & recent)
        .then(pl.lit("new"))
        .when(recent & often)
        .then(pl.lit("champions"))
        .when(often & (pl.col("r") <= 2))
        .then(pl.lit("at_risk"))
        .when(often)
        .then(pl.lit("loyal"))
        .when(recent)
        .then(pl.lit("promising"))
        .otherwise(pl.lit("asleep"))
    )
    return scored.select("customer_id", "r", "f", "m", segment=segment)


def _fifth(value: pl.Expr, among: pl.Expr) -> pl.Expr:
    """1 to 5 by the share of buyers at or below the value."""
    held = pl.when(among).then(value)
    rank, n = held.rank("max").cast(pl.Int64), held.count().cast(pl.Int64)
    return (rank * _N + n - 1) // n  # rounded up, in whole numbers
