"""Several recommenders as one: a weighted sum of their scores, each on a scale of its own customers.

    score(u, j) = sum over models m of  w_m (s_m(u, j) - mean_j) / (max_j - mean_j)

so that a model that cannot tell products apart for a customer (no history) says nothing about them, and the others
decide. The weights are searched on `tune`, one at a time, for NDCG@10; what does not help there is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.recommend.histories import I64, Histories
from adwright.recommend.metrics import n_relevant, ndcg
from adwright.recommend.models.model import F32, FittedRecommender, Progress, Task, no_support
from adwright.recommend.ranking import asked_about, best, blocks
from adwright.schema import F64

_STEPS = (0.0, 0.03, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5)
_CANDIDATES = 200
_PASSES = 3
_K = 10


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Fitted recommenders and their weights.

    Args:
        models: By name; those with weight 0 may be among them.
        weights: By name, 0 or more; a name that is not there has weight 0.
    """

    models: Mapping[str, FittedRecommender]
    weights: Mapping[str, float]

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items) the weighted sums."""
        total = np.zeros((len(histories), histories.n_items), dtype=np.float32)
        for name, weight in self.weights.items():
            if weight > 0:
                total += np.float32(weight) * own_scale(self.models[name].score(histories, now))
        return total

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) from the model with the largest weight that names any, item by item."""
        found = no_support(items, n)
        for name in sorted(self.weights, key=lambda name: -self.weights[name]):
            open_ = found[:, :, 0] < 0
            if self.weights[name] > 0 and open_.any():
                asked = np.where(open_, items, -1)
                found = np.where(open_[:, :, None], self.models[name].support(histories, asked, n), found)
        return found


def own_scale(scores: F32) -> F32:
    """(n, n_items) each row less its mean, over its distance from the mean to the largest; 0 where all are equal."""
    mean = scores.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    reach = scores.max(axis=1, keepdims=True) - mean
    tiny = np.float32(1e-6) * np.abs(mean) + np.float32(1e-12)
    scaled: F32 = np.where(reach > tiny, (scores - mean) / np.maximum(reach, tiny), np.float32(0))
    return scaled


def choose_weights(
    models: Mapping[str, FittedRecommender], task: Task, *, progress: Progress
) -> tuple[dict[str, float], dict[str, float]]:
    """(weights by name, NDCG@10 on tune by name and of the `blend`).

    Args:
        models: Fitted without what `task` asks for.
        task: Tune; see `ranking.asked_about` for how many of its customers are looked at.
        progress: Told what came out.
    """
    names = list(models)
    asked = asked_about(task)
    values, hit = _candidates(models, task, asked)
    relevant = n_relevant(task.targets)[asked]

    def quality(weights: F64) -> F64:
        return _ndcg(values @ weights.astype(np.float32), hit, relevant)

    alone = {name: float(quality(np.eye(len(names))[i]).mean()) for i, name in enumerate(names)}
    weights = np.eye(len(names))[int(np.argmax([alone[name] for name in names]))]
    reached = quality(weights)
    for _ in range(_PASSES):
        before = weights.copy()
        for i in sorted(range(len(names)), key=lambda i: -alone[names[i]]):
            weights, reached = _best_step(weights, i, reached, quality)
        if np.array_equal(before, weights):
            break
    weights, reached = _without_idle(weights, reached, quality)
    found = {name: float(w) for name, w in zip(names, weights / weights.max(), strict=True) if w > 0}
    figures = alone | {"blend": float(reached.mean())}
    progress("blend: NDCG@10 on tune " + ", ".join(f"{name} {q:.4f}" for name, q in figures.items()))
    return found, figures


def _candidates(
    models: Mapping[str, FittedRecommender], task: Task, asked: npt.NDArray[Any]
) -> tuple[F32, F64]:
    """(n, c, n_models) scaled scores of what any model ranks high, and (n, c) whether it is a target."""
    n_items = task.histories.n_items
    width = min(_CANDIDATES, n_items) * len(models)
    values = np.full((len(asked), width, len(models)), -np.inf, dtype=np.float32)
    hit = np.zeros((len(asked), width))
    for rows in blocks(len(asked), n_items * len(models)):
        part = task.histories.take(asked[rows])
        barred = None if task.seen_may_return else part.bought()
        scaled = [own_scale(model.score(part, task.now)) for model in models.values()]
        ranked = np.concatenate(
            [best(s, min(_CANDIDATES, n_items), barred=barred)[0] for s in scaled], axis=1
        )
        targets = task.targets[asked[rows]].toarray() > 0
        for i, row in enumerate(rows):
            items = np.unique(ranked[i][ranked[i] >= 0])
            values[row, : len(items)] = np.stack([s[i, items] for s in scaled], axis=1)
            hit[row, : len(items)] = targets[i, items]
    used = int(np.isfinite(values[:, :, 0]).sum(axis=1).max(initial=1))
    held = values[:, :used]
    return np.where(np.isfinite(held), held, np.float32(-1e9)), hit[:, :used]


def _ndcg(scores: F32, hit: F64, relevant: F64) -> F64:
    """(n,) NDCG@10 of the candidates in the order of the scores."""
    k = min(_K, scores.shape[1])
    first = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, first, axis=1), axis=1, kind="stable")
    ranked = np.take_along_axis(first, order, axis=1)
    return ndcg(np.take_along_axis(hit, ranked, axis=1), relevant, _K)


def _best_step(weights: F64, i: int, reached: F64, quality: Any) -> tuple[F64, F64]:
    """The weights with the best value of the i-th, where it is better on average than what was reached."""
    for step in _STEPS:
        other = weights.copy()
        other[i] = step
        if other.max() <= 0 or step == weights[i]:
            continue
        found = quality(other)
        if found.mean() > reached.mean():
            weights, reached = other, found
    return weights, reached


def _without_idle(weights: F64, reached: F64, quality: Any) -> tuple[F64, F64]:
    """Without the models whose absence costs no more than half a standard error: they would only cost time."""
    for i in np.argsort(weights):
        other = weights.copy()
        other[i] = 0.0
        if weights[i] <= 0 or other.max() <= 0:
            continue
        lost = reached - (found := quality(other))
        if lost.mean() <= 0.5 * lost.std() / np.sqrt(len(lost)):
            weights, reached = other, found
    return weights, reached
