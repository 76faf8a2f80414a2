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
from adwright.experiment.enrol import Enrolment, Holdout, enrol, exposure_log
from adwright.experiment.findings import DataFinding, check_exposures, check_totals
from adwright.experiment.metrics import MetricSpec
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
from adwright.experiment.sample_ratio_sequence import check_dimensions, watch_shares
from adwright.experiment.scorecard import Scorecard, analyse_metrics
from adwright.experiment.switchback import schedule, slot_ids
from adwright.experiment.unit_table import UnitColumn, summarise_units

__all__ = [
    "AdaptiveAnalysis",
    "Analysis",
    "ArmResult",
    "DataFinding",
    "Difference",
    "Enrolment",
    "Estimate",
    "Holdout",
    "MetricSpec",
    "Namespace",
    "Plan",
    "Rounds",
    "SampleRatio",
    "Scorecard",
    "UnitColumn",
    "WeightedMean",
    "adaptive_rounds",
    "analyse",
    "analyse_adaptive",
    "analyse_metrics",
    "assign",
    "check_dimensions",
    "check_exposures",
    "check_propensities",
    "check_shares",
    "check_totals",
    "enrol",
    "exposure_log",
    "minimum_effect",
    "plan_means",
    "plan_proportions",
    "policy_value",
    "power_means",
    "schedule",
    "slot_ids",
    "summarise_units",
    "value_sd",
    "watch_shares",
]
