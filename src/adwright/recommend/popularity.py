"""Popularity within a cohort, fading with time, drawn towards the popularity among all.

With c(p) the faded interactions of the cohort with product p and C their sum, n(p) and N the same among
all customers, and f(p) what stock and rating say:

    overall  q(p) = (n(p) + a f(p)) / (N + a)
    score    s(p) = (c(p) + b q(p)) / (C + b)

Both sum to 1 over the catalogue: the score is the share of the cohort's next interactions that the
product is expected to get, the mean of a Dirichlet posterior whose prior is q with weight b. A new cohort
is offered what sells overall; without any sales, what is well rated and well stocked. Products that are
out of stock take part in the sums and are left out of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.recommend.evidence import evidence_in_chinese, evidence_in_english
from adwright.recommend.interactions import product_interactions
from adwright.schema import EVERYONE

_UNRATED = 2.5
_ENOUGH_STOCK = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig:
    """How popularity is counted.

    Args:
        half_life_days: After so many days an interaction counts half.
        prior_weight: b: how many faded interactions the overall popularity is worth to a cohort.
        stock_weight: a: how many the catalogue's own facts are worth to the overall popularity.
        view_weight: What a view counts, where a bought order line counts 1.
        add_weight: What adding to the basket counts.
    """

    half_life_days: float = 30.0
    prior_weight: float = 20.0
    stock_weight: float = 1.0
    view_weight: float = 0.05
    add_weight: float = 0.2

    def __post_init__(self) -> None:
        for name in ("half_life_days", "prior_weight", "stock_weight"):
            if getattr(self, name) <= 0:
                raise UsageError("must be positive", argument=name, value=getattr(self, name))
        for name in ("view_weight", "add_weight"):
            if getattr(self, name) < 0:
                raise UsageError("must not be negative", argument=name, value=getattr(self, name))


class PopularityRecommender:
    """Ranks products for a cohort.

    Args:
        config: How popularity is counted.
    """

    def __init__(self, config: PopularityConfig | None = None) -> None:
        self._config = config or PopularityConfig()
        self._table: pl.DataFrame | None = None
        self._by_cohort: dict[str, pl.DataFrame] = {}

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
        counted = product_interactions(
            events,
            order_lines,
            now=now,
            half_life_days=self._config.half_life_days,
            weights={"view": self._config.view_weight, "add": self._config.add_weight, "buy": 1.0},
        ).join(products.select(product_id="id"), on="product_id", how="semi")
        overall = _summed(counted, ["product_id"])
        self._table = _with_prior(products, overall, self._config)
        by_cohort = _summed(
            counted.join(membership, on="customer_id", how="inner"), ["cohort_id", "product_id"]
        )
        self._by_cohort = {
            str(cohort): frame
            for (cohort,), frame in by_cohort.partition_by("cohort_id", as_dict=True).items()
        }
        self._by_cohort[EVERYONE] = overall
        return self

    def recommend(self, cohort_id: str, n: int = 10) -> pl.DataFrame:
        """The n best products in stock: product_id, score, evidence_en, evidence_zh; the best first.

        Args:
            cohort_id: A cohort; one without interactions gets what is popular overall.
            n: At most so many rows.

        Raises:
            UsageError: not fitted, or n below 1.
        """
        if self._table is None:
            raise UsageError("not fitted", hint="Call fit first")
        if n < 1:
            raise UsageError("too few products asked for", argument="n", value=n, allowed="at least 1")
        scored = _scored(self._table, self._by_cohort.get(cohort_id), self._config.prior_weight)
        best = scored.filter("is_in_stock").sort(["score", "id"], descending=[True, False]).head(n)
        rows = list(best.iter_rows(named=True))
        return pl.DataFrame(
            {
                "product_id": best["id"],
                "score": best["score"],
                "evidence_en": pl.Series([evidence_in_english(r) for r in rows], dtype=pl.String),
                "evidence_zh": pl.Series([evidence_in_chinese(r) for r in rows], dtype=pl.String),
            }
        )


def _summed(counted: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return counted.group_by(by).agg(
        pl.col("weight").sum(), pl.col("n_bought").sum(), pl.col("n_viewed").sum()
    )


def _with_prior(products: pl.DataFrame, overall: pl.DataFrame, config: PopularityConfig) -> pl.DataFrame:
    """The catalogue with the overall popularity q, and what the evidence needs."""
    table = products.select("id", "rating", "quantity", "availability").join(
        overall, left_on="id", right_on="product_id", how="left", maintain_order="left"
    )
    weight = table["weight"].fill_null(0.0).to_numpy()
    facts = _facts(table)
    prior = (weight + config.stock_weight * facts / facts.sum()) / (weight.sum() + config.stock_weight)
    return table.select(
        "id",
        "rating",
        "quantity",
        pl.Series("prior", prior),
        pl.col("n_bought", "n_viewed").fill_null(0).name.prefix("all_"),
        is_in_stock=_is_in_stock(),
    )


def _is_in_stock() -> pl.Expr:
    return (pl.col("availability").fill_null("in_stock") != "out_of_stock") & (
        pl.col("quantity").fill_null(1) > 0
    )


def _facts(table: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(n,) how well rated (squared) and stocked a product is; positive. Unknown ratings count 2.5 of 5."""
    rating = table["rating"].fill_null(_UNRATED).to_numpy() + 0.1
    stock = np.minimum(table["quantity"].fill_null(int(_ENOUGH_STOCK)).to_numpy(), _ENOUGH_STOCK)
    facts: np.ndarray[tuple[int], np.dtype[np.float64]] = rating**2 * (1.0 + stock)
    return facts


def _scored(table: pl.DataFrame, cohort: pl.DataFrame | None, prior_weight: float) -> pl.DataFrame:
    if cohort is None:
        return table.with_columns(
            score="prior", n_bought=pl.lit(0), n_viewed=pl.lit(0), cohort_bought=pl.lit(0)
        ).with_columns(everyone_bought=pl.col("all_n_bought").sum())
    joined = table.join(
        cohort.select("product_id", "weight", "n_bought", "n_viewed"),
        left_on="id",
        right_on="product_id",
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("weight").fill_null(0.0), pl.col("n_bought", "n_viewed").fill_null(0))
    total = pl.col("weight").sum()
    return joined.with_columns(
        score=(pl.col("weight") + prior_weight * pl.col("prior")) / (total + prior_weight),
        cohort_bought=pl.col("n_bought").sum(),
        everyone_bought=pl.col("all_n_bought").sum(),
    )
