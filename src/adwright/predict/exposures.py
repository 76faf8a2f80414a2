"""Every exposure with all that came of it: click, purchase, order. What a joint model learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from adwright.predict.outcomes import read_orders
from adwright.predict.recipe import PredictRecipe
from adwright.predict.rows import Rows
from adwright.predict.table import Table
from adwright.schema import F64, Bools


@dataclass(frozen=True, slots=True, eq=False)
class Exposures:
    """n rows.

    Args:
        first: The outcomes of the first rate: clicks, or conversions where there is no click target.
        purchases: (n,) conversions given click, 0 where nobody clicked; None without both targets.
        knows_purchases: (n,) whether they are known.
        order_value: (n,) mean value of the row's orders, minor units; 0 where there are none.
        orders: (n,) orders.
    """

    first: Rows
    purchases: F64 | None
    knows_purchases: Bools
    order_value: F64
    orders: F64

    def __len__(self) -> int:
        return len(self.first)

    @property
    def frame(self) -> pl.DataFrame:
        """The feature columns."""
        return self.first.frame

    def joined(self, other: Exposures) -> Exposures:
        """These rows and then those."""
        both = self.purchases is not None and other.purchases is not None
        return Exposures(
            self.first.joined(other.first),
            np.concatenate([self.purchases, other.purchases]) if both else None,
            np.concatenate([self.knows_purchases, other.knows_purchases]),
            np.concatenate([self.order_value, other.order_value]),
            np.concatenate([self.orders, other.orders]),
        )


def learns_over_exposures(recipe: PredictRecipe) -> bool:
    """Whether conversions can be learned over all exposures: they are given click, none comes late or was left out.

    What is known of late and of left-out conversions (`observation`) is known of clicks' rows, not of exposures.
    """
    conversion = recipe.targets.conversion
    return recipe.targets.click is not None and conversion is not None and conversion.is_whole


def shows_purchases(recipe: PredictRecipe) -> bool:
    """Whether the table shows every purchase of every exposure, so that they can be counted."""
    return all(target.is_whole for target in recipe.rates.values()) and recipe.position is None


def read_exposures(table: Table, block: Bools) -> Exposures:
    """The exposures of a block that have an outcome of the first rate.

    Args:
        table: With at least one rate among its targets.
        block: (n,) which rows.
    """
    recipe = table.recipe
    name = next(iter(recipe.rates))
    first, place = table.rows(name, block, sparse.csr_matrix((int(block.sum()), 0)))
    purchases, known = None, np.ones(len(place), np.bool_)
    if len(recipe.rates) == 2:
        counts = table.counts("conversion")
        purchases = np.minimum(counts.successes[block][place], first.trials)
        known = np.asarray((first.successes == 0) | counts.known[block][place])
    value, count = np.zeros(len(place)), np.zeros(len(place))
    if recipe.targets.order_value is not None:
        orders = read_orders(table.frame, recipe)
        count = orders.count[block][place]
        value = np.where(count > 0, orders.sum_minor[block][place] / np.maximum(count, 1), 0.0)
    return Exposures(first, purchases, known, value, count)
