"""Which products have customers in common: counts of pairs, the strongest of each product, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from adwright.recommend.histories import I64, Histories
from adwright.schema import F64

_BLOCK_VALUES = 20_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pairs:
    """Pairs of products with customers in common.

    Args:
        counts: (n_items, n_items) sparse: customers who had both, for the pairs that were kept.
        n_customers_of: (n_items,) customers who had each product.
        n_customers: Customers with any product.
    """

    counts: sparse.csr_matrix
    n_customers_of: F64
    n_customers: int


def companions(pairs: Pairs, item: int, *, n: int, fewest: int) -> list[int]:
    """At most n products that the customers of this one have more often than others do, the most shared first.

    Args:
        pairs: From `count_pairs`.
        item: Row of the catalogue.
        n: At most so many.
        fewest: Products shared by fewer customers are left out.
    """
    row = slice(pairs.counts.indptr[item], pairs.counts.indptr[item + 1])
    others, both = pairs.counts.indices[row], pairs.counts.data[row]
    by_chance = pairs.n_customers_of[item] * pairs.n_customers_of[others] / max(pairs.n_customers, 1)
    held = np.flatnonzero((both >= fewest) & (both > by_chance))
    order = held[np.argsort(-both[held], kind="stable")][:n]
    return [int(other) for other in others[order]]


def had(histories: Histories, *, max_history: int | None = None) -> sparse.csr_matrix:
    """(n, n_items) sparse: how surely the customer had the product, in (0, 1]; a purchase is 1.

    Views and additions add up to at most what a purchase is.

    Args:
        histories: Of n customers.
        max_history: Only so many of the latest interactions of each customer; all, if None.
    """
    weights = histories.weights
    if max_history is not None:
        lengths = np.diff(histories.indptr)
        age = np.repeat(histories.indptr[1:], lengths) - np.arange(len(weights)) - 1
        weights = np.where(age < max_history, weights, 0.0)
    table = histories.matrix(weights)
    table.data = np.minimum(table.data, 1.0)
    table.eliminate_zeros()
    return table


def count_pairs(histories: Histories, *, n_keep: int, shrinkage: float, max_history: int) -> Pairs:
    """The pairs of each product with the `n_keep` products most like it, by shrunk cosine.

    Rows of the table of all pairs are made a block at a time, so that memory is bounded by what is kept.

    Args:
        histories: Of all customers.
        n_keep: Pairs kept a product.
        shrinkage: Added to the cosine's denominator, see `shrunk_cosine`.
        max_history: Only so many of the latest interactions of each customer count: a customer with h products
            makes h^2 pairs.
    """
    table = had(histories, max_history=max_history)
    table.data = np.ones_like(table.data)
    of = np.asarray(table.sum(axis=0)).ravel().astype(np.float64)
    by_item = table.T.tocsr()
    lengths = np.diff(table.indptr)
    work = np.repeat(lengths, lengths)  # pairs that each entry makes
    per_item = np.bincount(table.indices, weights=work, minlength=histories.n_items)
    block_of = (np.cumsum(np.minimum(per_item, histories.n_items)) // _BLOCK_VALUES).astype(np.int64)
    blocks = []
    for block in range(int(block_of[-1]) + 1 if len(block_of) else 0):
        rows = np.flatnonzero(block_of == block)
        both = (by_item[rows] @ table).tocsr()
        both = _without_self(both, rows)
        both.sort_indices()  # `alike` is in the order of the entries
        alike = shrunk_cosine(both, rows, of, shrinkage)
        blocks.append(_strongest(both, alike, n_keep))
    counts = sparse.vstack(blocks, format="csr") if blocks else sparse.csr_matrix((histories.n_items,) * 2)
    return Pairs(counts=counts, n_customers_of=of, n_customers=int((np.diff(table.indptr) > 0).sum()))


def shrunk_cosine(both: sparse.csr_matrix, rows: I64, of: F64, shrinkage: float) -> F64:
    """(nnz,) n_ij / (sqrt(n_i n_j) + shrinkage) for the entries of `both`, whose rows are products `rows`.

    The shrinkage keeps two products with a single customer in common from being taken for twins.
    """
    first = np.repeat(of[rows], np.diff(both.indptr))
    value: F64 = both.data / (np.sqrt(first * of[both.indices]) + shrinkage)
    return value


def _without_self(both: sparse.csr_matrix, rows: I64) -> sparse.csr_matrix:
    first = np.repeat(rows, np.diff(both.indptr))
    both.data[both.indices == first] = 0.0
    both.eliminate_zeros()
    return both


def _strongest(both: sparse.csr_matrix, alike: F64, n_keep: int) -> sparse.csr_matrix:
    """The n_keep entries of each row where `alike` is highest; ties by column."""
    keep = np.ones(both.nnz, dtype=bool)
    for row in np.flatnonzero(np.diff(both.indptr) > n_keep):
        start, end = both.indptr[row], both.indptr[row + 1]
        order = np.argsort(-alike[start:end], kind="stable")
        keep[start + order[n_keep:]] = False
    row_of = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
    return sparse.csr_matrix((both.data[keep], (row_of[keep], both.indices[keep])), shape=both.shape)
