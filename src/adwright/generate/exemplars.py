"""Exemplars: the past contents that did best for a like product and like readers, by lower bound of effect.

The lower bound keeps a lucky text with three clicks behind a good one with three hundred. It is Wilson's for
the clicks per exposure (or orders per exposure), one-sided at 95 %.

Holds when: past contents were shown to like readers; what a text gained from its place or season is taken for
its own merit. Does not cover: contents that were rejected or never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.generate.backends.goods import NEUTRAL, recognise
from adwright.generate.parsing import distinct_texts
from adwright.schema import EVERYONE, Brief, Exemplar, Product
from adwright.stats.intervals import wilson
from adwright.text.language import detect

Measure = Literal["click", "conversion"]

_LEVEL = 0.9  # two-sided, so that the lower end holds with 95 %
_NEEDED = ("content_id", "kind", "channel", "language", "text", "n_exposures", "n_clicks", "n_conversions")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemplarConfig:
    """How many are shown, and how much they must have been seen.

    Args:
        n: The most exemplars.
        min_exposures: A content with fewer says nothing yet.
        measure: Clicks, or orders, per exposure.
    """

    n: int = 3
    min_exposures: int = 100
    measure: Measure = "click"

    def __post_init__(self) -> None:
        if self.n < 1 or self.min_exposures < 1:
            raise UsageError(
                "no exemplars so",
                argument="n, min_exposures",
                value=(self.n, self.min_exposures),
                allowed="from 1",
            )


def find_exemplars(
    brief: Brief, past: pl.DataFrame, *, products: Mapping[str, Product], config: ExemplarConfig | None = None
) -> tuple[Exemplar, ...]:
    """The best past contents for a brief, best first.

    Alike are contents of the same kind and language, for the same cohort or for everyone, of a product of the
    same category of goods. Where the category has none, any product of that kind, language and cohort serves.
    The brief's own product never does: its texts would be repeated.

    Args:
        brief: What is to be written.
        past: One row a content: content_id, kind, channel, language, text, n_exposures, n_clicks,
            n_conversions; product_id and cohort_id where known. Several rows of one content are added up.
        products: Id -> product, for the categories.
        config: How many, and how much they must have been seen.

    Raises:
        DataError: an absent column, or more successes than exposures.
    """
    settings = config or ExemplarConfig()
    missing = [c for c in _NEEDED if c not in past.columns]
    if missing:
        raise DataError("past contents lack a column", argument="past", value=", ".join(missing))
    ranked = _ranked(_alike(brief, past), settings)
    own = {product.id for product in brief.products}
    others = [row for row in ranked.to_dicts() if row["product_id"] is None or row["product_id"] not in own]
    near = [row for row in others if _same_goods(brief, products.get(row["product_id"] or ""))]
    chosen = near or others
    texts = distinct_texts((row["text"] for row in chosen), most=settings.n)
    by_text = {row["text"]: row for row in reversed(chosen)}
    return tuple(_exemplar(by_text[text], settings) for text in texts)


def _alike(brief: Brief, past: pl.DataFrame) -> pl.DataFrame:
    frame = past
    for name in ("product_id", "cohort_id"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    cohort = brief.cohort.id if brief.cohort else EVERYONE
    readers = pl.col("cohort_id").is_null() | pl.col("cohort_id").is_in([cohort, EVERYONE])
    spoken = pl.col("language").is_null() | (pl.col("language") == brief.language)
    kind = pl.col("kind").is_null() | (pl.col("kind") == brief.kind)
    alike = frame.filter(readers, spoken, kind, pl.col("text").is_not_null())
    in_language = [detect(text) == brief.language for text in alike["text"]]
    return alike.filter(pl.Series(in_language, dtype=pl.Boolean))


def _ranked(frame: pl.DataFrame, config: ExemplarConfig) -> pl.DataFrame:
    """One row a content with its lower bound, the best first."""
    success = {"click": "n_clicks", "conversion": "n_conversions"}[config.measure]
    sums = (
        frame.group_by("content_id", "text", "product_id", maintain_order=True)
        .agg(pl.col("n_exposures").sum(), pl.col(success).sum().alias("n_successes"))
        .filter(pl.col("n_exposures") >= config.min_exposures)
    )
    if (sums["n_successes"] > sums["n_exposures"]).any():
        raise DataError("more successes than exposures", argument=success)
    low, _ = wilson(sums["n_successes"].to_numpy(), sums["n_exposures"].to_numpy(), level=_LEVEL)
    bounded = sums.with_columns(pl.Series("low", np.atleast_1d(low), dtype=pl.Float64))
    return bounded.sort(["low", "content_id"], descending=[True, False])


def _same_goods(brief: Brief, product: Product | None) -> bool:
    if product is None or not brief.products:
        return False
    mine, other = recognise(brief.product), recognise(product)
    if mine.category.name == NEUTRAL:
        return brief.product.product_type is not None and brief.product.product_type == product.product_type
    return mine.category.name == other.category.name


def _exemplar(row: Mapping[str, object], config: ExemplarConfig) -> Exemplar:
    n = int(str(row["n_exposures"]))
    return Exemplar(
        slots={"text": str(row["text"])},
        lower_bound=float(str(row["low"])),
        n_exposures=n,
        source=f"content {row['content_id']}, {config.measure} per exposure, {row['n_successes']} of {n}",
    )
