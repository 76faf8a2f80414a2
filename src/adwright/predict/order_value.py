"""The value of an order given conversion: expected by a base, recalibrated, with its spread and quantiles.

Bases: a ridge regression of mean order values on the features ("linear", the baseline), or a zero-inflated
log-normal network ("fusion", `models/fusion_orders.py`). A row of c orders has variance tau^2 + sigma^2 / c around
its expectation, tau between contents, sigma between orders of one content; the ridge weights rows by its inverse.
tau of the calibrated expectation is what the `OrderValue` carries: how far the mean order of a content strays from
its prediction.

The quantiles of a single order come from the single orders of `calibrate`, relative to their expectation and to
the log-normal's spread where there is one: split-conformal, so that 90 % lie between them whatever the base.

Source of the quantiles: Lei et al. 2018, JASA 113, algorithm 2, on log residuals.
Holds when: order values have a finite variance. Does not cover: quantiles of orders worth 0 or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import optimize, sparse, special
from scipy.sparse import linalg

from adwright.schema import F64, OrderValue

MIN_ROWS = 20
"""Fewer training rows with orders than this: the expectation is the mean."""

QUANTILES = (0.05, 0.5, 0.95)

MIN_SINGLE_ORDERS = 40
"""Fewer calibrate rows of one order than this: quantiles are those of the log-normal, or not known."""

_RESCALE_PRIOR_ROWS = 20.0
_INTERCEPT = 30.0  # the scale of the intercept's column, so that its penalty is next to nothing
_PRIOR_RELATIVE_SD, _PRIOR_ROWS = 0.1, 10.0
_SLOPE_PRIOR_ROWS = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class OrderRows:
    """n rows with orders: (n, p) features, (n,) mean value of an order in minor units, (n,) orders, strangeness;
    (n, ...) the feature columns themselves, for a base that reads them."""

    x: Any
    value: F64
    count: F64
    content: npt.NDArray[np.intp]
    strangeness: F64
    frame: pl.DataFrame | None = None

    @property
    def mean(self) -> float:
        """The mean value of an order, 0 where there is none."""
        total = float(self.count.sum())
        return float(self.value @ self.count) / total if total else 0.0


class OrderBase(Protocol):
    """What expects order values."""

    def expected(self, x: Any, frame: pl.DataFrame | None) -> F64:
        """(n,) minor units."""
        ...

    def log_sd(self, frame: pl.DataFrame | None) -> F64 | None:
        """(n,) standard deviation of the log of one order; None where the base knows nothing of it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LinearOrders:
    """Expected values that are linear in the features: (p,) `beta` and `intercept`, minor units."""

    beta: F64
    intercept: float

    def expected(self, x: Any, frame: pl.DataFrame | None) -> F64:
        """(n,) minor units; the frame is not needed."""
        del frame
        return np.asarray(self.intercept + np.asarray(x @ self.beta))

    def log_sd(self, frame: pl.DataFrame | None) -> F64 | None:
        """None: nothing is known of it."""
        del frame
        return None


@dataclass(frozen=True, slots=True, eq=False)
class OrderValueModel:
    """A fitted order value.

    Args:
        base: What expects values.
        shift: Of the recalibrated expectation, minor units.
        slope: Of the recalibrated expectation on that of the base.
        limits: Smallest and largest expectation it will give, minor units.
        sd: Between contents, minor units, for a text like the training texts; NaN where it cannot be known.
        sd_strange: The same for a text unlike all of them.
        currency: ISO 4217.
        n_orders: Orders in train.
        residuals: Quantiles (`QUANTILES`) of log(order / expectation), where the base has a log_sd s of
            (log(order / expectation) + s^2 / 2) / s, standard normal if all is right; None where calibrate had
            too few single orders.
        notes: What could not be done and why.
    """

    base: OrderBase
    shift: float
    slope: float
    limits: tuple[float, float]
    sd: float
    sd_strange: float
    currency: str
    n_orders: int
    residuals: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()

    def expected(self, x: Any, frame: pl.DataFrame | None) -> F64:
        """(n,) recalibrated, within the limits, minor units."""
        return np.clip(self.shift + self.slope * self.base.expected(x, frame), *self.limits)

    def predict(self, x: Any, strangeness: F64, frame: pl.DataFrame | None = None) -> OrderValue:
        """The expected order value of the rows."""
        mean = self.expected(x, frame)
        variance = self.sd**2 + strangeness * max(self.sd_strange**2 - self.sd**2, 0.0)
        if np.isnan(self.sd):
            variance = np.full(len(mean), np.nan)
        return OrderValue(mean_minor=mean, sd_minor=np.sqrt(variance), currency=self.currency)

    def quantiles(self, x: Any, frame: pl.DataFrame | None = None) -> F64:
        """(n, 3) the 5, 50 and 95 % quantiles of one order, minor units; NaN where they cannot be known."""
        mean, log_sd = self.expected(x, frame), self.base.log_sd(frame)
        if log_sd is None:
            none = (np.nan,) * len(QUANTILES)
            away = np.tile(self.residuals or none, (len(mean), 1))
        else:
            unit = self.residuals or special.ndtri(QUANTILES)
            away = log_sd[:, None] * np.asarray(unit) - (log_sd**2 / 2)[:, None]
        return np.asarray(np.maximum(mean, 0.0)[:, None] * np.exp(away))


def fit_order_value(
    train: OrderRows,
    tune: OrderRows,
    calibrate: OrderRows,
    *,
    ridges: Sequence[float],
    currency: str,
    base: OrderBase | None = None,
) -> OrderValueModel:
    """The order value's model; a constant where there are too few rows with orders.

    Args:
        train: Rows that the linear base is learned from.
        tune: Rows that choose its ridge.
        calibrate: Rows that recalibration, spread and quantiles come from.
        ridges: Candidates.
        currency: ISO 4217.
        base: A fitted base in place of the linear one.
    """
    notes: list[str] = []
    centre = train.mean if train.count.sum() else calibrate.mean
    if base is not None:
        shift, slope = 0.0, _rescale(base.expected(calibrate.x, calibrate.frame), calibrate)
    else:
        beta, intercept = np.zeros(train.x.shape[1]), centre
        if len(train.value) >= MIN_ROWS and np.ptp(train.value) > 0:
            beta, intercept = _choose(train, tune, ridges)
        else:
            notes.append(f"{len(train.value)} training rows with orders: the order value is their mean")
        base = LinearOrders(beta, intercept)
        shift, slope = _recalibrate(base.expected(calibrate.x, None), calibrate)
    low, high = _limits(train, centre)
    fitted = np.clip(shift + slope * base.expected(calibrate.x, calibrate.frame), low, high)
    blind = np.full(len(fitted), calibrate.mean)
    sd, sd_strange = _between(calibrate, fitted), _between(calibrate, blind)
    if np.isnan(sd):
        notes.append("every content has one order: the spread of its expected order value cannot be known")
    return OrderValueModel(
        base=base,
        shift=shift,
        slope=slope,
        limits=(low, high),
        sd=sd,
        sd_strange=float(np.sqrt(max(sd_strange**2, 2 * sd**2))) if np.isfinite(sd) else float("nan"),
        currency=currency,
        n_orders=int(train.count.sum()),
        residuals=_residuals(calibrate, fitted, base.log_sd(calibrate.frame)),
        notes=tuple(notes),
    )


def _rescale(raw: F64, rows: OrderRows) -> float:
    """What makes the expected total the observed one, shrunk to 1: log-normal values err by factors."""
    expected = float(raw @ rows.count) if len(raw) else 0.0
    if expected <= 0 or rows.mean <= 0:
        return 1.0
    n = len(raw)
    return float((rows.value @ rows.count / expected) ** (n / (n + _RESCALE_PRIOR_ROWS)))


def _residuals(rows: OrderRows, fitted: F64, log_sd: F64 | None) -> tuple[float, ...] | None:
    """Quantiles of the log residuals of single orders, on the wide side as split-conformal asks."""
    single = np.flatnonzero((rows.count == 1) & (rows.value > 0) & (fitted > 0))
    n = len(single)
    if n < MIN_SINGLE_ORDERS:
        return None
    held = np.log(rows.value[single] / fitted[single])
    if log_sd is not None:
        held = held / log_sd[single] + log_sd[single] / 2
    held = np.sort(held)
    low = held[max(int(np.floor((n + 1) * QUANTILES[0])) - 1, 0)]
    high = held[min(int(np.ceil((n + 1) * QUANTILES[2])) - 1, n - 1)]
    return float(low), float(np.median(held)), float(high)


def _choose(train: OrderRows, tune: OrderRows, ridges: Sequence[float]) -> tuple[F64, float]:
    """The weights with the ridge that tune likes best (its middle, where tune has too few rows)."""
    scale = max(float(np.sqrt(np.cov(train.value, aweights=train.count))), 1e-9)
    tau2, sigma2 = _variances(train.value, train.count, train.content, train.mean)
    weight = 1 / (max(tau2, 1e-3 * scale**2) + np.nan_to_num(sigma2) / train.count)
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
