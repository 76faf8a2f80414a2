"""The figures of a recommender on a task: recall, NDCG, coverage, novelty; for customers with short and long
histories and none, and for products that were never sold before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from adwright.recommend.histories import BUY, I64, Histories
from adwright.recommend.metrics import coverage, hit_rate, hits, n_relevant, ndcg, novelty, recall
from adwright.recommend.models.model import Task
from adwright.recommend.ranking import Scorer, rank_task
from adwright.schema import F64

DEPTHS = (5, 10, 20)
_BANDS = ((0, 0), (1, 4), (5, 19), (20, 99), (100, None))
_RESAMPLES = 1_000
_MANY = 10_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Evaluation:
    """What a recommender reached.

    Args:
        ndcg: (n,) NDCG@10 of each customer, for paired comparisons.
        figures: What JSON can hold: every figure with its number of customers and interval.
    """

    ndcg: F64
    figures: Mapping[str, Any]


def evaluate(
    scorer: Scorer, task: Task, *, sold: I64, rng: np.random.Generator, n_customers: int
) -> Evaluation:
    """Judges a recommender by what came after.

    Args:
        scorer: A fitted recommender or a blend, fitted without what the task asks for.
        task: What is asked.
        sold: (n_items,) customers who had each product before.
        rng: Of the bootstrap over customers.
        n_customers: Customers before, for the novelty.
    """
    ranked = rank_task(scorer, task, max(DEPTHS))
    return judge(ranked, task, sold=sold, rng=rng, n_customers=n_customers)


def judge(ranked: I64, task: Task, *, sold: I64, rng: np.random.Generator, n_customers: int) -> Evaluation:
    """The same for a ranking that was made elsewhere.

    Args:
        ranked: (n, k) items for the task's customers, the best first; k at least 20.
        task: What is asked.
        sold: (n_items,) customers who had each product before.
        rng: Of the bootstrap over customers.
        n_customers: Customers before, for the novelty.
    """
    hit, relevant = hits(ranked, task.targets), n_relevant(task.targets)
    figures: dict[str, Any] = {"n_customers": int((relevant > 0).sum()), "n_targets": int(relevant.sum())}
    for k in DEPTHS:
        figures[f"recall@{k}"] = _with_interval(recall(hit, relevant, k), rng)
        figures[f"ndcg@{k}"] = _with_interval(ndcg(hit, relevant, k), rng)
        figures[f"hit_rate@{k}"] = _with_interval(hit_rate(hit, relevant, k), rng)
        figures[f"coverage@{k}"] = coverage(ranked, k, task.histories.n_items)
        figures[f"novelty_bits@{k}"] = novelty(ranked, k, sold.astype(np.float64), n_customers)
    figures["by_history"] = _by_history(task.histories, hit, relevant, rng)
    figures["new_to_customer"] = _only(ranked, _fresh(task), rng)
    figures["cold_products"] = _only(ranked, _cold(task, sold), rng)
    return Evaluation(ndcg=ndcg(hit, relevant, 10), figures=figures)


def paired_difference(a: F64, b: F64, rng: np.random.Generator) -> dict[str, float]:
    """Mean of a - b over customers with its 95 % bootstrap interval.

    Args:
        a: (n,) a measure by customer; NaN where there is none.
        b: (n,) the same of another recommender, for the same customers.
        rng: Of the bootstrap.
    """
    return _with_interval(a - b, rng)


def _by_history(histories: Histories, hit: F64, relevant: F64, rng: np.random.Generator) -> dict[str, Any]:
    """NDCG@10 and recall@10 by the number of purchases before; 0 is the cold start."""
    bought = np.bincount(histories.rows[histories.kinds == BUY], minlength=len(histories))
    found = {}
    for low, high in _BANDS:
        inside = (bought >= low) & (bought <= (np.inf if high is None else high)) & (relevant > 0)
        name = str(low) if low == high else f"{low}+" if high is None else f"{low}-{high}"
        if inside.any():
            found[name] = {
                "n_customers": int(inside.sum()),
                "recall@10": _with_interval(recall(hit[inside], relevant[inside], 10), rng),
                "ndcg@10": _with_interval(ndcg(hit[inside], relevant[inside], 10), rng),
            }
    return found


def _only(ranked: I64, targets: sparse.csr_matrix, rng: np.random.Generator) -> dict[str, Any]:
    """The figures where only these targets count, in the same ranking."""
    hit, relevant = hits(ranked, targets), n_relevant(targets)
    return {
        "n_customers": int((relevant > 0).sum()),
        "n_targets": int(relevant.sum()),
        "recall@10": _with_interval(recall(hit, relevant, 10), rng),
        "recall@20": _with_interval(recall(hit, relevant, 20), rng),
        "ndcg@10": _with_interval(ndcg(hit, relevant, 10), rng),
    }


def _fresh(task: Task) -> sparse.csr_matrix:
    """The targets that the customer did not have before."""
    own = task.histories.matrix()
    own.data = np.ones_like(own.data)
    targets = (task.targets > 0).astype(np.float64)
    return _positive(targets - targets.multiply(own))


def _cold(task: Task, sold: I64) -> sparse.csr_matrix:
    """The targets that nobody had before."""
    return _positive(task.targets.multiply((sold == 0)[None, :]))


def _positive(table: Any) -> sparse.csr_matrix:
    found = sparse.csr_matrix(table)
    found.eliminate_zeros()
    return found


def _with_interval(values: F64, rng: np.random.Generator) -> dict[str, float]:
    """Mean over customers, and its 95 % interval: a bootstrap over them; the normal one where they are many."""
    held = values[~np.isnan(values)]
    if not len(held):
        return {"mean": float("nan"), "low": float("nan"), "high": float("nan")}
    if len(held) > _MANY:
        reach = 1.96 * held.std() / np.sqrt(len(held))
        low, high = held.mean() - reach, held.mean() + reach
    else:
        means = held[rng.integers(0, len(held), size=(_RESAMPLES, len(held)))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": float(held.mean()), "low": float(low), "high": float(high)}


def counts_of(histories: Histories) -> I64:
    """(n_items,) customers who had each product."""
    counts: I64 = histories.matrix().getnnz(axis=0).astype(np.int64)
    return counts


def markdown_row(name: str, figures: Mapping[str, Any], columns: Sequence[str]) -> str:
    """One row of a table: the means of these figures."""
    cells = [figures[c]["mean"] if isinstance(figures[c], Mapping) else figures[c] for c in columns]
    return f"| {name} | " + " | ".join(f"{cell:.4f}" for cell in cells) + " |"
