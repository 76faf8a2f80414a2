"""What may be recommended: the shop's rules over any recommender, and what is on its shelf now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import ConfigError
from adwright.recommend.histories import BUY, I64, Histories
from adwright.schema import Bools

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesConfig:
    """`[recommend.rules]`.

    Args:
        in_stock: Leave out what is out of stock; what is unknown is taken to be there.
        not_again_days: Leave out what the customer bought within so many days; 0 for no such rule.
        only_categories: Only these categories and what is below them ("Home" holds "Home > Candles"); all, if empty.
        not_categories: Never these, nor what is below them.
        min_price_minor: Nothing below, at the price of the day; what has no price is left out where a limit is set.
        max_price_minor: Nothing above.
        max_per_category: At most so many of one category in an answer; 0 for no limit.
        diversity: How much likeness to what stands before counts against a product, in [0, 1); 0 for the
            plain ranking.
    """

    in_stock: bool = True
    not_again_days: float = 7.0
    only_categories: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    max_per_category: int = 0
    diversity: float = 0.0

    def __post_init__(self) -> None:
        for name in ("not_again_days", "max_per_category"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    "must not be negative", argument=f"recommend.rules.{name}", value=getattr(self, name)
                )
        if not 0 <= self.diversity < 1:
            raise ConfigError(
                "not a share", argument="recommend.rules.diversity", value=self.diversity, allowed="in [0, 1)"
            )
        low, high = self.min_price_minor, self.max_price_minor
        if low is not None and high is not None and low > high:
            raise ConfigError(
                "no price is between them", argument="recommend.rules.min_price_minor", value=low,
                allowed=f"at most max_price_minor = {high}",
            )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shelf:
    """The catalogue of today, in the order of a recommender's items.

    Args:
        products: (n_items, ...) columns of the table `products`; all null but `id` for what has left the catalogue.
        barred: (n_items,) what may not be recommended to anybody.
        category: (n_items,) code of the category; -1 where it has none.
        brand: (n_items,) code of the brand; -1 where it has none.
        group: (n_items,) code of the item group (one product in several sizes); -1 where it has none.
    """

    products: pl.DataFrame
    barred: Bools
    category: I64
    brand: I64
    group: I64


def make_shelf(product_ids: pl.Series, products: pl.DataFrame, rules: RulesConfig, now: datetime) -> Shelf:
    """The shelf, and what the rules take off it.

    Args:
        product_ids: A recommender's items.
        products: The catalogue of today, as the table `products`. What it holds and the recommender does not know
            needs a new fit.
        rules: The shop's.
        now: For sales prices.
    """
    here = products.with_columns(is_here=pl.lit(True))
    aligned = pl.DataFrame({"id": product_ids}).join(here, on="id", how="left", maintain_order="left")
    allowed = aligned.select(pl.col("is_here").fill_null(False) & _allowed(rules, now)).to_series()
    return Shelf(
        products=aligned.drop("is_here"),
        barred=~allowed.to_numpy(),
        category=_codes(aligned["product_type"]),
        brand=_codes(aligned["brand"]),
        group=_codes(aligned["item_group_id"]),
    )


def just_bought(histories: Histories, now: datetime, days: float) -> tuple[I64, I64]:
    """(rows, items) of what each customer bought within so many days.

    Args:
        histories: Of n customers.
        now: The present, aware.
        days: 0 for none.
    """
    fresh = (histories.kinds == BUY) & (histories.at_s > now.timestamp() - days * _DAY_S)
    return histories.rows[fresh], histories.items[fresh]


def is_in_stock() -> pl.Expr:
    """Whether a row of the catalogue can be bought; what is unknown is taken for yes."""
    return (pl.col("availability").fill_null("in_stock") != "out_of_stock") & (
        pl.col("quantity").fill_null(1) > 0
    )


def price_now(now: datetime) -> pl.Expr:
    """The price of the day, minor units: the sale's while it lasts."""
    on_sale = (
        pl.col("sale_price_minor").is_not_null()
        & (pl.col("sale_starts_at").is_null() | (pl.col("sale_starts_at") <= now))
        & (pl.col("sale_ends_at").is_null() | (pl.col("sale_ends_at") >= now))
    )
    return pl.when(on_sale).then("sale_price_minor").otherwise("price_minor")


def _allowed(rules: RulesConfig, now: datetime) -> pl.Expr:
    allowed = is_in_stock() if rules.in_stock else pl.lit(True)
    if rules.only_categories:
        allowed = allowed & _within(rules.only_categories)
    if rules.not_categories:
        allowed = allowed & ~_within(rules.not_categories)
    if rules.min_price_minor is not None:
        allowed = allowed & (price_now(now) >= rules.min_price_minor).fill_null(False)
    if rules.max_price_minor is not None:
        allowed = allowed & (price_now(now) <= rules.max_price_minor).fill_null(False)
    return allowed


def _within(categories: tuple[str, ...]) -> pl.Expr:
    """Whether the category is one of these or below one of them, however the `>` is spaced."""
    path = pl.col("product_type").fill_null("").str.replace_all(r"\s*>\s*", ">").str.strip_chars()
    wanted = [">".join(part.strip() for part in c.split(">")) for c in categories]
    return pl.any_horizontal(*((path == c) | path.str.starts_with(f"{c}>") for c in wanted))


def _codes(column: pl.Series) -> I64:
    """(n,) a number for each value; -1 for null."""
    codes: npt.NDArray[np.int64] = (
        column.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    )
    return codes
