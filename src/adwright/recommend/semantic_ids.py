"""Names for products that say what they are: products alike share the first codes of their ids.

A product's vector holds its words and attributes, and in whose histories it stands; the latter is estimated from
the former where there are few sales, so that a product never sold stands beside those it is like. The vectors are
quantised a level at a time, each level the residual of the one before (Rajput et al. 2023, Recommender systems with
generative retrieval, section 3.1, with k-means in place of their RQ-VAE). A last code tells products of like codes
apart, the most sold first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.recommend.histories import I64, Histories
from adwright.recommend.pairs import had
from adwright.recommend.words import product_words
from adwright.schema import F64, Bools

_N_HASHES = 32_768
_SIZE = 32
_FEW_SALES = 5.0
_RIDGE = 1.0
_LEARNED_FROM = 50_000
_ROUNDS = 15
_BLOCK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The prefixes of one length.

    Args:
        code: (n_nodes,) the last code of each prefix.
        first: (n_nodes,) the first of its products, in the order of the ids.
        stop: (n_nodes,) one past the last of them.
        node: (n_items,) the prefix of each product, in the order of the ids.
        share: (n_items,) what part of its prefix each product makes up, in the order of the ids.
    """

    code: I64
    first: I64
    stop: I64
    node: I64
    share: F64


@dataclass(frozen=True, eq=False)
class SemanticIds:
    """The ids of all products.

    Args:
        codes: (n_items, n_levels) a code a level; no two rows are alike.
        n_codes: Different codes of each level.
        counts: (n_items,) how often each product was had: where a branch is not looked into, its probability is
            shared out by counts, 1/2 added to each.
    """

    codes: I64
    n_codes: tuple[int, ...]
    counts: I64

    @cached_property
    def order(self) -> I64:
        """(n_items,) the products in the order of their ids."""
        return np.lexsort(self.codes.T[::-1]).astype(np.int64)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The prefixes of each length, from one code to whole ids."""
        held, worth = self.codes[self.order], self.counts[self.order] + 0.5
        new = np.zeros(len(held), dtype=bool)
        new[:1] = True
        found = []
        for column in held.T:
            new[1:] |= column[1:] != column[:-1]
            first = np.flatnonzero(new)
            stop = np.append(first[1:], len(held))
            node = np.cumsum(new) - 1
            share = worth / np.bincount(node, weights=worth)[node]
            found.append(Level(column[first], first, stop, node, share))
        return tuple(found)

    def children(self, level: int) -> Bools:
        """(n_nodes of the level before, n_codes) whether a product goes on with the code; one node at level 0."""
        at = self.levels[level]
        parents = np.zeros(len(at.code), np.int64) if level == 0 else self.levels[level - 1].node[at.first]
        exists = np.zeros((int(parents.max(initial=0)) + 1, self.n_codes[level]), dtype=bool)
        exists[parents, at.code] = True
        return exists


def make_ids(
    products: pl.DataFrame, histories: Histories, *, n_levels: int, n_codes: int, rng: np.random.Generator
) -> SemanticIds:
    """The ids of the catalogue's products.

    Args:
        products: As the table `products`; row i is item i.
        histories: Of all customers.
        n_levels: Codes before the last that tells apart.
        n_codes: Different codes a level.
        rng: Of the starting points.
    """
    codes = residual_kmeans(product_vectors(products, histories, rng), n_levels, n_codes, rng)
    counts = np.bincount(histories.items, minlength=histories.n_items)
    _, leaf = np.unique(codes, axis=0, return_inverse=True)
    order = np.lexsort((-counts, leaf))
    begins = np.flatnonzero(np.diff(leaf[order], prepend=-1))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    if rank.any():
        codes = np.column_stack([codes, rank])
    return SemanticIds(codes, tuple(int(held.max(initial=0)) + 1 for held in codes.T), counts)


def product_vectors(products: pl.DataFrame, histories: Histories, rng: np.random.Generator) -> F64:
    """(n_items, d) what products are, beside who has them; each half of length one where it is known.

    Args:
        products: As the table `products`; row i is item i.
        histories: Of all customers.
        rng: Of the random directions in which the tables are looked at.
    """
    words = product_words(products, _N_HASHES).astype(np.float64)
    of = words.getnnz(axis=0)
    words = words @ sparse.diags_array(np.log((1 + products.height) / (1 + of)))
    meaning = _unit(left_vectors(words, _SIZE, rng))
    table = had(histories)
    counts = table.getnnz(axis=0).astype(np.float64)
    rows = np.maximum(np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel()), 1e-12)
    columns = np.maximum(np.sqrt(counts), 1.0)
    alike = sparse.diags_array(1 / columns) @ table.T @ sparse.diags_array(1 / rows)
    company = _unit(left_vectors(sparse.csr_matrix(alike), _SIZE, rng))
    # where there are few sales, what the words say of the company counts
    weight = counts / (counts + _FEW_SALES)
    gram = meaning.T @ (weight[:, None] * meaning) + _RIDGE * np.eye(meaning.shape[1])
    told = meaning @ np.linalg.solve(gram, meaning.T @ (weight[:, None] * company))
    company = _unit(weight[:, None] * company + (1 - weight[:, None]) * told)
    return np.concatenate([meaning, company], axis=1)


def left_vectors(table: sparse.csr_matrix, size: int, rng: np.random.Generator) -> F64:
    """(n, <= size) the left singular vectors times the singular values, by random directions and two power rounds.

    Halko, Martinsson and Tropp 2011, algorithm 4.4.
    """
    size = min(size, *table.shape)
    if not table.nnz:
        return np.zeros((table.shape[0], size))
    seen = table @ rng.standard_normal((table.shape[1], min(size + 8, *table.shape)))
    for _ in range(2):
        seen = table @ (table.T @ np.linalg.qr(seen)[0])
    basis = np.linalg.qr(seen)[0]
    left, values, _ = np.linalg.svd((table.T @ basis).T, full_matrices=False)
    found: F64 = basis @ left[:, :size] * values[:size]
    return found


def residual_kmeans(vectors: F64, n_levels: int, n_codes: int, rng: np.random.Generator) -> I64:
    """(n, n_levels) the nearest centre of each level, the centres learned from what the levels before left over.

    Args:
        vectors: (n, d).
        n_levels: Levels.
        n_codes: Centres a level.
        rng: Of the starting points; of many vectors also which are learned from.
    """
    left = vectors.copy()
    codes = np.zeros((len(vectors), n_levels), dtype=np.int64)
    for level in range(n_levels):
        some = rng.choice(len(left), min(len(left), _LEARNED_FROM), replace=False)
        centres = _centres(left[some], n_codes, rng)
        codes[:, level] = _nearest(left, centres)
        left -= centres[codes[:, level]]
    return codes


def _centres(points: F64, n: int, rng: np.random.Generator) -> F64:
    """(n, d) centres by Lloyd's rounds; one that is left empty starts again at a point."""
    centres = points[rng.choice(len(points), min(n, len(points)), replace=False)].copy()
    for _ in range(_ROUNDS):
        nearest = _nearest(points, centres)
        n_of = np.bincount(nearest, minlength=len(centres))
        member = sparse.csr_matrix(
            (np.ones(len(points)), (nearest, np.arange(len(points)))), shape=(len(centres), len(points))
        )
        moved = member @ points / np.maximum(n_of, 1)[:, None]
        empty = n_of == 0
        moved[empty] = points[rng.integers(0, len(points), int(empty.sum()))]
        if np.allclose(moved, centres):
            break
        centres = moved
    return centres


def _nearest(points: F64, centres: F64) -> I64:
    half = 0.5 * (centres**2).sum(axis=1)
    found = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = np.argmax(points[part] @ centres.T - half, axis=1)
    return found


def _unit(rows: npt.NDArray[np.float64]) -> F64:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 1e-12, length, 1.0)
