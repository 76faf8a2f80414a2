"""Tests of contents: how many exposures they take, who sees what, and what the result means."""

from adwright.experiment.adaptive import (
    AdaptiveAnalysis,
    Rounds,
    WeightedMean,
    adaptive_rounds,
    analyse_adaptive,
    policy_value,
)
from adwright.experiment.analyse import analyse
from adwright.experiment.assign import assign
from adwright.experiment.bucketing import Namespace
from adwright.experiment.plan import (
    Plan,
    minimum_effect,
    plan_means,
    plan_proportions,
    power_means,
    value_sd,
)
from adwright.experiment.result import Analysis, ArmResult, Difference, Estimate
from adwright.experiment.sample_ratio import SampleRatio, check_propensities, check_shares

__all__ = [
    "AdaptiveAnalysis",
    "Analysis",
    "ArmResult",
    "Difference",
    "Estimate",
    "Namespace",
    "Plan",
    "Rounds",
    "SampleRatio",
    "WeightedMean",
    "adaptive_rounds",
    "analyse",
    "analyse_adaptive",
    "assign",
    "check_propensities",
    "check_shares",
    "minimum_effect",
    "plan_means",
    "plan_proportions",
    "policy_value",
    "power_means",
    "value_sd",
]
