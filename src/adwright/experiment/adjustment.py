"""From rows of units to less noisy outcomes: winsorised revenue, and covariates from before the test.

The covariates' part is predicted by a ridge regression that never saw the unit (cross-fitting), within arms, and
subtracted: the difference between arms keeps its meaning, its variance falls by what the covariates explain.

*Holds when* the covariates are from before the first exposure.

Source: Lin (2013), Annals of Applied Statistics 7; Wager, Du, Taylor and Tibshirani (2016), PNAS 113, for
cross-fitting with any regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, UsageError
from adwright.schema import F64

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
"""Ridge penalties tried, per unit of the mean leverage."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Adjusted:
    """Outcomes less what the covariates predict.

    Args:
        outcome: (n,) adjusted outcomes; their mean over all units is that of the raw ones.
        explained: Share of the variance within arms that is gone, below 0 where the adjustment adds noise.
        penalty: The mean penalty over folds.
    """

    outcome: F64
    explained: float
    penalty: float


def winsorise(values: npt.ArrayLike, *, quantile: float = 0.999) -> tuple[F64, float]:
    """The values with those above a quantile of all arms together brought down to it, and that cap.

    The cap is common to all arms, so it does not move the comparison under the null hypothesis; it makes the mean
    that is compared another one, which has to be said beside it.

    Raises:
        UsageError: a quantile outside (0, 1].

    >>> winsorise([0.0, 1.0, 2.0, 100.0], quantile=0.75)[0].tolist()
    [0.0, 1.0, 2.0, 26.5]
    """
    rows = np.asarray(values, np.float64)
    if not 0.0 < quantile <= 1.0:
        raise UsageError("not a quantile", argument="quantile", value=quantile, allowed="above 0, to 1")
    if not len(rows) or not np.all(np.isfinite(rows)):
        raise DataError("no rows, or not numbers", argument="values", value=rows[:3])
    cap = float(np.quantile(rows, quantile))
    return np.minimum(rows, cap), cap


def adjust_outcome(
    outcome: npt.ArrayLike,
    covariates: npt.ArrayLike,
    *,
    arms: npt.ArrayLike,
    rng: np.random.Generator,
    n_folds: int = 5,
) -> Adjusted:
    """The outcomes less their cross-fitted ridge prediction.

    Args:
        outcome: (n,) of the units.
        covariates: (n, p) from before the test; a gap takes the column's mean.
        arms: (n,) which arm each unit is in.
        rng: For the folds.
        n_folds: Two or more.

    Raises:
        DataError: outcomes that are not numbers, or fewer units than ten a fold.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2000, 3))
    >>> y = x @ [1.0, 1.0, 0.0] + rng.normal(size=2000)
    >>> round(adjust_outcome(y, x, arms=np.arange(2000) % 2, rng=rng).explained, 1)
    0.7
    """
    y, x, group = np.asarray(outcome, np.float64), np.asarray(covariates, np.float64), np.asarray(arms)
    x = x[:, None] if x.ndim == 1 else x
    if not np.all(np.isfinite(y)) or len(y) != len(x) or len(y) != len(group):
        raise DataError(
            "outcomes, covariates and arms do not fit", argument="outcome", value=(len(y), len(x))
        )
    if n_folds < 2 or len(y) < 10 * n_folds:
        raise DataError("too few units to cross-fit", argument="n_folds", value=(len(y), n_folds))
    x = _standard(x)
    arm = np.unique(group, return_inverse=True)[1].reshape(-1)
    fold = rng.permutation(len(y)) % n_folds
    predicted, chosen = np.zeros(len(y)), []
    for one in range(n_folds):
        inside = fold != one
        weights, penalty = _ridge(_within(x[inside], arm[inside]), _within(y[inside], arm[inside]))
        predicted[~inside] = x[~inside] @ weights
        chosen.append(penalty)
    adjusted = y - (predicted - predicted.mean())
    before, after = float(np.var(_within(y, arm))), float(np.var(_within(adjusted, arm)))
    explained = 1.0 - after / before if before > 0 else 0.0
    return Adjusted(outcome=adjusted, explained=explained, penalty=float(np.mean(chosen)))


def _standard(x: F64) -> F64:
    centre = np.where(
        np.isfinite(x).any(axis=0), np.nanmean(np.where(np.isfinite(x), x, np.nan), axis=0), 0.0
    )
    filled = np.where(np.isfinite(x), x, centre)
    spread = filled.std(axis=0)
    return np.asarray((filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _within(values: F64, arm: npt.NDArray[np.intp]) -> F64:
    """The values less the mean of their arm."""
    size = np.bincount(arm).astype(np.float64)
    columns = values[:, None] if values.ndim == 1 else values
    means = np.stack([np.bincount(arm, c) for c in columns.T], axis=1) / np.maximum(size, 1.0)[:, None]
    out = columns - means[arm]
    return np.asarray(out[:, 0] if values.ndim == 1 else out)


def _ridge(x: F64, y: F64) -> tuple[F64, float]:
    """The weights at the penalty with the least generalised cross-validation error."""
    u, d, vt = np.linalg.svd(x, full_matrices=False)
    along = u.T @ y
    best: tuple[float, F64, float] = (np.inf, np.zeros(x.shape[1]), 0.0)
    for factor in PENALTIES:
        penalty = factor * max(float(np.mean(d**2)), 1e-12)
        keep = d**2 / (d**2 + penalty)
        residual = float(y @ y - along @ ((2 * keep - keep**2) * along))
        error = residual / (1.0 - float(keep.sum()) / len(y)) ** 2
        if error < best[0]:
            best = (error, vt.T @ (d / (d**2 + penalty) * along), penalty)
    return best[1], best[2]
