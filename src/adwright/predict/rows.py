"""Rows with outcomes of one rate, as the fit needs them: features, counts, and who shares noise with whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.schema import F64

Index = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """n rows with at least one trial.

    Args:
        x: (n, p) sparse features.
        successes: (n,) counts.
        trials: (n,) counts, at least 1.
        content: (n,) ids of the contents; the row's own number where there is no content column.
        group: (n,) ids of what shares a level; None where nothing does.
        knows_content: Whether a content effect can be told at all: False with one label a row and no
            content column.
        frame: (n, ...) the feature columns themselves, for models that read them.
        siblings: (n,) ids of what may be compared: rows of one group with the same `within`; None without groups.
        time: (n,) days (or what an ordinal column counts); None without a time column.
    """

    x: Any
    successes: F64
    trials: F64
    content: Index
    group: Index | None
    knows_content: bool
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    siblings: Index | None = None
    time: F64 | None = None

    def __len__(self) -> int:
        return len(self.trials)

    def take(self, index: npt.NDArray[Any]) -> Rows:
        """The same for a subset of the rows (indices or mask)."""
        index = np.flatnonzero(index) if index.dtype == np.bool_ else index
        return Rows(
            self.x[index],
            self.successes[index],
            self.trials[index],
            self.content[index],
            None if self.group is None else self.group[index],
            self.knows_content,
            self.frame[index] if self.frame.width else self.frame,
            None if self.siblings is None else self.siblings[index],
            None if self.time is None else self.time[index],
        )

    def joined(self, other: Rows) -> Rows:
        """These rows and then those."""
        return Rows(
            sparse.vstack([self.x, other.x], format="csr"),
            np.concatenate([self.successes, other.successes]),
            np.concatenate([self.trials, other.trials]),
            np.concatenate([self.content, other.content]),
            _side_by_side(self.group, other.group),
            self.knows_content,
            pl.concat([self.frame, other.frame]) if self.frame.width else self.frame,
            _side_by_side(self.siblings, other.siblings),
            None if self.time is None or other.time is None else np.concatenate([self.time, other.time]),
        )

    @property
    def group_index(self) -> tuple[Index, int]:
        """(n,) group numbers from 0, and how many; one group where nothing shares a level."""
        if self.group is None or not len(self):
            return np.zeros(len(self), np.intp), 1
        values, index = np.unique(self.group, return_inverse=True)
        return index.reshape(-1), len(values)

    @property
    def trials_of_content(self) -> F64:
        """(n,) the trials of the row's content within its group: what one content effect is told by."""
        group, _ = self.group_index
        key = group * (int(self.content.max(initial=0)) + 1) + self.content
        index = np.unique(key, return_inverse=True)[1].reshape(-1)
        return np.asarray(np.bincount(index, self.trials)[index], dtype=np.float64)

    def some_groups(self, limit: int, rng: np.random.Generator) -> Rows:
        """At most `limit` of the groups (or ten times as many rows), drawn at random."""
        group, n_groups = self.group_index
        if self.group is None:
            if len(self) <= 10 * limit:
                return self
            return self.take(np.sort(rng.choice(len(self), 10 * limit, replace=False)))
        if n_groups <= limit:
            return self
        return self.take(np.isin(group, rng.choice(n_groups, limit, replace=False)))


def _side_by_side(first: Index | None, second: Index | None) -> Index | None:
    """Both ids, with none of the second equal to one of the first."""
    if first is None or second is None:
        return None
    return np.concatenate([first, second + int(first.max(initial=0)) + 1])
