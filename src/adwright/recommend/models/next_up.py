"""What networks learn from: places in histories, and what came next after each of them.

What is asked for is the next visit, since the order within a basket says little; a customer's last visit, which none
follows, asks for the rest of itself. An answer is drawn anew each time (Pancha et al. 2022, PinnerFormer,
section 3.2: any action of a coming window instead of the very next).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from adwright.recommend.histories import I64, Histories
from adwright.recommend.metrics import n_relevant
from adwright.recommend.models.model import Task

_MINUTE_S = 60.0
_JUDGED = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class NextUp:
    """For each interaction i, what may come next: the interactions `first[i]` to `stop[i]` - 1; none where equal.

    Args:
        first: (m,) indices of interactions.
        stop: (m,) indices of interactions.
    """

    first: I64
    stop: I64

    def draw(self, places: I64, rng: np.random.Generator) -> I64:
        """(p,) one of the interactions that may come next after each place; -1 where none does."""
        width = self.stop[places] - self.first[places]
        drawn = self.first[places] + (rng.random(len(places)) * width).astype(np.int64)
        return np.where(width > 0, drawn, -1)


def next_up(histories: Histories, visit_minutes: float) -> NextUp:
    """The windows of all interactions.

    Args:
        histories: Of n customers, m interactions.
        visit_minutes: A visit ends where a customer does nothing for longer. What has no time stands alone.
    """
    m = len(histories.items)
    if not m:
        return NextUp(np.zeros(0, np.int64), np.zeros(0, np.int64))
    owner = histories.rows
    goes_on = (owner[1:] == owner[:-1]) & (np.diff(histories.at_s) <= visit_minutes * _MINUTE_S)
    begins = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    visit = np.cumsum(np.concatenate([[0], ~goes_on])).astype(np.int64)
    ends = np.append(begins[1:], m)
    last = np.append(owner[begins[1:]] != owner[begins[:-1]], True)  # of its customer
    following = np.minimum(visit + 1, len(begins) - 1)
    first = np.where(last[visit], np.arange(m) + 1, begins[following])
    stop = np.where(last[visit], ends[visit], ends[following])
    return NextUp(first.astype(np.int64), stop.astype(np.int64))


def some_of(task: Task, rng: np.random.Generator, n: int = _JUDGED) -> Task:
    """The task for at most n of its customers, drawn at random: enough to see when to stop."""
    asked = np.flatnonzero(n_relevant(task.targets) > 0)
    if len(asked) > n:
        asked = np.sort(rng.choice(asked, n, replace=False))
    return Task(
        histories=task.histories.take(asked),
        targets=task.targets[asked],
        now=task.now,
        seen_may_return=task.seen_may_return,
    )


def most_had(histories: Histories, n: int) -> I64:
    """The products of any history, in the order of the catalogue; of more than n those that stand there most."""
    counts = np.bincount(histories.items, minlength=histories.n_items)
    kept = np.flatnonzero(counts > 0)
    if len(kept) > n:
        kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:n]])
    return kept.astype(np.int64)


def history_rows(histories: Histories, stop: I64, lengths: I64, half_life_days: float) -> sparse.csr_matrix:
    """(b, n_items) the `lengths` interactions before each `stop`, faded from the last on, rows of sum one.

    A row of interactions that all weigh nothing is one without history.

    Args:
        histories: Where they stand.
        stop: (b,) indices of interactions.
        lengths: (b,) how many of those before count.
        half_life_days: Of the fading.
    """
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    index = np.repeat(stop - lengths - indptr[:-1], lengths) + np.arange(indptr[-1])
    last = np.repeat(stop - 1, lengths)
    age_days = np.nan_to_num(histories.at_s[last] - histories.at_s[index], nan=0.0) / 86_400.0
    weight = histories.weights[index] * 0.5 ** (age_days / half_life_days)
    row = np.repeat(np.arange(len(stop)), lengths)
    total = np.maximum(np.bincount(row, weights=weight, minlength=len(stop)), 1e-300)
    table = sparse.csr_matrix(
        (weight / total[row], histories.items[index], indptr), shape=(len(stop), histories.n_items)
    )
    table.sum_duplicates()
    return table
