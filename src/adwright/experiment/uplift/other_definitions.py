"""Qini and AUUC as two other libraries define them, to compare published figures with; we report `curves`.

scikit-uplift scales areas by a "perfect" ordering that is read off the outcomes; causalml scales by the gain of
treating everybody, so that its AUUC is 1/2 for random targeting and explodes where the mean effect is near 0.
Tied predictions count as one point in the first and in the rows' order in the second, as they do there.

Source: scikit-uplift 0.5.1 (sklift.metrics) and causalml 0.18 (causalml.metrics), reimplemented.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, unknown_name
from adwright.schema import F64

_I64 = npt.NDArray[np.int64]


def scikit_uplift_qini(y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """`qini_auc_score` with negative effects allowed in the perfect curve."""
    outcome, arm, by = _checked(y, treated, predicted)
    model = _points(outcome, arm, by, "qini")
    perfect = _points(outcome, arm, outcome * arm - outcome * (1 - arm), "qini")
    return _ratio(model, perfect)


def scikit_uplift_auc(y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """`uplift_auc_score`."""
    outcome, arm, by = _checked(y, treated, predicted)
    model = _points(outcome, arm, by, "uplift")
    more_responders = np.sum((outcome == 1) & (arm == 1)) > np.sum((outcome == 0) & (arm == 0))
    ideal = 2.0 * (outcome == arm) + (outcome if more_responders else arm)
    return _ratio(model, _points(outcome, arm, ideal, "uplift"))


def uplift_at(
    y: npt.ArrayLike,
    treated: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    share: float,
    strategy: Literal["overall", "by group"] = "overall",
) -> float:
    """`uplift_at_k`: the difference of rates among the first `share`, of all or of each group."""
    outcome, arm, by = _checked(y, treated, predicted)
    order = np.argsort(-by, kind="stable")
    if strategy == "overall":
        first = order[: int(len(by) * share)]
        groups = [first[arm[first] == g] for g in (1, 0)]
    elif strategy == "by group":
        groups = [order[arm[order] == g] for g in (1, 0)]
        groups = [g[: int(len(g) * share)] for g in groups]
    else:
        raise unknown_name("strategy", strategy, ("overall", "by group"))
    if not all(len(g) for g in groups):
        raise DataError("a group is empty among the first", argument="share", value=share)
    return float(outcome[groups[0]].mean() - outcome[groups[1]].mean())


def weighted_average_uplift(
    y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike, *, n_bins: int = 10
) -> float:
    """`weighted_average_uplift`: differences of rates by tenth of the ordering, weighted by the treated."""
    outcome, arm, by = _checked(y, treated, predicted)
    effects, weights = [], []
    for rows in np.array_split(np.argsort(-by, kind="stable"), n_bins):
        given, kept = rows[arm[rows] == 1], rows[arm[rows] == 0]
        if not len(given) or not len(kept):
            raise DataError("a group is empty in a bin", argument="n_bins", value=n_bins)
        effects.append(outcome[given].mean() - outcome[kept].mean())
        weights.append(len(given))
    return float(np.average(effects, weights=weights))


def causalml_auuc(
    y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike, *, normalize: bool = True
) -> float:
    """`auuc_score`: mean height of the cumulative gain, over the gain of treating all if `normalize`."""
    curve = _causalml_curve(*_checked(y, treated, predicted), "uplift")
    return float(curve.mean() / (abs(curve[-1]) if normalize else 1.0))


def causalml_qini(
    y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike, *, normalize: bool = True
) -> float:
    """`qini_score`: mean height of the Qini curve above the line of random targeting."""
    curve = _causalml_curve(*_checked(y, treated, predicted), "qini")
    above = float(np.mean(curve - np.linspace(0.0, curve[-1], len(curve))))
    return above / (abs(float(curve[-1])) if normalize else 1.0)


def _checked(y: npt.ArrayLike, treated: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[F64, _I64, F64]:
    outcome, by = np.asarray(y, np.float64), np.asarray(predicted, np.float64)
    arm = np.asarray(treated).astype(np.int64)
    if not (outcome.shape == arm.shape == by.shape) or outcome.ndim != 1:
        raise DataError("lengths differ", argument="predicted", value=by.shape, allowed=str(outcome.shape))
    if not np.isin(arm, (0, 1)).all() or arm.min() == arm.max():
        raise DataError("not a control and a treatment", argument="treated", value=np.unique(arm).tolist(),
                        allowed="0 and 1, both present")  # fmt: skip
    if not (np.isfinite(outcome).all() and np.isfinite(by).all()):
        raise DataError("not finite", argument="y", value=float("nan"))
    return outcome, arm, by


def _sums(outcome: F64, arm: _I64, by: F64) -> tuple[F64, F64, F64, F64]:
    """Running counts and outcome sums of treated and control, in the order of the predictions."""
    order = np.argsort(-by, kind="stable")
    o, t = outcome[order], arm[order].astype(np.float64)
    return np.cumsum(t), np.cumsum(1.0 - t), np.cumsum(o * t), np.cumsum(o * (1.0 - t))


def _over(top: F64, bottom: F64) -> F64:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)


def _points(outcome: F64, arm: _I64, by: F64, kind: Literal["qini", "uplift"]) -> tuple[F64, F64]:
    """(customers, height) at each distinct prediction, from the origin."""
    n_t, n_c, y_t, y_c = _sums(outcome, arm, by)
    height = (
        y_t - _over(y_c * n_t, n_c) if kind == "qini" else (_over(y_t, n_t) - _over(y_c, n_c)) * (n_t + n_c)
    )
    last = np.append(np.flatnonzero(np.diff(-np.sort(-by))), len(by) - 1)
    return np.append(0.0, (n_t + n_c)[last]), np.append(0.0, height[last])


def _ratio(model: tuple[F64, F64], perfect: tuple[F64, F64]) -> float:
    baseline = 0.5 * float(model[0][-1]) * float(model[1][-1])
    area, ideal = (float(np.trapezoid(height, at)) - baseline for at, height in (model, perfect))
    return area / ideal if ideal != 0 else 0.0


def _causalml_curve(outcome: F64, arm: _I64, by: F64, kind: Literal["qini", "uplift"]) -> F64:
    n_t, n_c, y_t, y_c = _sums(outcome, arm, by)
    known = (n_c > 0) if kind == "qini" else (n_t > 0) & (n_c > 0)
    value = y_t - _over(y_c * n_t, n_c) if kind == "qini" else _over(y_t, n_t) - _over(y_c, n_c)
    at = np.arange(len(by) + 1, dtype=np.float64)
    known, value = np.append(True, known), np.append(0.0, value)
    filled = np.interp(at, at[known], value[known])
    return np.asarray(filled if kind == "qini" else filled * at)
