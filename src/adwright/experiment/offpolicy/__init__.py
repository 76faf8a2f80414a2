"""What another policy would have earned, from logged decisions."""

from adwright.experiment.offpolicy.choice import Choice, choose_estimator
from adwright.experiment.offpolicy.control_variates import ControlVariates
from adwright.experiment.offpolicy.diagnostics import Diagnostics, diagnose
from adwright.experiment.offpolicy.evaluate import Estimated, PolicyValue, evaluate_policy
from adwright.experiment.offpolicy.intervals import (
    Interval,
    difference,
    empirical_bernstein,
    studentised,
    weighted_counts,
)
from adwright.experiment.offpolicy.outcome_model import cross_fitted_rewards
from adwright.experiment.offpolicy.registry import make_estimator
from adwright.experiment.offpolicy.replay import Replay, replay
from adwright.experiment.offpolicy.rounds import LoggedRounds, logged_rounds
from adwright.experiment.offpolicy.slates import slate_terms
from adwright.experiment.offpolicy.support import Support, UnsupportedPolicyError, check_support
from adwright.experiment.offpolicy.terms import Estimator, Terms
from adwright.experiment.offpolicy.tuning import tune

__all__ = [
    "Choice",
    "ControlVariates",
    "Diagnostics",
    "Estimated",
    "Estimator",
    "Interval",
    "LoggedRounds",
    "PolicyValue",
    "Replay",
    "Support",
    "Terms",
    "UnsupportedPolicyError",
    "check_support",
    "choose_estimator",
    "cross_fitted_rewards",
    "diagnose",
    "difference",
    "empirical_bernstein",
    "evaluate_policy",
    "logged_rounds",
    "make_estimator",
    "replay",
    "slate_terms",
    "studentised",
    "tune",
    "weighted_counts",
]
