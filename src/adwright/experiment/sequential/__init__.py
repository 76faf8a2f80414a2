"""Tests that may be looked at again and again: group-sequential bounds, confidence sequences, exact counts."""

from adwright.experiment.sequential.bernoulli import bernoulli_sequence
from adwright.experiment.sequential.counts import CountSequence, count_sequence, rate_ratio_sequence
from adwright.experiment.sequential.exact_groups import CountBounds, count_bounds
from adwright.experiment.sequential.group_sequential import Bounds, bounds, crossing_probability
from adwright.experiment.sequential.log_ratio import (
    LogRatioSequence,
    has_enough,
    log_ratio_sequence,
    planned_information,
)
from adwright.experiment.sequential.mixtures import (
    BetaBinomialMixture,
    GammaExponentialMixture,
    GammaPoissonMixture,
    Mixture,
    NormalMixture,
    best_rho,
)
from adwright.experiment.sequential.path import (
    CountEvidence,
    LookPath,
    anytime_path,
    anytime_path_counts,
    count_evidence,
    group_path,
    group_path_counts,
    z_statistic,
)
from adwright.experiment.sequential.quantile_test import quantile_p
from adwright.experiment.sequential.spending import Spending
from adwright.experiment.sequential.stitching import (
    double_stitching_bound,
    empirical_process_bound,
    poly_stitching_bound,
)

__all__ = [
    "BetaBinomialMixture",
    "Bounds",
    "CountBounds",
    "CountEvidence",
    "CountSequence",
    "GammaExponentialMixture",
    "GammaPoissonMixture",
    "LogRatioSequence",
    "LookPath",
    "Mixture",
    "NormalMixture",
    "Spending",
    "anytime_path",
    "anytime_path_counts",
    "bernoulli_sequence",
    "best_rho",
    "bounds",
    "count_bounds",
    "count_evidence",
    "count_sequence",
    "crossing_probability",
    "double_stitching_bound",
    "empirical_process_bound",
    "group_path",
    "group_path_counts",
    "has_enough",
    "log_ratio_sequence",
    "planned_information",
    "poly_stitching_bound",
    "quantile_p",
    "rate_ratio_sequence",
    "z_statistic",
]
