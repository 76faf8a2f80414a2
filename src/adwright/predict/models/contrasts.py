"""What a group says about its texts: their empirical log-odds and the precision of every contrast.

Rows of one group, one set of siblings and one text are one cell of y successes in n trials:

    t_c = log((y + 1/2) / (n - y + 1/2)) - the mean rate's log-odds
    t ~ N(s, D + v_s S + v_l J),   D = diag(1/(y + 1/2) + 1/(n - y + 1/2) + v)

s the texts' scores, S = 1 between siblings, J = 1 in the whole group. Level and what siblings share are
integrated out, not estimated: the likelihood weighs each contrast by its evidence, those between siblings most.

Source: the empirical logit and its variance, Haldane 1956 and Anscombe 1956; for two siblings and v_l
infinite it is Bradley-Terry's likelihood to second order.
Holds when: there are a few successes a cell; with one label a cell it still orders, its noise being large.
Does not cover: a text whose effect differs between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from adwright.predict.rows import Index, Rows
from adwright.schema import F64

MAX_CELLS = 64
"""A larger group is cut at random into parts of so many cells, each with a level of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """One group's cells.

    Args:
        text: (c,) numbers of their texts.
        target: (c,) empirical log-odds around the mean rate's.
        precision: (c, c) of the targets around the scores.
    """

    text: Index
    target: F64
    precision: F64

    def loss(self, score: F64) -> float:
        """Half the squared distance of the (n_texts,) scores to the targets."""
        gap = np.asarray(score)[self.text] - self.target
        return float(gap @ self.precision @ gap) / 2


def contrasts(
    rows: Rows,
    text: Index,
    *,
    content_variance: float,
    sibling_variance: float,
    level_variance: float,
    rng: np.random.Generator,
    label_smoothing: float = 0.0,
    one_part: bool = False,
) -> list[Contrast]:
    """The contrasts of every group; a row without a group is one of its own.

    Args:
        rows: Outcomes.
        text: (n,) number of each row's text.
        content_variance: v, what the words do not say.
        sibling_variance: v_s, what siblings share.
        level_variance: v_l, what a group shares.
        rng: Cuts groups that are too large.
        label_smoothing: Share of each cell's successes that is spread over its group by trials (Szegedy et al.
            2016, CVPR, section 7, with a group's cells as the classes); over all rows where there is no group.
        one_part: Of a group that is too large keep the first part alone, so that a group is one contrast.
    """
    centre = float(special.logit((rows.successes.sum() + 0.5) / (rows.trials.sum() + 1)))
    group = np.arange(len(rows)) if rows.group is None else rows.group_index[0]
    siblings = (
        group if rows.siblings is None else np.unique(rows.siblings, return_inverse=True)[1].reshape(-1)
    )
    keys, cell = np.unique(np.column_stack([group, siblings, text]), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    y = np.asarray(np.bincount(cell, rows.successes), np.float64)
    n = np.bincount(cell, rows.trials)
    if label_smoothing:
        one = rows.group is None
        shared = (
            np.zeros(len(y), np.intp) if one else np.unique(keys[:, 0], return_inverse=True)[1].reshape(-1)
        )
        rate = np.bincount(shared, y) / np.bincount(shared, n)
        y = (1 - label_smoothing) * y + label_smoothing * n * rate[shared]
    target = np.log((y + 0.5) / (n - y + 0.5)) - centre
    noise = 1 / (y + 0.5) + 1 / (n - y + 0.5) + content_variance
    found = []
    for members in np.split(np.arange(len(keys)), np.flatnonzero(np.diff(keys[:, 0])) + 1):
        mixed = rng.permutation(members) if len(members) > MAX_CELLS else members
        for start in range(0, 1 if one_part else len(mixed), MAX_CELLS):
            part = mixed[start : start + MAX_CELLS]
            alike = keys[part, 1][:, None] == keys[part, 1][None, :]
            covariance = np.diag(noise[part]) + sibling_variance * alike + level_variance
            found.append(Contrast(keys[part, 2], target[part], np.linalg.inv(covariance)))
    return found
