"""Bradley-Terry on n-grams: only differences within a group count, weighted by their evidence.

The level of each set of siblings (same group, same `within`) is free, so the likelihood is that of which
sibling the successes fell on. For two siblings of equal trials and small rates that is Bradley and Terry's
model (1952, Biometrika 39, eq. 1) with beta' (x_i - x_j) as the log-odds of i winning a success.

Holds when: siblings were shown to the same visitors. Does not cover: the level; `logistic` learns from that too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adwright.errors import DataError
from adwright.predict.models.logistic import (
    LinearScore,
    Logistic,
    fit_linear,
    learn_linear,
    linear_on_tune,
)
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

FREE_LEVEL_VARIANCE = 100.0
"""Of a level that next to nothing shrinks: a standard deviation of 10 on the log-odds."""


@dataclass(frozen=True, slots=True)
class Pairwise:
    """A linear score learned from comparisons of siblings alone."""

    name = "pairwise"

    def fit(self, data: FitData) -> Fit:
        """The ridge from tune, the weights from train and tune together.

        Raises:
            DataError: no two rows can be compared.
        """
        train, tune = _by_siblings(data.train), _by_siblings(data.tune)
        return fit_linear(replace(data, train=train, tune=tune), _free_level(data))

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        train, tune = _by_siblings(data.train), _by_siblings(data.tune)
        return linear_on_tune(replace(data, train=train, tune=tune), _free_level(data))

    def refit(self, model: LinearScore, rows: Rows, data: FitData) -> LinearScore:
        """The weights from other rows, with the same ridge."""
        return learn_linear(_by_siblings(rows), data, _free_level(data), model.ridge)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> LinearScore:
        """The inverse of `LinearScore.pack`."""
        return Logistic().unpack(values, arrays)


def _free_level(data: FitData) -> Nuisance:
    return Nuisance(Nuisance.learn(data.train, data.rng).content_variance, FREE_LEVEL_VARIANCE)


def _by_siblings(rows: Rows) -> Rows:
    if rows.siblings is None:
        raise DataError(
            "'pairwise' compares rows of one group, and there is no group column",
            argument="model.kind",
            value="pairwise",
            hint="Name the group under [columns], or choose kind = ['logistic']",
        )
    return replace(rows, group=rows.siblings)
