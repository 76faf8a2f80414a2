"""Whom a treatment helps, and what it earns to send it to them."""

from adwright.experiment.uplift.analyse import UpliftAnalysis, analyse_uplift
from adwright.experiment.uplift.choice import LEARNERS, CalibratedModel, UpliftFit, fit_uplift
from adwright.experiment.uplift.curves import Bounded, GainCurve, gain_curve
from adwright.experiment.uplift.learner import Learner, UpliftModel, cross_fit, folds_of
from adwright.experiment.uplift.outcomes import cross_fit_arms, effect_scores, fit_arms
from adwright.experiment.uplift.targeting import PolicyEarning, policy_earning
from adwright.experiment.uplift.trial import Trial, randomised_trial

__all__ = [
    "LEARNERS",
    "Bounded",
    "CalibratedModel",
    "GainCurve",
    "Learner",
    "PolicyEarning",
    "Trial",
    "UpliftAnalysis",
    "UpliftFit",
    "UpliftModel",
    "analyse_uplift",
    "cross_fit",
    "cross_fit_arms",
    "effect_scores",
    "fit_arms",
    "fit_uplift",
    "folds_of",
    "gain_curve",
    "policy_earning",
    "randomised_trial",
]
