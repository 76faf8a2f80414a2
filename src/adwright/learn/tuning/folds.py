"""The slices that a setting is judged on: the tune block, and slices of the same size beside it.

Of a split by time, each slice is predicted from what came before it, and the tune block is the last of them. Of a
split by rows each is predicted from the rest of train and tune. `calibrate` and `test` are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.predict.recipe import Split
from adwright.predict.table import Table
from adwright.schema import Bools

LEAST_TRAIN_SHARE = 0.15
"""Of the table: what has to be left to learn from for a slice to count."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One slice: (n,) which rows teach, and which judge."""

    learned: Bools
    judged: Bools

    def thinned(self, units: npt.NDArray[np.intp], share: float) -> Fold:
        """The same with a share of the teaching units (groups, contents, rows), drawn at random, always the same."""
        present = np.unique(units[self.learned])
        size = max(int(np.ceil(share * len(present))), 1)
        kept = np.random.default_rng(0).choice(present, size, replace=False)
        return Fold(self.learned & np.isin(units, kept), self.judged)


def make_folds(table: Table, n_folds: int, *, seed: int) -> tuple[Fold, ...]:
    """The tune block first, then slices ever further from it; fewer than asked for where train is short.

    Args:
        table: The data.
        n_folds: Slices wanted.
        seed: Of a split by rows, the same as of the fit.

    Raises:
        DataError: the recipe has no tune block.
    """
    train, tune, calibrate, test = table.recipe.split.shares
    if tune <= 0 or train <= 0:
        raise DataError(
            "there is no tune block to judge by", argument="split.shares", value=table.recipe.split.shares
        )
    by_time = (table.recipe.split.order or ("rows" if table.times is None else "time")) == "time"
    whole = table.blocks(seed)
    pool = (whole == "train") | (whole == "tune")
    folds = []
    for back in range(n_folds):
        left = train - back * tune
        if back and left < max(LEAST_TRAIN_SHARE, tune):
            break
        shares = (left, tune, calibrate + back * tune, test)
        blocks = whole if back == 0 else _with_shares(table, shares).blocks(seed)
        judged = (blocks == "tune") & pool
        learned = (blocks == "train") & pool if by_time else pool & ~judged
        if judged.any() and learned.any():
            folds.append(Fold(learned, judged))
    return tuple(folds)


def _with_shares(table: Table, shares: Sequence[float]) -> Table:
    exact = (*shares[:3], max(1.0 - sum(shares[:3]), 0.0)) if shares[3] > 0 else tuple(shares)
    split = Split(order=table.recipe.split.order, shares=exact)
    return replace(table, recipe=replace(table.recipe, split=split))
