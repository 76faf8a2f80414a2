"""What customers did with products, as arrays: what models learn from and what they are asked about.

A model keeps no customer. It is given histories when it is fitted and others when it is asked, so that what
happened since, and customers who came since, count without a new fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.schema import F64, Bools

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]

KINDS = ("view", "add", "buy")
"""What an interaction can be; `Histories.kinds` counts into it."""

BUY = KINDS.index("buy")
COLUMNS = ("customer_id", "product_id", "at", "kind", "weight")
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Histories:
    """The histories of n customers, one after the other, each in the order of time.

    Args:
        customer_ids: n ids.
        indptr: (n + 1,) the history of customer i is `items[indptr[i]:indptr[i + 1]]`; it may be empty.
        items: (m,) rows of the catalogue, the oldest first within a customer.
        weights: (m,) what the interaction counts, not faded; a purchase 1.
        kinds: (m,) index into `KINDS`.
        at_s: (m,) seconds since 1970; NaN where the data has no time.
        customers: (n, ...) what else is known, row by row: `cohort_id`, `language` and attributes where known.
        n_items: Length of the catalogue.
    """

    customer_ids: tuple[str, ...]
    indptr: I64
    items: I64
    weights: F64
    kinds: I8
    at_s: F64
    customers: pl.DataFrame
    n_items: int

    def __len__(self) -> int:
        return len(self.customer_ids)

    @property
    def rows(self) -> I64:
        """(m,) the customer of each interaction."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def faded(self, now_s: float, half_life_days: float) -> F64:
        """(m,) the weights, half after each half-life; what has no time is as of now."""
        age_days = np.nan_to_num((now_s - self.at_s) / _DAY_S, nan=0.0)
        faded: F64 = self.weights * 0.5 ** (np.maximum(age_days, 0.0) / half_life_days)
        return faded

    def matrix(self, values: F64 | None = None) -> sparse.csr_matrix:
        """(n, n_items) sparse sums of the values of each customer with each product.

        Args:
            values: (m,) one a interaction; the weights, if None.
        """
        held = self.weights if values is None else values
        table = sparse.csr_matrix((held, self.items, self.indptr), shape=(len(self), self.n_items))
        table.sum_duplicates()
        return table

    def bought(self) -> Bools:
        """(n, n_items) whether the customer bought the product."""
        found = np.zeros((len(self), self.n_items), dtype=bool)
        buys = self.kinds == BUY
        found[self.rows[buys], self.items[buys]] = True
        return found

    def take(self, rows: Sequence[int] | npt.NDArray[Any]) -> Histories:
        """The same for some of the customers (indices)."""
        index = np.asarray(rows, dtype=np.int64)
        lengths = np.diff(self.indptr)[index]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        keep = np.repeat(self.indptr[index] - indptr[:-1], lengths) + np.arange(indptr[-1])
        return Histories(
            customer_ids=tuple(self.customer_ids[i] for i in index),
            indptr=indptr,
            items=self.items[keep],
            weights=self.weights[keep],
            kinds=self.kinds[keep],
            at_s=self.at_s[keep],
            customers=self.customers[index],
            n_items=self.n_items,
        )


def encode(
    interactions: pl.DataFrame,
    product_ids: pl.Series,
    *,
    customer_ids: Sequence[str] | None = None,
    customers: pl.DataFrame | None = None,
    checked: bool = False,
) -> Histories:
    """The histories of these customers with the products of the catalogue; other products are left out.

    Args:
        interactions: `COLUMNS`: customer_id, product_id, at (null where unknown), kind, weight.
        product_ids: The catalogue: row i is item i. Unique.
        customer_ids: For whom, in this order; everyone with an interaction, by id, if None.
        customers: `id` and what else is known of them; at most one row each.
        checked: The catalogue's ids are known to be unique: a large catalogue is not looked through again.

    Raises:
        DataError: an absent column, a kind that is none of `KINDS`, or a product or customer twice.

    >>> from datetime import UTC, datetime
    >>> bought = pl.DataFrame({"customer_id": ["b", "a"], "product_id": ["y", "x"], "kind": "buy", "weight": 1.0,
    ...                        "at": [datetime(2026, 1, 1, tzinfo=UTC)] * 2})
    >>> encode(bought, pl.Series(["x", "y"])).matrix().toarray().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    _check(interactions)
    if not checked:
        _unique(product_ids, "products")
    if customer_ids is None:
        customer_ids = interactions["customer_id"].drop_nulls().unique().sort().to_list()
    wanted = pl.DataFrame({"customer_id": pl.Series(customer_ids, dtype=pl.String)}).with_row_index("row")
    _unique(wanted["customer_id"], "customer_ids")
    catalogue = pl.DataFrame({"product_id": product_ids.cast(pl.String)}).with_row_index("item")
    known = (
        interactions.select(COLUMNS)
        .join(wanted, on="customer_id", how="inner")
        .join(catalogue, on="product_id", how="inner")
        .sort("row", "at", maintain_order=True)
    )
    counts = np.bincount(known["row"].to_numpy(), minlength=wanted.height)
    at_s = known["at"].dt.epoch("us").cast(pl.Float64) / 1e6
    return Histories(
        customer_ids=tuple(customer_ids),
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        items=known["item"].to_numpy().astype(np.int64),
        weights=known["weight"].to_numpy().astype(np.float64),
        kinds=known["kind"]
        .replace_strict({k: i for i, k in enumerate(KINDS)}, return_dtype=pl.Int8)
        .to_numpy(),
        at_s=at_s.fill_null(float("nan")).to_numpy(),
        customers=_known_of(wanted, customers),
        n_items=catalogue.height,
    )


def _known_of(wanted: pl.DataFrame, customers: pl.DataFrame | None) -> pl.DataFrame:
    """(n, ...) the rows of `customers` in the order wanted; null where a customer has none."""
    if customers is None:
        return wanted.select(id="customer_id")
    _unique(customers["id"], "customers")
    return wanted.select(id="customer_id").join(customers, on="id", how="left", maintain_order="left")


def _check(interactions: pl.DataFrame) -> None:
    absent = [name for name in COLUMNS if name not in interactions.columns]
    if absent:
        raise DataError("interactions lack a column", argument="interactions", value=", ".join(absent))
    strange = set(interactions["kind"].unique()) - set(KINDS)
    if strange:
        raise DataError(
            "no such kind of interaction", argument="kind", value=strange.pop(), allowed=", ".join(KINDS)
        )


def _unique(ids: pl.Series, name: str) -> None:
    if ids.is_duplicated().any():
        twice = ids.filter(ids.is_duplicated())[0]
        raise DataError("an id stands there twice", argument=name, value=twice, hint="Keep one row an id")
