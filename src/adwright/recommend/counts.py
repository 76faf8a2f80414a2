"""What recommendations are explained with: how often products were bought and viewed, by everyone and by cohort, and
how many customers bought two of them. Sums over customers only; nobody's own history is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.recommend.histories import BUY, I64, KINDS, Histories
from adwright.recommend.pairs import Pairs, count_pairs
from adwright.schema import F64

_VIEW = KINDS.index("view")
_PAIRS_KEPT = 100
_MAX_HISTORY = 1_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Counts:
    """Sums over customers.

    Args:
        bought: (1 + n_cohorts, n_items) sparse: purchases; the first row everyone's, then each cohort's.
        viewed: The same of views.
        cohort_ids: The cohorts, in the order of the rows.
        pairs: Customers who bought both of two products.
    """

    bought: sparse.csr_matrix
    viewed: sparse.csr_matrix
    cohort_ids: tuple[str, ...]
    pairs: Pairs

    def row_of(self, cohort_id: str | None) -> int:
        """The row of a cohort; everyone's, where it is unknown."""
        return 1 + self.cohort_ids.index(cohort_id) if cohort_id in self.cohort_ids else 0

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {"cohort_ids": list(self.cohort_ids), "n_customers": self.pairs.n_customers}
        arrays = {"n_customers_of": self.pairs.n_customers_of}
        for name, table in (("bought", self.bought), ("viewed", self.viewed), ("pairs", self.pairs.counts)):
            arrays |= {f"{name}/{part}": getattr(table, part) for part in ("data", "indices", "indptr")}
        return values, arrays


def unpack_counts(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Counts:
    """The inverse of `Counts.pack`."""
    n_items = len(arrays["n_customers_of"])

    def table(name: str) -> sparse.csr_matrix:
        parts = tuple(arrays[f"{name}/{part}"] for part in ("data", "indices", "indptr"))
        return sparse.csr_matrix(parts, shape=(len(parts[2]) - 1, n_items))

    pairs = Pairs(
        counts=table("pairs"), n_customers_of=arrays["n_customers_of"], n_customers=int(values["n_customers"])
    )
    return Counts(
        bought=table("bought"), viewed=table("viewed"), cohort_ids=tuple(values["cohort_ids"]), pairs=pairs
    )


def count(histories: Histories) -> Counts:
    """The sums over all customers' histories; cohorts from `histories.customers`, where they are known.

    Args:
        histories: Of all customers.
    """
    known = histories.customers
    has = "cohort_id" in known.columns
    cohorts = known["cohort_id"] if has else pl.Series([None] * len(histories), dtype=pl.String)
    names = tuple(cohorts.drop_nulls().unique().sort().to_list())
    rows = cohorts.replace_strict({c: i + 1 for i, c in enumerate(names)}, default=0, return_dtype=pl.Int64)
    row = rows.fill_null(0).to_numpy()[histories.rows]
    bought, viewed = histories.kinds == BUY, histories.kinds == _VIEW
    return Counts(
        bought=_sums(row[bought], histories.items[bought], len(names), histories.n_items),
        viewed=_sums(row[viewed], histories.items[viewed], len(names), histories.n_items),
        cohort_ids=names,
        pairs=count_pairs(
            _only(histories, bought), n_keep=_PAIRS_KEPT, shrinkage=10.0, max_history=_MAX_HISTORY
        ),
    )


def _sums(row: I64, items: I64, n_cohorts: int, n_items: int) -> sparse.csr_matrix:
    """(1 + n_cohorts, n_items): everyone's in the first row, whatever their cohort."""
    own = row > 0
    ones: F64 = np.ones(len(items) + int(own.sum()))
    where = (np.concatenate([np.zeros(len(items), np.int64), row[own]]), np.concatenate([items, items[own]]))
    return sparse.csr_matrix((ones, where), shape=(1 + n_cohorts, n_items))


def _only(histories: Histories, keep: npt.NDArray[np.bool_]) -> Histories:
    """The histories with some of their interactions."""
    kept = np.bincount(histories.rows[keep], minlength=len(histories))
    return Histories(
        customer_ids=histories.customer_ids,
        indptr=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
        items=histories.items[keep],
        weights=histories.weights[keep],
        kinds=histories.kinds[keep],
        at_s=histories.at_s[keep],
        customers=histories.customers,
        n_items=histories.n_items,
    )
