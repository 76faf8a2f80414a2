"""Products that nobody had yet: they get a part of what the sold products get whose words are most like theirs.

    score(u, j) = t m_j sum over neighbours i of  a_ji score(u, i),   a_ji = cos(w_j, w_i) / sum over them of cos

with w the words, tags and price level of a product (TF-IDF), the neighbours the `N_NEIGHBOURS` sold products with the
largest cosine, m_j that largest cosine, and t in [0, 1] the trust in it. 0 is the score of the mean product.

A shop learns nothing of what it never shows, so t is the largest value of several that costs no more than half a
standard error of the NDCG on `tune`, not the best there.

Holds when: products are described. Does not cover: catalogues of more than `MOST` products without sales, of which
the first so many take part; a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from scipy import sparse

from adwright.recommend.histories import I64, Histories
from adwright.recommend.metrics import hits, n_relevant, ndcg
from adwright.recommend.models.model import F32, Task
from adwright.recommend.ranking import Scorer, asked_about, rank_task
from adwright.recommend.words import product_words
from adwright.schema import F64

TRUSTS = (1.0, 0.75, 0.5, 0.25)
UNTRIED = 0.5
"""The trust where no tune block chooses it."""

MOST = 50_000
N_NEIGHBOURS = 10
_SOLD = 20_000
_HASHES = 32_768
_BLOCK = 2_000
_K = 10


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Newcomers:
    """Products without sales, and those that they are like.

    Args:
        items: (c,) their rows of the catalogue.
        alike: (c, n_items) sparse: m_j a_ji.
        trust: t.
    """

    items: I64
    alike: sparse.csr_matrix
    trust: float

    def lifted(self, scores: F32) -> F32:
        """(n, n_items) the scores, with those of the newcomers in their place."""
        found = scores.copy()
        found[:, self.items] = np.float32(self.trust) * np.asarray((self.alike @ scores.T).T)
        return found

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) for each newcomer the products of the history that it is most like; else -1."""
        found = np.full((*items.shape, n), -1, dtype=np.int64)
        place = {int(item): row for row, item in enumerate(self.items)}
        for row, own in enumerate(items):
            history = histories.items[histories.indptr[row] : histories.indptr[row + 1]]
            for k, item in enumerate(own):
                if int(item) not in place:
                    continue
                like = self.alike[place[int(item)]]
                inside = np.isin(like.indices, history)
                order = np.argsort(-like.data[inside], kind="stable")[:n]
                found[row, k, : len(order)] = like.indices[inside][order]
        return found


def find_newcomers(
    products: pl.DataFrame, histories: Histories, *, trust: float, notes: list[str]
) -> Newcomers | None:
    """The products that nobody had and that are described; None without any, or where nothing sold is like them.

    Args:
        products: The catalogue; row i is item i.
        histories: Of all customers.
        trust: t.
        notes: Told where there are too many.
    """
    counts = np.bincount(histories.items, minlength=products.height)
    told = products.select(
        pl.any_horizontal(pl.col("title", "description", "product_type", "brand", "attributes").is_not_null())
    ).to_series()
    described = told.to_numpy()
    cold = np.flatnonzero((counts == 0) & described)
    sold = np.flatnonzero((counts > 0) & described)
    if len(cold) > MOST:
        note = f"of {len(cold):,} products without sales the first {MOST:,} can be recommended by their words"
        notes += [] if note in notes else [note]
        cold = cold[:MOST]
    sold = np.sort(sold[np.argsort(-counts[sold], kind="stable")[:_SOLD]])
    if not len(cold) or not len(sold):
        return None
    words = product_words(products[np.concatenate([cold, sold])], _HASHES)
    of = words.getnnz(axis=0)
    words = sparse.csr_matrix(words @ sparse.diags_array(np.log((1 + words.shape[0]) / (1 + of))))
    length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    words = sparse.csr_matrix(sparse.diags_array(1 / np.maximum(length, 1e-12)) @ words)
    likeness = sparse.vstack(
        [
            _nearest(words[start : min(start + _BLOCK, len(cold))], words[len(cold) :])
            for start in range(0, len(cold), _BLOCK)
        ],
        format="csr",
    )
    row = np.repeat(np.arange(len(cold)), np.diff(likeness.indptr))
    alike = sparse.csr_matrix(
        (likeness.data, (row, sold[likeness.indices])), shape=(len(cold), products.height)
    )
    some = np.flatnonzero(np.diff(alike.indptr) > 0)
    if not len(some):
        return None
    return Newcomers(items=cold[some].astype(np.int64), alike=alike[some].astype(np.float32), trust=trust)


def choose_trust(models: Scorer, newcomers: Newcomers, task: Task) -> float:
    """The largest of `TRUSTS` that costs no more than half a standard error on `task`; 0 where each costs more.

    Args:
        models: What scores, without the newcomers.
        newcomers: Found without what `task` asks for.
        task: Tune.
    """
    asked = asked_about(task)
    part = replace(task, histories=task.histories.take(asked), targets=task.targets[asked])

    def quality(trust: float) -> F64:
        ranked = rank_task(_Lifted(models, replace(newcomers, trust=trust)), part, _K)
        return ndcg(hits(ranked, part.targets), n_relevant(part.targets), _K)

    without = ndcg(hits(rank_task(models, part, _K), part.targets), n_relevant(part.targets), _K)
    for trust in TRUSTS:
        lost = without - quality(trust)
        if lost.mean() <= 0.5 * lost.std() / np.sqrt(len(lost)):
            return trust
    return 0.0


@dataclass(frozen=True, slots=True)
class _Lifted:
    models: Scorer
    newcomers: Newcomers

    def score(self, histories: Histories, now: datetime) -> F32:
        """As `models`, with the newcomers."""
        return self.newcomers.lifted(self.models.score(histories, now))


def _nearest(cold: sparse.csr_matrix, sold: sparse.csr_matrix) -> sparse.csr_matrix:
    """(c, s) the cosines of the nearest, each over their sum, times the largest of them."""
    cosines = sparse.csr_matrix(cold @ sold.T)
    columns, values, ends = [], [], [0]
    for row in range(cosines.shape[0]):
        own = slice(cosines.indptr[row], cosines.indptr[row + 1])
        order = np.argsort(-cosines.data[own], kind="stable")[:N_NEIGHBOURS]
        held = cosines.data[own][order]
        columns.append(cosines.indices[own][order])
        values.append(held / max(held.sum(), 1e-12) * held.max(initial=0.0))
        ends.append(ends[-1] + len(order))
    return sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.asarray(ends)), shape=cosines.shape
    )
