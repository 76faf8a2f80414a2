"""What is popular in a cohort, with the numbers it rests on: `models.popularity` for frames of a workspace.

Products that are out of stock take part in the sums and are left out of the answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

import numpy as np
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.recommend.because import FEWEST
from adwright.recommend.config import RecommendConfig
from adwright.recommend.counts import count
from adwright.recommend.evidence import evidence_in_chinese, evidence_in_english
from adwright.recommend.histories import encode
from adwright.recommend.interactions import product_interactions
from adwright.recommend.models.model import FitData
from adwright.recommend.models.popularity import PopularItems, Popularity
from adwright.recommend.pairs import Pairs, companions
from adwright.recommend.rules import is_in_stock
from adwright.schema import EVERYONE

_COMPANIONS = 3


class PopularityRecommender:
    """Ranks products for a cohort.

    Args:
        config: How interactions are weighed and popularity is counted.
    """

    def __init__(self, config: RecommendConfig | None = None) -> None:
        self._config = config or RecommendConfig()
        self._model: PopularItems | None = None
        self._table = pl.DataFrame()
        self._counts = pl.DataFrame()
        self._pairs: Pairs | None = None

    def fit(
        self,
        events: pl.DataFrame,
        order_lines: pl.DataFrame,
        products: pl.DataFrame,
        membership: pl.DataFrame,
        now: datetime,
    ) -> Self:
        """Counts what was known at `now`; returns itself.

        Args:
            events: As the table `events`.
            order_lines: As the table `order_lines`.
            products: As the table `products`; nothing else is ever recommended.
            membership: customer_id, cohort_id.
            now: The present, aware.

        Raises:
            DataError: an empty catalogue.
        """
        if products.height == 0:
            raise DataError("the catalogue is empty", argument="products", value=0, hint="Ingest a catalogue")
        interactions = product_interactions(events, order_lines, now=now, config=self._config).join(
            products.select(product_id="id"), on="product_id", how="semi"
        )
        histories = encode(interactions, products["id"], customers=membership.rename({"customer_id": "id"}))
        self._model = Popularity().fit(
            FitData(
                histories=histories,
                products=products,
                now=now,
                config=self._config,
                rng=np.random.default_rng(0),
                progress=lambda _: None,
            )
        )
        self._pairs = count(histories).pairs
        self._table = products.select("id", "rating", "quantity", is_in_stock=is_in_stock())
        counted = interactions.join(membership, on="customer_id", how="left")
        self._counts = (
            pl.concat(
                [
                    counted.with_columns(cohort_id=pl.lit(EVERYONE)),
                    counted.filter(pl.col("cohort_id") != EVERYONE),
                ]
            )
            .group_by("cohort_id", "product_id")
            .agg(
                n_bought=(pl.col("kind") == "buy").sum().cast(pl.Int64),
                n_viewed=(pl.col("kind") == "view").sum().cast(pl.Int64),
            )
        )
        return self

    def recommend(self, cohort_id: str, n: int = 10) -> pl.DataFrame:
        """The n best products in stock: product_id, score, evidence_en, evidence_zh, companions; the best first.

        Companions are ids of products that at least five customers bought with it, more than by chance.

        Args:
            cohort_id: A cohort; one without interactions gets what is popular overall.
            n: At most so many rows.

        Raises:
            UsageError: not fitted, or n below 1.
        """
        if self._model is None:
            raise UsageError("not fitted", hint="Call fit first")
        if n < 1:
            raise UsageError("too few products asked for", argument="n", value=n, allowed="at least 1")
        scored = self._table.with_columns(score=pl.Series(self._model.of_cohort(cohort_id)))
        best = (
            self._with_counts(scored, cohort_id)
            .filter("is_in_stock")
            .sort(["score", "id"], descending=[True, False])
            .head(n)
        )
        rows = list(best.iter_rows(named=True))
        place = {product: row for row, product in enumerate(self._table["id"])}
        assert self._pairs is not None
        bought_with = [
            [
                self._table["id"][other]
                for other in companions(self._pairs, place[r["id"]], n=_COMPANIONS, fewest=FEWEST)
            ]
            for r in rows
        ]
        return pl.DataFrame(
            {
                "product_id": best["id"],
                "score": best["score"],
                "evidence_en": pl.Series([evidence_in_english(r) for r in rows], dtype=pl.String),
                "evidence_zh": pl.Series([evidence_in_chinese(r) for r in rows], dtype=pl.String),
                "companions": pl.Series(bought_with, dtype=pl.List(pl.String)),
            }
        )

    def _with_counts(self, scored: pl.DataFrame, cohort_id: str) -> pl.DataFrame:
        """With how often the cohort, and everyone, bought and viewed each product, and the sums."""
        own = self._counts.filter(pl.col("cohort_id") == cohort_id).drop("cohort_id")
        everyone = self._counts.filter(pl.col("cohort_id") == EVERYONE).select(
            "product_id", all_n_bought="n_bought", all_n_viewed="n_viewed"
        )
        joined = scored
        for counts in (own, everyone):
            joined = joined.join(
                counts, left_on="id", right_on="product_id", how="left", maintain_order="left"
            )
        return joined.with_columns(
            pl.col("n_bought", "n_viewed", "all_n_bought", "all_n_viewed").fill_null(0)
        ).with_columns(cohort_bought=pl.col("n_bought").sum(), everyone_bought=pl.col("all_n_bought").sum())
