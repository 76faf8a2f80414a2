"""The effect of an arm against the control, with its standard error: absolute, relative or on the log scale.

The relative effect's interval is best read from the log scale, which keeps its coverage where the control's mean
is uncertain; the plain relative one is the delta method of (b - a) / a and is offered since others report it.

*Holds when* the control's mean is several standard errors from 0.

Source: delta method; Welch (1947) for the degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.experiment.inference.moments import Moments, divide
from adwright.experiment.inference.summaries import Summary
from adwright.schema import F64

Scale = Literal["absolute", "relative", "log"]
S = TypeVar("S", bound=Summary)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lift:
    """An effect with its standard error, arrays of one shape; NaN where it cannot be had.

    Args:
        scale: "absolute": b - a. "relative": (b - a) / |a|. "log": log(b / a).
        point: The estimate.
        se: Its standard error.
        dof: Welch's degrees of freedom.
        n: Units of both arms.
        control: Mean of the control, without adjustment.
    """

    scale: Scale
    point: F64
    se: F64
    dof: F64
    n: F64
    control: F64

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where there is an estimate with a variance above 0."""
        return np.isfinite(self.point) & np.isfinite(self.se) & (self.se > 0)


def lift(control: S, treatment: S, *, scale: Scale = "relative") -> Lift:
    """The effect of `treatment` against `control`, two summaries of one kind.

    Args:
        control: Its summary statistics, arrays of any shape.
        treatment: Those of the other arm, of a shape that fits.
        scale: See `Lift`.

    Raises:
        DataError: numbers that cannot be (see the summaries).
        UsageError: an unknown scale.

    >>> from adwright.experiment.inference.summaries import ProportionSummary
    >>> a, b = ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=570)
    >>> found = lift(a, b)
    >>> round(float(found.point), 4), round(float(found.se), 5)
    (0.14, 0.06797)
    """
    a, b = control.pair(treatment)
    if scale == "absolute":
        point, variance = b.mean - a.mean, a.se2 + b.se2
    elif scale == "relative":
        point, variance = divide(b.mean - a.mean, np.abs(a.raw_mean)), _relative_variance(a, b)
    elif scale == "log":
        positive = (a.mean > 0) & (b.mean > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            point = np.where(positive, np.log(b.mean / a.mean), np.nan)
        variance = divide(a.se2, a.mean**2) + divide(b.se2, b.mean**2)
    else:
        raise UsageError("unknown scale", argument="scale", value=scale, allowed="absolute, relative, log")
    return Lift(
        scale=scale,
        point=np.asarray(point, dtype=np.float64),
        se=np.sqrt(np.asarray(variance, dtype=np.float64)),
        dof=_welch(a, b),
        n=np.asarray(a.n + b.n, dtype=np.float64),
        control=np.asarray(np.broadcast_to(a.raw_mean, np.shape(point)), dtype=np.float64),
    )


def scale_factor(
    *, n_treatment: float, traffic_share: float = 1.0, n_days: float = 1.0, n_total: float | None = None
) -> float:
    """What an absolute effect per unit is multiplied by to give the effect of a day of full traffic.

    Args:
        n_treatment: Units of the arm; used where `n_total` is not given.
        traffic_share: Share of all traffic that was in the test (with `n_treatment`: in that arm), (0, 1].
        n_days: Days of the test, above 0.
        n_total: Units of the whole test.

    >>> scale_factor(n_treatment=1000, traffic_share=0.5, n_days=10)
    200.0
    """
    if not 0.0 < traffic_share <= 1.0 or not n_days > 0.0:
        raise UsageError("no traffic", argument="traffic_share", value=traffic_share, allowed="(0, 1]")
    return (n_treatment if n_total is None else n_total) / traffic_share / n_days


def _relative_variance(a: Moments, b: Moments) -> F64:
    if a.grows_with_adjusted:
        growth = 1.0 + divide(b.mean - a.mean, np.abs(a.raw_mean))
    else:
        growth = divide(b.raw_mean, a.raw_mean)
    control = a.raw_variance * growth**2 - 2.0 * a.shared * growth + a.shift
    return divide(b.se2, a.raw_mean**2) + divide(control, a.n * a.raw_mean**2)


def _welch(a: Moments, b: Moments) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        dof = (a.se2 + b.se2) ** 2 / (a.se2**2 / (a.n - 1.0) + b.se2**2 / (b.n - 1.0))
    return np.where(np.isfinite(dof), dof, 1.0)
