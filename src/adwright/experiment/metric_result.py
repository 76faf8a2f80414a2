"""One arm against the control on one metric."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.experiment.inference import Posterior
from adwright.experiment.sequential.path import LookPath


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MetricResult:
    """One arm against the control on one metric, at the last look.

    Args:
        metric: Name.
        arm: Content id.
        control_mean: Of the control.
        mean: Of the arm.
        absolute: Difference, lower and upper end of its fixed-horizon interval.
        relative: Relative effect and the ends of its interval on the log scale, fixed horizon.
        p: Two-sided p-value of the last look alone.
        p_adjusted: Corrected over arms (deciding) or over all secondary comparisons.
        level: Coverage of the fixed-horizon intervals.
        path: Look by look, under the test's design; None under the fixed one.
        posterior: Bayesian reading of the log ratio, where the metric has a prior.
    """

    metric: str
    arm: str
    control_mean: float
    mean: float
    absolute: tuple[float, float, float]
    relative: tuple[float, float, float]
    p: float
    p_adjusted: float
    level: float
    path: LookPath | None
    posterior: Posterior | None
