"""What the analysis of a test says, as frozen records that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adwright.experiment.sample_ratio import SampleRatio
from adwright.schema import GoalKind, Language

Metric = Literal["click", "conversion", "value"]
Verdict = Literal["ship", "stop", "go on", "invalid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean per exposure with its interval; a rate, or minor units."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One arm. Estimates are None where the totals do not hold what they need."""

    content_id: str
    is_control: bool
    share: float
    n_exposures: int
    n_clicks: int | None
    n_conversions: int | None
    value_minor: float | None
    click: Estimate | None
    conversion: Estimate | None
    value: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One arm against the control, on one metric, per exposure.

    Args:
        content_id: The arm.
        metric: "click" and "conversion" per exposure, or "value" in minor units per exposure.
        absolute: Arm less control.
        low: Lower end of its interval.
        high: Upper end.
        relative: Arm over control, less 1; NaN where a mean is not positive.
        relative_low: Lower end of its interval.
        relative_high: Upper end.
        p: Two-sided p-value, by itself.
        log_p: Its natural logarithm, for p-values too small to write.
        p_adjusted: The p-value after Holm's procedure over the arms.
        level: Coverage of the intervals; over all arms together they hold with 1 - alpha.
        method: How p and intervals were obtained.
    """

    content_id: str
    metric: Metric
    absolute: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    log_p: float
    p_adjusted: float
    level: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The reading of a test.

    Args:
        experiment_id: Which test.
        metric: The goal that decides.
        arms: One entry an arm, in the experiment's order.
        differences: On every metric that the totals allow, for every arm but the control.
        sample_ratio: Whether the traffic was split as planned.
        dispersion: Variance of the counts over the binomial one, by metric; 1 where it could not be learned.
        n_planned: Exposures that every arm must have.
        n_reached: Exposures of the smallest arm.
        decision: "ship" an arm, "stop" and keep the control, "go on" collecting, or "invalid".
        winner: The arm to ship, if any.
        reasons: Why, in words, by language; the first sentence is the headline.
        notes: What the reader has to know about the data, by language.
    """

    experiment_id: str
    metric: GoalKind
    arms: tuple[ArmResult, ...]
    differences: tuple[Difference, ...]
    sample_ratio: SampleRatio
    dispersion: Mapping[str, float]
    n_planned: int
    n_reached: int
    decision: Verdict
    winner: str | None
    reasons: Mapping[Language, tuple[str, ...]]
    notes: Mapping[Language, tuple[str, ...]]

    def difference(self, content_id: str, metric: Metric) -> Difference | None:
        """The comparison of this arm on this metric, if there is one."""
        for difference in self.differences:
            if (difference.content_id, difference.metric) == (content_id, metric):
                return difference
        return None
