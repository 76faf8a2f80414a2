"""The plainest baseline: weighted least squares of observed rates on n-grams, categories and numbers.

The target of a row is its working response at the mean rate m, (y/n - m) / (m (1 - m)), the first step of
Newton's method from a constant, so its scores are on the log-odds to first order. Levels are ridge-penalised
columns, one a group. For order values the same idea is `order_value.LinearOrders`.

Source: Hastie, Tibshirani and Friedman 2009, sections 3.4 and 4.4.1. Holds when: rates stay near their mean, or
only the order of rows counts. Does not cover: rates that differ by factors; `logistic` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from adwright.predict.mixed_logistic import Evidence, logistic_slope
from adwright.predict.models.logistic import (
    MIN_EVENTS,
    SLOPE_PRIOR_SD,
    LinearScore,
    Logistic,
    bootstrap_weights,
)
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

_MAX_STEPS = 300
_INTERCEPT = 30.0  # its column's scale, so that its penalty is next to nothing


class Linear:
    """Ridge regression of rates."""

    name = "linear"

    def fit(self, data: FitData) -> Fit:
        """The ridge from tune, the weights from train and tune together."""
        train, tune = data.train, data.tune
        n_members, p = data.config.n_members, train.x.shape[1]
        if not 0 < train.successes.sum() < train.trials.sum():
            data.notes.append("every training outcome is the same: the rate is a constant")
            return Fit(LinearScore(np.zeros((1 + n_members, p)), float("inf")), np.zeros(len(tune)))
        nuisance = Nuisance.learn(train, data.rng)
        ridge, beta = _choose_ridge(data, nuisance)
        return Fit(_learn(train.joined(tune), data, nuisance, ridge), np.asarray(tune.x @ beta))

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        if not 0 < data.train.successes.sum() < data.train.trials.sum():
            return np.zeros(len(data.tune))
        return np.asarray(data.tune.x @ _choose_ridge(data, Nuisance.learn(data.train, data.rng))[1])

    def refit(self, model: LinearScore, rows: Rows, data: FitData) -> LinearScore:
        """The weights from other rows, with the same ridge."""
        if np.isinf(model.ridge):
            return model
        return _learn(rows, data, Nuisance.learn(data.train, data.rng), model.ridge)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> LinearScore:
        """The inverse of `LinearScore.pack`."""
        return Logistic().unpack(values, arrays)


def _learn(rows: Rows, data: FitData, nuisance: Nuisance, ridge: float) -> LinearScore:
    evidence = nuisance.evidence(rows)
    beta = [_least_squares(evidence, ridge)]
    for member in range(data.config.n_members):
        data.progress(f"member {member + 1} of {data.config.n_members}")
        draw = bootstrap_weights(rows, evidence, data.rng)
        beta.append(_least_squares(evidence.weighted(evidence.weight * draw), ridge))
    return LinearScore(np.array(beta), ridge)


def _least_squares(evidence: Evidence, ridge: float) -> F64:
    """(p,) weights that minimise sum_i w_i n_i m (1 - m) (z_i - c - x_i b - u_g)^2 + ridge |b|^2 + tau |u|^2."""
    rate = float((evidence.y.sum() + 0.5) / (evidence.n.sum() + 1))
    variance = rate * (1 - rate)
    target = (evidence.y / evidence.n - rate) / variance
    root = np.sqrt(evidence.weight * evidence.n * variance)
    columns = [evidence.x / np.sqrt(ridge), np.full((len(target), 1), _INTERCEPT)]
    if np.isfinite(evidence.level_ridge):
        rows = np.arange(len(target))
        level = sparse.csr_matrix(
            (np.full(len(target), evidence.level_ridge**-0.5), (rows, evidence.group)),
            shape=(len(target), evidence.n_groups),
        )
        columns.append(level)
    design = sparse.diags_array(root) @ sparse.hstack(columns, format="csr")
    found = linalg.lsqr(
        sparse.csr_matrix(design), root * target, damp=1.0, atol=1e-9, btol=1e-9, iter_lim=_MAX_STEPS
    )[0]
    return np.asarray(found[: evidence.x.shape[1]] / np.sqrt(ridge))


def _choose_ridge(data: FitData, nuisance: Nuisance) -> tuple[float, F64]:
    """The ridge whose score explains tune best, at its own best slope, and its weights."""
    evidence, judge = nuisance.evidence(data.train), nuisance.evidence(data.tune)
    path, hits = sorted(data.config.ridges, reverse=True), float(data.tune.successes.sum())
    if min(hits, float(data.tune.trials.sum()) - hits) < MIN_EVENTS:
        middle = path[len(path) // 3]
        data.notes.append(f"tune has {hits:.0f} successes: too few to choose the ridge, {middle:g} is used")
        return middle, _least_squares(evidence, middle)
    best: tuple[float, float, F64] | None = None
    for ridge in path:
        beta = _least_squares(evidence, ridge)
        loss = logistic_slope(np.asarray(data.tune.x @ beta), judge, prior_sd=SLOPE_PRIOR_SD)[2]
        data.progress(f"linear: ridge {ridge:g}, loss on tune {loss:.6f}")
        if best is None or loss < best[0]:
            best = loss, ridge, beta
    assert best is not None
    return best[1], best[2]
