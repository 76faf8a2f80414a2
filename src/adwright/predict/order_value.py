"""The value of an order given conversion: a ridge regression of mean order values on the features.

A row of c orders has variance tau^2 + sigma^2 / c around its expectation, tau between contents, sigma between
orders of one content; rows are weighted by its inverse. tau of the calibrated expectation is what the
`OrderValue` carries: how far the mean order of a content strays from its prediction.

Holds when: order values have a finite variance. Does not cover: the spread between single orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse
from scipy.sparse import linalg

from adwright.schema import F64, OrderValue

MIN_ROWS = 20
"""Fewer training rows with orders than this: the expectation is the mean."""

_INTERCEPT = 30.0  # the scale of the intercept's column, so that its penalty is next to nothing
_PRIOR_RELATIVE_SD, _PRIOR_ROWS = 0.1, 10.0
_SLOPE_PRIOR_ROWS = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class OrderRows:
    """n rows with orders: (n, p) features, (n,) mean value of an order in minor units, (n,) orders, strangeness."""

    x: Any
    value: F64
    count: F64
    content: npt.NDArray[np.intp]
    strangeness: F64

    @property
    def mean(self) -> float:
        """The mean value of an order, 0 where there is none."""
        total = float(self.count.sum())
        return float(self.value @ self.count) / total if total else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class OrderValueModel:
    """A fitted order value.

    Args:
        beta: (p,) weights on the standardised value.
        intercept: Minor units.
        limits: Smallest and largest expectation it will give, minor units.
        sd: Between contents, minor units, for a text like the training texts; NaN where it cannot be known.
        sd_strange: The same for a text unlike all of them.
        currency: ISO 4217.
        n_orders: Orders in train.
        notes: What could not be done and why.
    """

    beta: F64
    intercept: float
    limits: tuple[float, float]
    sd: float
    sd_strange: float
    currency: str
    n_orders: int
    notes: tuple[str, ...] = ()

    def predict(self, x: Any, strangeness: F64) -> OrderValue:
        """The expected order value of the rows."""
        mean = np.clip(self.intercept + np.asarray(x @ self.beta), *self.limits)
        variance = self.sd**2 + strangeness * max(self.sd_strange**2 - self.sd**2, 0.0)
        if np.isnan(self.sd):
            variance = np.full(len(mean), np.nan)
        return OrderValue(mean_minor=mean, sd_minor=np.sqrt(variance), currency=self.currency)


def fit_order_value(
    train: OrderRows, tune: OrderRows, calibrate: OrderRows, *, ridges: Sequence[float], currency: str
) -> OrderValueModel:
    """The order value's model; a constant where there are too few rows with orders."""
    notes: list[str] = []
    centre = train.mean if train.count.sum() else calibrate.mean
    beta, intercept = np.zeros(train.x.shape[1]), centre
    if len(train.value) >= MIN_ROWS and np.ptp(train.value) > 0:
        beta, intercept = _choose(train, tune, ridges)
    else:
        notes.append(f"{len(train.value)} training rows with orders: the order value is their mean")
    raw = intercept + np.asarray(calibrate.x @ beta)
    shift, slope = _recalibrate(raw, calibrate)
    beta, intercept = slope * beta, shift + slope * intercept
    low, high = _limits(train, centre)
    fitted = np.clip(intercept + np.asarray(calibrate.x @ beta), low, high)
    blind = np.full(len(fitted), calibrate.mean)
    sd, sd_strange = _between(calibrate, fitted), _between(calibrate, blind)
    if np.isnan(sd):
        notes.append("every content has one order: the spread of its expected order value cannot be known")
    strange = float(np.sqrt(max(sd_strange**2, 2 * sd**2))) if np.isfinite(sd) else float("nan")
    return OrderValueModel(
        beta, intercept, (low, high), sd, strange, currency, int(train.count.sum()), tuple(notes)
    )


def _choose(train: OrderRows, tune: OrderRows, ridges: Sequence[float]) -> tuple[F64, float]:
    """The weights with the ridge that tune likes best (its middle, where tune has too few rows)."""
    scale = max(float(np.sqrt(np.cov(train.value, aweights=train.count))), 1e-9)
    tau2, sigma2 = _variances(train.value, train.count, train.content, train.mean)
    weight = 1 / (max(tau2, 1e-3 * scale**2) + sigma2 / train.count)
    weight = weight / weight.mean()
    path = sorted(ridges, reverse=True)
    if len(tune.value) < MIN_ROWS:
        return _ridge(train, weight, path[len(path) // 3], scale)
    judged = tune.count / (tune.count + tune.count.mean())
    best, chosen = np.inf, (np.zeros(train.x.shape[1]), train.mean)
    for ridge in path:
        beta, intercept = _ridge(train, weight, ridge, scale)
        error = float(judged @ (tune.value - intercept - np.asarray(tune.x @ beta)) ** 2)
        if error < best:
            best, chosen = error, (beta, intercept)
    return chosen


def _ridge(rows: OrderRows, weight: F64, ridge: float, scale: float) -> tuple[F64, float]:
    root = np.sqrt(weight)
    ones = sparse.csr_matrix(np.full((len(root), 1), _INTERCEPT))
    design = sparse.hstack([rows.x, ones], format="csr")
    target = (rows.value - rows.mean) / scale
    design = sparse.csr_matrix(sparse.diags_array(root) @ design)
    solution = linalg.lsqr(design, root * target, damp=float(np.sqrt(ridge)), iter_lim=300)[0]
    return scale * solution[:-1], rows.mean + scale * _INTERCEPT * float(solution[-1])


def _recalibrate(raw: F64, rows: OrderRows) -> tuple[float, float]:
    """(shift, slope) of the values on the prediction, the slope shrunk to 1, with the mean matched."""
    if not len(raw):
        return 0.0, 1.0
    weight = rows.count / (rows.count + rows.count.mean())
    middle = float(np.average(raw, weights=weight))
    spread = float(weight @ (raw - middle) ** 2)
    prior = _SLOPE_PRIOR_ROWS * spread / len(raw)
    slope = 1.0
    if spread > 0:
        slope = max(
            (float(weight @ ((raw - middle) * (rows.value - rows.mean))) + prior) / (spread + prior), 0.0
        )
    return rows.mean - slope * float(np.average(raw, weights=rows.count)), slope


def _limits(rows: OrderRows, centre: float) -> tuple[float, float]:
    if not len(rows.value):
        return centre, centre
    low, high = np.quantile(rows.value, [0.01, 0.99])
    return min(float(low), centre), max(float(high), centre)


def _between(rows: OrderRows, fitted: F64) -> float:
    """tau around the fitted expectations, with a weak prior; NaN where every content has one order."""
    tau2, sigma2 = _variances(rows.value, rows.count, rows.content, fitted)
    n = len(np.unique(rows.content))
    if np.isnan(sigma2) and n:
        return float("nan")
    prior = (_PRIOR_RELATIVE_SD * rows.mean) ** 2
    return float(np.sqrt((n * np.nan_to_num(tau2) + _PRIOR_ROWS * prior) / (n + _PRIOR_ROWS)))


def _variances(
    value: F64, count: F64, content: npt.NDArray[np.intp], fitted: F64 | float
) -> tuple[float, float]:
    """(tau^2, sigma^2) such that squared residuals of contents are tau^2 + sigma^2 / count, both >= 0.

    sigma^2 is NaN where every content has one order.
    """
    index = np.unique(content, return_inverse=True)[1].reshape(-1)
    total = np.bincount(index, count)
    residual = np.bincount(index, count * (value - fitted)) / np.maximum(total, 1)
    if not len(total) or total.max() <= 1:
        return float(np.mean(residual**2)) if len(total) else 0.0, float("nan")
    weight = np.sqrt(total)
    design = np.stack([np.ones_like(total), 1 / total], axis=1)
    (tau2, sigma2), _ = optimize.nnls(design * weight[:, None], residual**2 * weight)
    return float(tau2), float(sigma2)
