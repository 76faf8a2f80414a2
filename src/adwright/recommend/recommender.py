"""Products for customers: recommenders, their blend, the shop's rules, and the evidence.

fit -> a Recommender (holds sums and models, no customer)
recommend(histories of today, catalogue of today) -> what, in which order, and why
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adwright.config import build, to_mapping
from adwright.errors import UsageError
from adwright.recommend.because import Because, explain
from adwright.recommend.blend import Blend
from adwright.recommend.config import RecommendConfig
from adwright.recommend.counts import Counts, count, unpack_counts
from adwright.recommend.diversity import diversify
from adwright.recommend.fitting import fit_blend
from adwright.recommend.histories import I64, Histories, encode
from adwright.recommend.models.model import F32, Progress
from adwright.recommend.models.registry import recommender_named
from adwright.recommend.ranking import best, blocks
from adwright.recommend.rules import RulesConfig, Shelf, just_bought, make_shelf
from adwright.schema import Bools
from adwright.store.archive import read_archive, write_archive

_CANDIDATES_A_PLACE = 5
_FEWEST_CANDIDATES = 50
_REASONS = 3

ANSWER: Mapping[str, Any] = {
    "customer_id": pl.String,
    "rank": pl.Int64,
    "product_id": pl.String,
    "score": pl.Float64,
    "because": pl.String,
    "because_products": pl.List(pl.String),
    "evidence_en": pl.String,
    "evidence_zh": pl.String,
}
"""The columns of what `Recommender.recommend` gives."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recommender:
    """A fitted recommender of a shop; from `fit_recommender` or `load_recommender`.

    Args:
        product_ids: What it knows; item i is `product_ids[i]`. A product that came later needs a new fit.
        blend: The recommenders and their weights.
        counts: Sums over customers, for the evidence.
        seen_may_return: Customers buy the same again; otherwise what they bought is left out.
        config: What it was fitted with.
        card: What was chosen, on what, and what could not be done.
    """

    product_ids: pl.Series
    blend: Blend
    counts: Counts
    seen_may_return: bool
    config: RecommendConfig
    card: Mapping[str, Any]

    def recommend(
        self,
        interactions: pl.DataFrame,
        products: pl.DataFrame,
        customer_ids: Sequence[str],
        *,
        now: datetime,
        n: int = 10,
        customers: pl.DataFrame | None = None,
        rules: RulesConfig | None = None,
    ) -> pl.DataFrame:
        """At most n rows a customer, with the columns of `ANSWER`, in the order of `customer_ids`.

        A customer without history gets what is popular in their cohort. Where the rule "not again" would
        leave a customer nothing at all, it is lifted for them; the other rules never are.

        Args:
            interactions: What is known of these customers, `histories.COLUMNS`; of others and later than `now` does
                no harm.
            products: The catalogue of today.
            customer_ids: For whom; unknown ones are no error.
            now: The present, aware.
            n: Places.
            customers: `id`, `cohort_id` and what else is known of them.
            rules: The shop's; the recipe's, if None.

        Raises:
            UsageError: n below 1, `now` without a zone, or a customer twice.
        """
        _check_aware(now)
        shelf = self.shelf(products, now=now, rules=rules)
        histories = encode(
            _known(interactions, now),
            self.product_ids,
            customer_ids=customer_ids,
            customers=customers,
            checked=True,
        )
        items, scores = self.rank(histories, shelf, now=now, n=n, rules=rules)
        return self._answer(histories, shelf, items, scores, now)

    def shelf(self, products: pl.DataFrame, *, now: datetime, rules: RulesConfig | None = None) -> Shelf:
        """The catalogue of today as the recommender sees it; make it once for many requests."""
        return make_shelf(self.product_ids, products, rules or self.config.rules, now)

    def rank(
        self,
        histories: Histories,
        shelf: Shelf,
        *,
        now: datetime,
        n: int = 10,
        rules: RulesConfig | None = None,
    ) -> tuple[I64, F32]:
        """(n_customers, n) items and their scores, the best first; -1 and -inf where there are no more.

        Args:
            histories: Of the customers, over `product_ids`.
            shelf: From `shelf`.
            now: The present, aware.
            n: Places.
            rules: The shop's; the recipe's, if None.
        """
        if n < 1:
            raise UsageError("too few products asked for", argument="n", value=n, allowed="at least 1")
        rules = rules or self.config.rules
        plain = rules.diversity == 0 and rules.max_per_category == 0
        wide = n if plain else max(_CANDIDATES_A_PLACE * n, _FEWEST_CANDIDATES)
        items = np.full((len(histories), n), -1, dtype=np.int64)
        scores = np.full((len(histories), n), -np.inf, dtype=np.float32)
        for rows in blocks(len(histories), histories.n_items):
            part = histories.take(rows)
            barred = self._barred(part, shelf, now=now, days=rules.not_again_days)
            candidates, reached = best(self.blend.score(part, now), wide, barred=barred)
            items[rows], scores[rows] = diversify(
                candidates,
                reached,
                shelf,
                n=n,
                diversity=rules.diversity,
                max_per_category=rules.max_per_category,
            )
        return items, scores

    def because(
        self, histories: Histories, shelf: Shelf, items: I64, *, now: datetime
    ) -> list[list[Because | None]]:
        """The evidence for each of the (n_customers, k) items; None where there is no item."""
        support = self.blend.support(histories, items, _REASONS)
        return explain(histories, items, support, counts=self.counts, shelf=shelf, now=now)

    def save(self, folder: Path) -> None:
        """Writes the recommender; raises `StoreError` where the disk fails."""
        values: dict[str, Any] = {
            "product_ids": self.product_ids.to_list(),
            "weights": dict(self.blend.weights),
            "seen_may_return": self.seen_may_return,
            "config": to_mapping(self.config),
            "models": {},
        }
        values["counts"], held = self.counts.pack()
        arrays = {f"counts/{name}": array for name, array in held.items()}
        for name, model in self.blend.models.items():
            values["models"][name], own = model.pack()
            arrays |= {f"models/{name}/{key}": array for key, array in own.items()}
        write_archive(folder, values=values, arrays=arrays, card=self.card)

    def _barred(self, histories: Histories, shelf: Shelf, *, now: datetime, days: float) -> Bools:
        """(n, n_items) what may not stand in the answer."""
        own = np.zeros((len(histories), histories.n_items), dtype=bool)
        own[just_bought(histories, now, days)] = True
        if not self.seen_may_return:
            own |= histories.bought()
        barred: Bools = own | shelf.barred
        nothing_left = barred.all(axis=1)
        barred[nothing_left] = shelf.barred
        return barred

    def _answer(
        self, histories: Histories, shelf: Shelf, items: I64, scores: F32, now: datetime
    ) -> pl.DataFrame:
        rows = [
            {
                "customer_id": histories.customer_ids[row],
                "rank": place + 1,
                "product_id": self.product_ids[int(items[row, place])],
                "score": float(scores[row, place]),
                "because": reason.kind,
                "because_products": list(reason.product_ids),
                "evidence_en": reason.text["en"],
                "evidence_zh": reason.text["zh"],
            }
            for row, own in enumerate(self.because(histories, shelf, items, now=now))
            for place, reason in enumerate(own)
            if reason is not None
        ]
        return pl.DataFrame(rows, schema=dict(ANSWER))


def fit_recommender(
    interactions: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame | None = None,
    *,
    now: datetime,
    config: RecommendConfig | None = None,
    rng: np.random.Generator | None = None,
    progress: Progress = lambda _: None,
) -> Recommender:
    """A recommender from what was known at `now`.

    Args:
        interactions: `histories.COLUMNS`: customer_id, product_id, at, kind (view, add, buy), weight. What is
            later than `now` is left out.
        products: The catalogue, as the table `products`; nothing else is ever recommended.
        customers: `id`, `cohort_id` and what else is known; None where nothing is.
        now: The present, aware.
        config: The recipe's `[recommend]`; the defaults, if None.
        rng: Of whatever is random; seed 0, if None.
        progress: Takes a line a step.

    Raises:
        UsageError: `now` without a zone.
        DataError: an empty catalogue, an absent column, an unknown kind, an id twice.
        NotFoundError: an unknown recommender.
    """
    config = config or RecommendConfig()
    _check_aware(now)
    known = _known(interactions, now)
    fitted = fit_blend(
        known,
        products,
        customers,
        config=config,
        now=now,
        rng=rng or np.random.default_rng(0),
        progress=progress,
    )
    histories = encode(known, products["id"], customers=customers)
    card = {
        "fitted_at": now.isoformat(),
        "n_interactions": len(histories.items),
        "n_customers": len(histories),
        "n_products": products.height,
        **fitted.summary(),
    }
    return Recommender(
        product_ids=products["id"],
        blend=fitted.blend,
        counts=count(histories),
        seen_may_return=fitted.seen_may_return,
        config=config,
        card=card,
    )


def _check_aware(now: datetime) -> None:
    """Raises `UsageError` for a time without a zone."""
    if now.tzinfo is None:
        raise UsageError("a time without a zone", argument="now", value=now, allowed="an aware datetime")


def _known(interactions: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Without what comes later."""
    return interactions.filter(pl.col("at").is_null() | (pl.col("at") <= now))


def load_recommender(folder: Path) -> Recommender:
    """What `Recommender.save` wrote; raises `DataError` where it is missing, damaged or of a newer format."""
    values, arrays, card = read_archive(folder)

    def under(prefix: str) -> dict[str, Any]:
        return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}

    models = {
        name: recommender_named(name).unpack(held, under(f"models/{name}/"))
        for name, held in values["models"].items()
    }
    return Recommender(
        product_ids=pl.Series("id", values["product_ids"], dtype=pl.String),
        blend=Blend(models, values["weights"]),
        counts=unpack_counts(values["counts"], under("counts/")),
        seen_may_return=bool(values["seen_may_return"]),
        config=build(RecommendConfig, values["config"]),
        card=card,
    )
