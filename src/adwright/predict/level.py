"""The level follows time: how much faster than "all of calibrate alike" the past has to be forgotten.

Click rates drift with the season, the audience and the platform. The intercept is fitted to rows weighted by
2^(-age / half-life), and the spread around it is that of forecasts: each stretch of calibrate is predicted from
what lies before it, so that the error of the moving level is part of the level's variance.

The half-life is the one under which calibrate's stretches, so predicted, were most likely; none (all rows
alike) unless the gain over that exceeds its standard error over groups.

Source: exponential smoothing is the steady state of the local-level model (Muth 1960, JASA 55; Durbin and
Koopman 2012, section 2.11). Holds when: the next weeks are about as far away as a stretch is long.
Does not cover: a level that jumps, or a season of which calibrate saw only a part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.predict.rows import Rows
from adwright.schema import F64

HALF_LIVES = (0.5, 0.25, 0.125)
"""Candidates, as shares of the time that calibrate spans, beside no forgetting at all."""

N_STRETCHES = 12
MIN_ROWS = 200
"""Rows of calibrate below which the level stands still."""

_WARM_UP = 50.0  # successes at the mean level that every forecast starts from

Likelihood = Callable[[F64], F64]


@dataclass(frozen=True, slots=True, eq=False)
class LevelForecast:
    """How the level moved.

    Args:
        half_life: In units of the rows' time (days, or what an ordinal column counts); infinite for none.
        shift: (n,) log-odds by which the forecast for each calibrate row lies above its mean without a level.
        weight: (n,) of each calibrate row in the intercept: 1 for the latest.
    """

    half_life: float
    shift: F64
    weight: F64


def forecast_level(rows: Rows, logit: F64, likelihood: Likelihood) -> LevelForecast:
    """The forecasts with the half-life that suits calibrate best.

    Args:
        rows: The calibrate rows.
        logit: (n,) log-odds of their means without a moving level.
        likelihood: (n,) log-likelihoods of the rows, from (n,) means.
    """
    still = LevelForecast(float("inf"), np.zeros(len(rows)), np.ones(len(rows)))
    if rows.time is None or len(rows) < MIN_ROWS or rows.successes.sum() <= 0:
        return still
    time = rows.time - rows.time.min()
    span = float(time.max())
    stretch = _stretches(time)
    if span <= 0 or stretch.max() < 2:
        return still
    best, found = likelihood(special.expit(logit)), still
    cluster = rows.group_index[0] if rows.group is not None else np.arange(len(rows))
    for share in HALF_LIVES:
        forecast = _forecast(rows, logit, time, stretch, share * span)
        scored = likelihood(special.expit(logit + forecast.shift))
        gain = np.bincount(cluster, scored - best)
        error = float(gain.std(ddof=1) * np.sqrt(len(gain))) if len(gain) > 1 else np.inf
        if gain.sum() > (error if found is still else 0.0):
            best, found = scored, forecast
    return found


def _forecast(
    rows: Rows, logit: F64, time: F64, stretch: npt.NDArray[np.intp], half_life: float
) -> LevelForecast:
    expected = rows.trials * special.expit(logit)
    overall = float(rows.successes.sum() / expected.sum())
    shift = np.zeros(len(rows))
    for number in range(int(stretch.max()) + 1):
        here, past = stretch == number, stretch < number
        weight = _forgotten(time[here].min() - time[past], half_life)
        seen = float(weight @ rows.successes[past]) + _WARM_UP * overall
        shift[here] = np.log(seen / (float(weight @ expected[past]) + _WARM_UP))
    return LevelForecast(half_life, shift, _forgotten(time.max() - time, half_life))


def _stretches(time: F64) -> npt.NDArray[np.intp]:
    """(n,) numbers of stretches of about as many rows, cut between different times."""
    values, index = np.unique(time, return_inverse=True)
    before = np.cumsum(np.bincount(index.reshape(-1))) - 1
    cut = (before * N_STRETCHES // len(time))[: len(values)]
    return np.unique(cut, return_inverse=True)[1].reshape(-1)[index.reshape(-1)]


def _forgotten(age: F64, half_life: float) -> F64:
    return np.asarray(0.5 ** (np.maximum(age, 0.0) / half_life))
