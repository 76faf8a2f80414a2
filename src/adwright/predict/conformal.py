"""Conformal intervals of the successes to be seen in so many trials: coverage that needs no model of the spread.

Each calibrate content's count is turned into a residual on a scale on which the model says its variance is one:

    rates up to 20 %:  r = t(y) - t(E),  t(y) = 2 asinh(sqrt(v y)) / sqrt(v),  E the expected count, v the relative
                       variance of the rate (variance E + v E^2); 2 sqrt(y) where v is 0 or not known
    above:             r = (logit y/n - logit m) / sqrt(1 / (n m (1 - m)) + tau^2 + s^2),  y and n - y each
                       one half larger

An interval runs between quantiles of the residuals of calibrate, turned back. Groups (tests) are what is
exchangeable: a residual of group g weighs 1 / ((G + 1) n_g), so a group counts once however many contents it holds,
and a mass of 1 / (G + 1) lies at infinity. The count of a content of a new group is then covered with at least the
probability asked for, whatever its distribution. Fewer than 2 / (1 - level) - 1 groups cannot promise that, and the
interval is [0, n].

Means of calibrate rows come from maps fitted on the other folds. Where the level follows time they are forecasts.

Source: Lee, Barber and Willett 2023, Distribution-free inference with hierarchical data, theorem 1; Dunn, Wasserman
and Ramdas 2023, JASA 118; the scale, Anscombe 1948, Biometrika 35. Each tail is held to half the error.
Holds when: a new group is like those of calibrate. Does not cover: coverage given the content, or after a drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import special

from adwright.predict.rows import Index, Rows
from adwright.schema import F64, Rate
from adwright.stats.rates import content_logit_sd

LEVEL = 0.9

_ROUNDING = 1e-7  # a count on the edge of its interval is inside


@dataclass(frozen=True, slots=True)
class ConformalBand:
    """Quantiles of calibrate's residuals.

    Args:
        low: Of the lower tail; minus infinity where there are too few groups.
        high: Of the upper tail.
        level: Coverage promised, in (0, 1).
        n_groups: Groups that it rests on.
    """

    low: float
    high: float
    level: float
    n_groups: int

    def interval(self, rate: Rate, trials: F64) -> tuple[F64, F64]:
        """(n,) least and (n,) largest count, both included; NaN where the trials are not known.

        Args:
            rate: n rows.
            trials: (n,) numbers of trials.
        """
        scale = _Scale(rate, np.asarray(trials, np.float64))
        low = np.ceil(scale.count(np.full(len(rate), self.low)) - _ROUNDING)
        high = np.floor(scale.count(np.full(len(rate), self.high)) + _ROUNDING)
        return np.clip(low, 0.0, trials), np.clip(high, 0.0, trials)

    def to_json(self) -> dict[str, Any]:
        """Plain values, None for infinity."""
        return {k: None if isinstance(v, float) and np.isinf(v) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ConformalBand:
        """The inverse of `to_json`."""
        low, high = values["low"], values["high"]
        return cls(
            low=-np.inf if low is None else low,
            high=np.inf if high is None else high,
            level=values["level"],
            n_groups=values["n_groups"],
        )


def fit_conformal(rate: Rate, rows: Rows, *, level: float = LEVEL) -> ConformalBand:
    """The band of the calibrate rows; rows of one content in one group are one count.

    Args:
        rate: Their rates, (n,), not fitted on them.
        rows: Their outcomes.
        level: Coverage, in (0, 1).
    """
    cells, index = _cells(rows)
    first = np.unique(index, return_index=True)[1]
    trials = np.bincount(index, rows.trials).astype(np.float64)
    mean = np.bincount(index, rows.trials * rate.mean) / trials
    cell = Rate(mean=mean, k=rate.k[first], level_sd=rate.level_sd[first], family=rate.family)
    residual = _Scale(cell, trials).residual(np.bincount(index, rows.successes).astype(np.float64))
    size = np.bincount(cells)
    n_groups = len(size)
    weight = 1 / ((n_groups + 1) * size[cells])
    tail = (1 - level) / 2
    return ConformalBand(
        low=-_quantile(-residual, weight, 1 - tail),
        high=_quantile(residual, weight, 1 - tail),
        level=level,
        n_groups=n_groups,
    )


def _quantile(values: F64, weight: F64, probability: float) -> float:
    """The least value up to which the weights reach the probability; infinity where they do not."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) >= probability - 1e-12
    return float(values[order][np.argmax(reached)]) if reached.any() else float("inf")


def _cells(rows: Rows) -> tuple[Index, Index]:
    """(cells,) the group of each content in a group, (n,) the cell of each row; without groups each is its own."""
    group = rows.group_index[0] if rows.group is not None else np.zeros(len(rows), np.intp)
    key = group * (int(rows.content.max(initial=0)) + 1) + rows.content
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    of_cell = group[first] if rows.group is not None else np.arange(len(first))
    return np.unique(of_cell, return_inverse=True)[1].reshape(-1), index.reshape(-1)


class _Scale:
    """Counts of n rows on the scale on which their variance is about one."""

    def __init__(self, rate: Rate, trials: F64) -> None:
        self.rate, self.trials = rate, trials
        self.expected = trials * rate.mean
        known = np.isfinite(rate.k) & np.isfinite(rate.level_sd)
        self.spread: F64
        if rate.family == "logistic":
            mean = np.clip(rate.mean, 1e-12, 1 - 1e-12)
            effects = np.where(known, rate.level_sd**2 + content_logit_sd(rate) ** 2, 0.0)
            self.spread = np.sqrt(1 / np.maximum(trials * mean * (1 - mean), 1e-12) + effects)
            self.centre: F64 = special.logit(mean)
        else:
            relative = np.exp(rate.level_sd**2) * (1 + 1 / rate.k) - 1
            self.spread = np.sqrt(np.where(known, np.maximum(relative, 1e-9), 1e-9))
            self.centre = self._stable(self.expected)

    def residual(self, successes: F64) -> F64:
        """(n,) residuals, rising with the count."""
        if self.rate.family == "logistic":
            logit = np.log((successes + 0.5) / (self.trials - successes + 0.5))
            return np.asarray((logit - self.centre) / self.spread)
        return self._stable(successes) - self.centre

    def count(self, residual: F64) -> F64:
        """(n,) counts that have these residuals; the inverse of `residual`."""
        if self.rate.family == "logistic":
            share = special.expit(self.centre + residual * self.spread)
            return np.asarray((self.trials + 1) * share - 0.5)
        half = np.clip(self.spread / 2 * (self.centre + residual), 0.0, 300.0)
        return np.asarray((np.sinh(half) / self.spread) ** 2)

    def _stable(self, count: F64) -> F64:
        return np.asarray(2 * np.arcsinh(self.spread * np.sqrt(count)) / self.spread)
