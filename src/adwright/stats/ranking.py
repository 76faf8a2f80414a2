"""How well a score orders rows: AUC, AUC within groups, and the accuracy of pairs.

Each row carries counts, `successes` out of `trials` (one label a row: trials of 1), and weights may carry a
bootstrap's resamples: shape (b, n), giving (b,).

Holds when: a higher score should mean a higher rate. Does not cover: the size of a difference; see
`calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.schema import F64, Bools

Index = npt.NDArray[np.intp]

MAX_LAG = 256
"""Within one group a row is paired with at most this many rows after it, so huge groups stay affordable."""


def auc(score: F64, successes: F64, *, trials: F64 | None = None, weights: F64 | None = None) -> F64:
    """The probability that a success outscores a failure, ties counted half.

    Args:
        score: (n,) any order-preserving score.
        successes: (n,) counts (or labels 0 and 1).
        trials: (n,) counts; None means 1 each.
        weights: (b, n) row weights; None means one resample of ones.

    Returns:
        (b,) in [0, 1]; NaN where there is only one class.

    Source: Hanley and McNeil 1982, Radiology 143, the Wilcoxon form.

    >>> float(auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))[0])
    0.75
    """
    hits, misses = _classes(successes, trials)
    w = np.ones((1, len(hits))) if weights is None else weights
    order = np.argsort(score, kind="stable")
    starts = _run_starts(np.asarray(score)[order])
    positive = np.add.reduceat(w[:, order] * hits[order], starts, axis=1)
    negative = np.add.reduceat(w[:, order] * misses[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = np.sum(positive * (below + negative / 2), axis=1)
    total = positive.sum(axis=1) * negative.sum(axis=1)
    return np.asarray(np.divide(won, total, out=np.full(len(total), np.nan), where=total > 0))


def group_auc(
    score: F64, successes: F64, *, group: npt.ArrayLike, trials: F64 | None = None
) -> tuple[F64, F64]:
    """The parts of the AUC over pairs of one group only: their ratio of sums is the group AUC.

    Args:
        score: (n,).
        successes: (n,) counts or labels.
        group: (n,) ids.
        trials: (n,) counts; None means 1 each.

    Returns:
        (n,) pairs won by each row's successes and (n,) pairs that they stand in; feed them to
        `bootstrap.ratio` with the groups as clusters.

    >>> won, pairs = group_auc(
    ...     np.array([0.9, 0.1, 0.2, 0.3]), np.array([1, 0, 1, 0]), group=np.array([0, 0, 1, 1])
    ... )
    >>> float(won.sum() / pairs.sum())
    0.5
    """
    hits, misses = _classes(successes, trials)
    ids = np.unique(np.asarray(group), return_inverse=True)[1].reshape(-1)
    order = np.lexsort((score, ids))
    g, s, negative = ids[order], np.asarray(score)[order], misses[order]
    total = np.bincount(ids, misses)
    before_group = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    is_start = np.r_[True, (g[1:] != g[:-1]) | (s[1:] != s[:-1])]
    run = np.cumsum(is_start) - 1
    in_run = np.bincount(run, negative)
    below = (np.cumsum(in_run) - in_run)[run] - before_group[g]
    won = np.empty(len(g))
    won[order] = hits[order] * (below + in_run[run] / 2)
    return won, hits * total[ids]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The compared pairs of rows.

    Args:
        a: (m,) row numbers.
        b: (m,) row numbers.
        z: (m,) two-proportion z of a against b.
        correct: (m,) 1 where the score agrees with the sign of z, 0 where not, 1/2 where the scores tie.
        truncated: True where a group was so large that only a part of its pairs is here.
    """

    a: Index
    b: Index
    z: F64
    correct: F64
    truncated: bool

    def select(self, rows: Bools) -> Pairs:
        """The same for a subset of the pairs."""
        return Pairs(self.a[rows], self.b[rows], self.z[rows], self.correct[rows], self.truncated)


def pair_accuracy(
    score: F64, successes: F64, trials: F64, *, group: npt.ArrayLike, distinct: npt.ArrayLike | None = None
) -> Pairs:
    """Every pair of rows within a group, and whether the score picks the one with the higher observed rate.

    The accuracy is `pairs.correct.mean()`; restrict to `abs(pairs.z) > 1.96` for pairs told apart at the 5 %
    level. Pairs with equal rates have no winner and are left out.

    Args:
        score: (n,).
        successes: (n,) counts.
        trials: (n,) counts, positive.
        group: (n,) what the rows of a pair share.
        distinct: (n,) what the rows of a pair must differ in (their text); None: nothing.

    >>> p = pair_accuracy(
    ...     np.array([0.2, 0.1]), np.array([30.0, 10.0]), np.array([100.0, 100.0]), group=np.array([7, 7])
    ... )
    >>> round(float(p.z[0]), 3), float(p.correct[0])
    (3.536, 1.0)
    """
    ids = np.unique(np.asarray(group), return_inverse=True)[1].reshape(-1)
    first, second, truncated = _all_pairs(ids)
    if distinct is not None:
        other = np.unique(np.asarray(distinct), return_inverse=True)[1].reshape(-1)
        keep = other[first] != other[second]
        first, second = first[keep], second[keep]
    y, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    pooled = (y[first] + y[second]) / (n[first] + n[second])
    sd = np.sqrt(pooled * (1 - pooled) * (1 / n[first] + 1 / n[second]))
    gap = y[first] / n[first] - y[second] / n[second]
    z = np.divide(gap, sd, out=np.zeros_like(gap), where=sd > 0)
    ahead = np.sign(np.asarray(score)[first] - np.asarray(score)[second])
    correct = np.where(ahead == 0, 0.5, (ahead == np.sign(z)).astype(np.float64))
    return Pairs(first, second, z, correct, truncated).select(z != 0)


def _classes(successes: F64, trials: F64 | None) -> tuple[F64, F64]:
    hits = np.asarray(successes, dtype=np.float64)
    n = np.ones_like(hits) if trials is None else np.asarray(trials, dtype=np.float64)
    return hits, n - hits


def _run_starts(values: F64) -> Index:
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])


def _all_pairs(ids: Index) -> tuple[Index, Index, bool]:
    order = np.argsort(ids, kind="stable")
    g = ids[order]
    largest = int(np.bincount(ids).max(initial=1)) if len(ids) else 1
    first, second = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for lag in range(1, min(largest, MAX_LAG + 1)):
        here = np.flatnonzero(g[lag:] == g[:-lag])
        first.append(order[here])
        second.append(order[here + lag])
    return np.concatenate(first), np.concatenate(second), largest > MAX_LAG + 1
