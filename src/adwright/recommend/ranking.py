"""From scores to the best products, a block of customers at a time so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from adwright.recommend.histories import I64, Histories
from adwright.recommend.metrics import hits, n_relevant, ndcg
from adwright.recommend.models.model import F32, Task
from adwright.schema import Bools

_BLOCK_SCORES = 16_000_000
_SCORES_TO_CHOOSE = 300_000_000
_CUSTOMERS_TO_CHOOSE = (100, 3_000)


class Scorer(Protocol):
    """What scores every product for every customer; see `models.model.FittedRecommender.score`."""

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items)."""
        ...


def best(scores: F32, k: int, *, barred: Bools | None = None) -> tuple[I64, F32]:
    """(n, k) items by falling score, and their scores; -1 and -inf where there are no more.

    Equal scores stand in the order of the catalogue.

    Args:
        scores: (n, n_items).
        k: How many.
        barred: (n, n_items) or (n_items,) True for what must not stand there.
    """
    n, n_items = scores.shape
    held = scores if barred is None else np.where(barred, -np.inf, scores).astype(np.float32)
    k_held = min(k, n_items)
    if k_held < n_items:
        # the k-th largest value cuts; ties at the cut are settled by the catalogue's order below
        cut = -np.partition(-held, k_held - 1, axis=1)[:, k_held - 1 : k_held]
        found = np.empty((n, k_held), dtype=np.int64)
        for row in range(n):
            items = np.flatnonzero(held[row] >= cut[row])
            found[row] = items[np.argsort(-held[row, items], kind="stable")[:k_held]]
    else:
        found = np.argsort(-held, axis=1, kind="stable").astype(np.int64)
    values = np.take_along_axis(held, found, axis=1)
    items = np.full((n, k), -1, dtype=np.int64)
    top = np.full((n, k), -np.inf, dtype=np.float32)
    items[:, :k_held] = np.where(np.isfinite(values), found, -1)
    top[:, :k_held] = values
    return items, top


def blocks(n: int, n_items: int) -> Iterator[npt.NDArray[np.int64]]:
    """Rows 0 .. n - 1 in blocks whose dense scores stay within memory (64 MB a matrix)."""
    size = max(1, _BLOCK_SCORES // max(n_items, 1))
    for start in range(0, n, size):
        yield np.arange(start, min(start + size, n))


def rank_task(scorer: Scorer, task: Task, k: int) -> I64:
    """(n, k) what the scorer recommends to the customers of a task; -1 where there is nothing.

    Args:
        scorer: A fitted recommender, or a blend.
        task: Where what was bought may not return, it is left out.
        k: How many.
    """
    found = np.full((len(task.histories), k), -1, dtype=np.int64)
    for rows in blocks(len(task.histories), task.histories.n_items):
        part = task.histories.take(rows)
        scores = scorer.score(part, task.now)
        barred = None if task.seen_may_return else part.bought()
        found[rows], _ = best(scores, k, barred=barred)
    return found


def asked_about(task: Task) -> I64:
    """The task's customers with a target; where the catalogue is large, evenly spread ones of them.

    At most 3,000 and, of a catalogue of a million, 300 (never fewer than 100): every one of them costs a score of
    every product.
    """
    asked = np.flatnonzero(n_relevant(task.targets) > 0)
    most = int(np.clip(_SCORES_TO_CHOOSE // max(task.histories.n_items, 1), *_CUSTOMERS_TO_CHOOSE))
    if len(asked) <= most:
        return asked
    return asked[np.linspace(0, len(asked) - 1, most).astype(np.int64)]


def mean_ndcg(scorer: Scorer, task: Task, *, k: int) -> float:
    """Mean NDCG@k over `asked_about` of the task; 0 where nobody has a target. For choosing, not for reporting."""
    asked = asked_about(task)
    if not len(asked):
        return 0.0
    part = Task(
        histories=task.histories.take(asked),
        targets=task.targets[asked],
        now=task.now,
        seen_may_return=task.seen_may_return,
    )
    ranked = rank_task(scorer, part, k)
    return float(np.mean(ndcg(hits(ranked, part.targets), n_relevant(part.targets), k)))
