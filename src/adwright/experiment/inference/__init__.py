"""Comparisons of two arms from summary statistics, for arrays of metrics x arms x segments at once."""

from adwright.experiment.inference.bayes import NormalPrior, Posterior, bayesian_reading
from adwright.experiment.inference.fieller import fieller
from adwright.experiment.inference.lift import Lift, lift, scale_factor
from adwright.experiment.inference.moments import Moments
from adwright.experiment.inference.quantile_summary import ClusteredQuantileSummary, QuantileSummary
from adwright.experiment.inference.ratio_summary import AdjustedRatioSummary, RatioSummary
from adwright.experiment.inference.score import score_difference, score_ratio
from adwright.experiment.inference.sequential_t import (
    one_sided_sequence,
    sequence_halfwidth,
    sequence_rho,
    two_sided_sequence,
)
from adwright.experiment.inference.summaries import AdjustedSummary, MeanSummary, ProportionSummary
from adwright.experiment.inference.t_test import TestResult, t_test

__all__ = [
    "AdjustedRatioSummary",
    "AdjustedSummary",
    "ClusteredQuantileSummary",
    "Lift",
    "MeanSummary",
    "Moments",
    "NormalPrior",
    "Posterior",
    "ProportionSummary",
    "QuantileSummary",
    "RatioSummary",
    "TestResult",
    "bayesian_reading",
    "fieller",
    "lift",
    "one_sided_sequence",
    "scale_factor",
    "score_difference",
    "score_ratio",
    "sequence_halfwidth",
    "sequence_rho",
    "t_test",
    "two_sided_sequence",
]
