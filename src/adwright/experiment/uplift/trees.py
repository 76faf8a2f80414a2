"""Gradient-boosted trees as the learners use them: few leaves, stopped on rows that they did not see.

*Holds when* rows are independent. *Does not cover* text or pictures: give their predictions as features.

Source: Ke et al. (2017), NeurIPS (LightGBM).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from adwright.schema import F64

_MOST_TREES, _PATIENCE = 300, 25
_FEWEST_TO_STOP = 200
_SETTINGS = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "lambda_l2": 1.0,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "min_data_per_group": 50,
}


class Regression(Protocol):
    """Anything that predicts a number a row."""

    def predict(self, features: F64) -> F64:
        """(n,) expected outcomes."""
        ...


class Constant:
    """The same number for every row: what little data allow."""

    def __init__(self, value: float) -> None:
        self._value = value

    def predict(self, features: F64) -> F64:
        """(n,) the constant."""
        return np.full(len(features), self._value)


class _Trees:
    def __init__(self, booster: object, centre: float) -> None:
        self._booster, self._centre = booster, centre

    def predict(self, features: F64) -> F64:
        """(n,) expected outcomes."""
        return self._centre + np.asarray(self._booster.predict(features), np.float64)  # type: ignore[attr-defined]


def fit_trees(
    features: F64,
    outcome: F64,
    *,
    rng: np.random.Generator,
    weight: F64 | None = None,
    categorical: Sequence[int] = (),
    binary: bool = False,
) -> Regression:
    """Trees for the mean of `outcome`; a fifth of the rows decides their number, down to none.

    Args:
        features: (n, d), NaN where unknown.
        outcome: (n,).
        rng: Draws the fifth.
        weight: (n,) weights of the squared error.
        categorical: Columns that are codes.
        binary: Fit log-odds; outcomes must then be 0 or 1, both present.
    """
    import lightgbm as lgb

    n = len(outcome)
    centre = float(np.average(outcome, weights=weight)) if n else 0.0
    constant = n < _FEWEST_TO_STOP or float(np.ptp(outcome)) == 0.0
    if constant:
        return Constant(centre)
    held = rng.permutation(n) < n // 5
    if binary and (float(np.ptp(outcome[held])) == 0.0 or float(np.ptp(outcome[~held])) == 0.0):
        return Constant(centre)
    centre = 0.0 if binary else centre
    settings = {**_SETTINGS, "objective": "binary" if binary else "regression",
                "min_data_in_leaf": max(20, n // 100), "boost_from_average": binary}  # fmt: skip

    def data(rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> lgb.Dataset:
        return lgb.Dataset(features[rows], outcome[rows] - centre, weight=None if weight is None else weight[rows],
                           categorical_feature=list(categorical), free_raw_data=True)  # fmt: skip

    train = data(~held)
    booster = lgb.train(settings, train, num_boost_round=_MOST_TREES,
                        valid_sets=[lgb.Dataset(features[held], outcome[held] - centre, reference=train,
                                                weight=None if weight is None else weight[held])],
                        callbacks=[lgb.early_stopping(_PATIENCE, verbose=False)])  # fmt: skip
    return _Trees(booster, centre)
