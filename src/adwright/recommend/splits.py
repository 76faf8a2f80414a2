"""Questions to judge recommenders by: what customers did before a moment, and what they bought after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import numpy as np
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
    if not may_return:
        later, asked = later.join(had, on=["customer_id", "product_id"], how="anti"), fresh
    ids = asked["customer_id"].unique().sort().to_list()
    return Task(
        histories=encode(past, product_ids, customer_ids=ids, customers=customers),
        targets=encode(later, product_ids, customer_ids=ids).matrix(),
        now=cut,
        seen_may_return=may_return,
    )


def task_of_rows(
    interactions: pl.DataFrame,
    product_ids: pl.Series,
    *,
    share: float,
    now: datetime,
    rng: np.random.Generator,
    customers: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, Task]:
    """A random share of the rows as the past, and the others as what is asked for.

    It flatters, since what came later tells of what came before; it is there for comparison with published figures.

    Args:
        interactions: `histories.COLUMNS`.
        product_ids: The catalogue.
        share: Of the rows that are the past, in (0, 1).
        now: When it is asked.
        rng: Draws the rows.
        customers: `id` and what else is known.
    """
    is_past = pl.Series(rng.permutation(interactions.height) < share * interactions.height)
    past, later = interactions.filter(is_past), interactions.filter(~is_past).filter(pl.col("kind") == "buy")
    later = later.join(past, on=["customer_id", "product_id"], how="anti")
    ids = later["customer_id"].unique().sort().to_list()
    return past, Task(
        histories=encode(past, product_ids, customer_ids=ids, customers=customers),
        targets=encode(later, product_ids, customer_ids=ids).matrix(),
        now=now,
        seen_may_return=False,
    )
