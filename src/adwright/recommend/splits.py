"""Questions to judge recommenders by: what customers did before a moment, and what they bought after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from adwright.errors import DataError
from adwright.recommend.histories import encode
from adwright.recommend.models.model import Task

Target = Literal["all", "next_basket"]
Repeats = Literal["auto", "yes", "no"]

_BASKET = timedelta(hours=1)
_FEW_REPEATS = 0.02


def time_of_share(interactions: pl.DataFrame, share: float) -> datetime:
    """The moment before which this share of the interactions took place.

    Args:
        interactions: `histories.COLUMNS`.
        share: In (0, 1).

    Raises:
        DataError: an interaction has no time, or all have the same.
    """
    times = interactions["at"]
    if times.is_empty() or times.null_count():
        raise DataError(
            "a split by time needs the time of every interaction",
            argument="at",
            value="none" if times.is_empty() else f"{times.null_count():,} are null",
        )
    at: datetime = times.sort()[min(int(share * len(times)), len(times) - 1)]
    if at == times.min():
        raise DataError("all interactions have one time, nothing came later", argument="at", value=str(at))
    return at


def task_after(
    interactions: pl.DataFrame,
    product_ids: pl.Series,
    *,
    cut: datetime,
    until: datetime | None = None,
    customers: pl.DataFrame | None = None,
    target: Target = "all",
    repeats: Repeats = "auto",
) -> Task:
    """Histories before the cut, and what was bought from it on, for every customer who bought then.

    Customers without a history take part: they are the cold start.

    Args:
        interactions: `histories.COLUMNS`, all of them.
        product_ids: The catalogue.
        cut: The first moment that is asked about.
        until: The first moment that is not; None for the end.
        customers: `id` and what else is known.
        target: All purchases of the block, or only the next basket (what was bought within an hour of the first).
        repeats: Whether what a customer had may be asked for again. `auto`: where at least 2 % of the
            purchases were such.
    """
    later = interactions.filter(pl.col("kind") == "buy", pl.col("at") >= cut)
    if until is not None:
        later = later.filter(pl.col("at") < until)
    if target == "next_basket":
        later = later.filter(pl.col("at") <= pl.col("at").min().over("customer_id") + _BASKET)
    past = interactions.filter(pl.col("at") < cut)
    had = past.filter(pl.col("kind") == "buy").select("customer_id", "product_id").unique()
    asked = later.select("customer_id", "product_id").unique()
    fresh = asked.join(had, on=["customer_id", "product_id"], how="anti")
    may_return = repeats == "yes" or (
        repeats == "auto" and fresh.height < (1 - _FEW_REPEATS) * max(asked.height, 1)
    )
    ids = (asked if may_return else fresh)["customer_id"].unique().sort().to_list()
    return _task(past, later, product_ids, ids, customers=customers, cut=cut, may_return=may_return)


def _task(
    past: pl.DataFrame,
    later: pl.DataFrame,
    product_ids: pl.Series,
    ids: Sequence[str],
    *,
    customers: pl.DataFrame | None,
    cut: datetime,
    may_return: bool,
) -> Task:
    histories = encode(past, product_ids, customer_ids=ids, customers=customers)
    targets = encode(later, product_ids, customer_ids=ids).matrix()
    if not may_return:
        targets = targets.multiply(histories.matrix() == 0).tocsr() if targets.nnz else targets
        targets.eliminate_zeros()
    return Task(histories=histories, targets=targets, now=cut, seen_may_return=may_return)
